"""docs/files.md, made from spec/ and the suites.

It is what a district's data admin is sent. Only what holds for every file is worded here; files, columns and
rules are read from where they are defined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rostersync import paths
from rostersync.pages.markdown import anchor, code, listed, plain, table
from rostersync.spec import ENTITIES, FILES, Column, Domain, Entity, File, Kind, files_of
from rostersync.spec.grades import GRADES, NO_GRADE
from rostersync.spec.languages import languages
from rostersync.spec.notes import SENDING
from rostersync.spec.sensitive import sensitive_names
from rostersync.spec.text import PLACEHOLDERS
from rostersync.validation import Suites, load_suites, may_differ
from rostersync.validation.model import Check, RuleMeta
from rostersync.validation.vocabulary import EXCEL_ERRORS, MAX_ID, Phase

PAGE = "docs/files.md"

"""What staging reads as blank in an optional column (a test holds it against the rules' own pattern)."""

_MOST_VALUES = 8
"""A longer list of accepted values is shown by its ends and its length."""

_FORMS = {
    Kind.ID: f"id: no spaces, at most {MAX_ID} characters",
    Kind.NAME: "text",
    Kind.TEXT: "text",
    Kind.EMAIL: "email: `name@example.org`",
    Kind.PHONE: "phone: 10 digits with area code",
    Kind.GRADE: "grade",
    Kind.STATUS: "status",
    Kind.FLAG: "yes or no",
    Kind.LANGUAGE: "language, code or name",
    Kind.DATE: "date: `mm/dd/yyyy` or `yyyy-mm-dd`",
    Kind.YEAR: "school year: `yyyy`",
    Kind.CODE: "a code of the district's list",
    Kind.ROLE: "role",
    Kind.JSON: "further columns",
}

_MAP_WORDS = {Kind.STATUS: {"drop"}}
"""Values that only a district's map gives; nobody may send them."""

_UPLOADS = {
    Domain.CORE: "the nightly upload",
    Domain.TERMS: "the upload of terms",
    Domain.ATTENDANCE: "the upload of attendance",
}

_KEY_WORDS = {
    "contact_key": "the contact (`parent_id`, or `first_name` and `last_name` where it is blank)",
    "member_key": "the member (of `staff_id`, `parent_id`, `email` and `mobile` the first that has a value: which one, and the value)",
}
"""Key columns that resolve makes; no file holds them."""

_SUBJECTS = {"staff_id": "staff member", "contact_key": "contact", "member_key": "member"}
"""Whom a key column stands for, where its name without ``_id`` does not say it."""

_HEAD = """# The files

<!-- Made by `make docs` from the file contract and the suites; do not edit. -->

What a district's SIS exports and uploads, and what is checked. The files stand in the order in which mistakes
are best corrected: a missing school is behind many students that cannot be placed.
"""


def _general() -> str:
    """What holds for every file."""
    placeholders = listed([code(p) for p in PLACEHOLDERS], "and")
    errors = listed([code(e) for e in EXCEL_ERRORS], "and")
    return f"""## When to send

{_bullets(SENDING)}

## What holds for every file

### The file

- A file is a CSV file with the name given here, in lower case. An Excel workbook, a ZIP archive or another
  format is rejected.
- A comma separates the values. Another separator must be agreed with us first.
- A value with a comma, a quote or a line break in it stands in double quotes. A quote inside such a value is
  written twice: `"Room ""A"", east"`.
- The text is UTF-8. A file that is not UTF-8 is read as Windows-1252 and reported: letters with accents may
  be wrong.
- Send the whole file every time. A record that is no longer in it is taken as gone. A file that is missing,
  empty or rejected deletes nothing.
- When a required file is rejected, nothing of the whole upload is loaded.

### The header

- The first line holds the names of the columns, written exactly as here: lower case, with underscores.
  `Student_ID`, `student id` and `student-id` are not `student_id`. Their order is free.
- A required column must be in the header, or the file is rejected. An optional column may be left away: it
  is read as blank.
- A column that stands in the header twice rejects the file.
- A column that is not listed here is reported and not used, unless its file says otherwise.

### The values

- **Blank** is nothing between two commas. White space around a value does not count. In an optional column
  {placeholders} are read as blank, too, and reported.
- A **required** column needs a value in every record. Spreadsheet errors are never a value there: {errors}.
- **Ids** are text: `007` stays `007`, and `a1` is not `A1`. They hold no spaces and no invisible
  characters. Keep an id the same from upload to upload. Do not open the file in a spreadsheet: it removes
  leading zeros and leaves `1.23E+05`, `="00123"`, `'00123` or `123.0`.
- **Text** is kept as sent, with accents and apostrophes. The character U+FFFD is reported: the SIS lost a
  letter there.
- **Dates** are `mm/dd/yyyy` (`9/1/2026` is fine) or `yyyy-mm-dd`. Nothing else is guessed. A file with days
  before months is rejected. The years are 1990 to 2100.
- **Phones** are US numbers of 10 digits with area code. Spaces, punctuation, a leading `+1` and an extension
  such as `x123` or `#12` are fine and are left out.
- **Emails** are one address each. Upper and lower case do not matter.
- **Grades** are whole numbers: {_grades()}.
  Other codes, such as `PK` or `K`, must be agreed with us first, with the grade that each stands for.
- **Status** is 1 for active and 0 for incoming; blank is active. Other codes must be agreed with us first.
- **Yes or no** is 1 or 0.
- **Languages** are ISO 639 codes of two or three letters (`es`, `spa`, `hmn`) or names, English, the
  language's own or a [common one](#languages), in any case. Other codes must be agreed with us first.
- **Personal** values are about a person. Our reports name the file, the line and the rule, never such a
  value.

{_mistakes()}"""


def _mistakes() -> str:
    """What a mistake leads to, for every file."""
    return f"""### What happens to a mistake

Every mistake is reported with its rule and its line.

{table(("severity", "what happens", "which means"), _SEVERITY_ROWS)}

A record that is left out deletes nothing: what an earlier upload said of it stays, unless the new record says
that nobody can be reached, or what it belongs to is gone.

The last column of a table of rules says what may be agreed with us for one district: how severe a breach is,
and the numbers of a rule with the least and the most they can be. What is agreed stands in the district's
report.

### Languages

Every code of ISO 639-1 and ISO 639-2 is known, and every language's name. These have further names and codes
that may be sent:

{table(("kept as", "language", "also"), _common_names())}"""


def _bullets(texts: Sequence[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _grades() -> str:
    named = [f"{code(str(n))} {name}" for n, name in GRADES.items() if n < 2 or n == NO_GRADE]
    return ", ".join([*named[:-1], f"… {code('12')} {GRADES[12]}", named[-1]])


def _common_names() -> list[tuple[str, str, str]]:
    return [(code(x.code), x.english[0], ", ".join(x.common)) for x in languages() if x.common]


_REJECTED = "the file is rejected"
_RECORD_OUT = "the record is left out"
_VALUE_OUT = "the value is left out"
_REPORTED = "reported"

_SEVERITY_ROWS = (
    ("critical", _REJECTED, "None of its records is loaded; the last good file counts."),
    ("error", _RECORD_OUT, "It waits until it is corrected; the other records are loaded."),
    ("warning", _VALUE_OUT, "The record is loaded with this value blank."),
    (
        "warning",
        _REPORTED,
        "The record stays. What to do says when something of it does not count.",
    ),
)


def page(suites: Suites | None = None) -> str:
    """The page's text, of the project's own suites unless others are given.

    Raises SuiteError when the project's suites have mistakes.
    """
    suites = suites or load_suites(paths.expectations_folder())
    # as in reports: parents first
    order = dict.fromkeys([e.file for e in ENTITIES.values()] + list(FILES))
    read = [FILES[n] for n in order if n in suites.files]
    parts = [_HEAD.rstrip(), _contents(read), _general(), _lines(suites)]
    parts += [_file(f, suites) for f in read]
    return "\n\n".join(parts) + "\n"


def what_happens(rule: RuleMeta) -> str:
    """What a broken rule does to the file, record or value, in words."""
    if rule.severity == "critical":
        return _REJECTED
    if rule.severity == "error":
        return _RECORD_OUT
    return _VALUE_OUT if rule.blanks_value else _REPORTED


def accepted_form(column: Column, checks: Iterable[Check]) -> str:
    """The kind of value of a column in words, as Markdown; ``checks``: those of its file."""
    form = _FORMS[column.kind]
    for check in checks:
        if column.name in check.kwargs.get("columns", ()) and "max_length" in check.kwargs:
            form += f", at most {check.kwargs['max_length']} characters"
        if check.column == column.name and "value_set" in check.kwargs and _says_all(check):
            unsent = _MAP_WORDS.get(column.kind, set())
            form += f": {_values([v for v in check.kwargs['value_set'] if v not in unsent])}"
    return form


def _says_all(check: Check) -> bool:
    """A set of what may be sent, not of what may not."""
    return check.type == "expect_column_values_to_be_in_set"


def _contents(files: Sequence[File]) -> str:
    rows = [
        (f"[{f.csv}](#{anchor(f.csv)})", _required(_is_needed(f)), _UPLOADS[f.domain])
        for f in files
    ]
    return table(("file", "in the upload", "which"), rows)


def _lines(suites: Suites) -> str:
    """The rules of parsing."""
    rules = [r for r in suites.rules if r.phase is Phase.PARSE]
    text = "A line that cannot be read as a record breaks one of these rules, in any file."
    return f"### Lines that cannot be read\n\n{text}\n\n{_rules(rules, {})}"


def _file(file: File, suites: Suites) -> str:
    checks = [c for c in suites.checks if c.file == file.name]
    columns = [
        (
            code(c.name),
            _required(c.required)
            + (", may be blank" if c.may_be_blank else "")
            + (", one of several" if _in_group(file, c) else ""),
            accepted_form(c, checks),
            "yes" if c.personal else "no",
            plain(c.note),
        )
        for c in file.columns
    ]
    return "\n\n".join(
        [
            f"## {file.csv}",
            _facts(file),
            f"### Columns of {file.csv}",
            table(
                ("column", "in the header", "kind of value", "personal", "what it is for"), columns
            ),
            f"### Rules of {file.csv}",
            _rules([r for c in checks for r in c.rules], may_differ(suites)),
        ]
    )


def _facts(file: File) -> str:
    """What the file is, as a list."""
    fed = [e for e in ENTITIES.values() if e.file == file.name]
    finest = max(fed, key=lambda e: len(e.key))
    subjects = listed([_subject(k) for k in finest.key], "and")
    facts = [
        ("What it is", f"one record for each {subjects}. {plain(file.note)}".rstrip()),
        (
            "Required" if _is_needed(file) else "Optional",
            f"{_UPLOADS[file.domain]} {'must' if _is_needed(file) else 'may'} hold this file.",
        ),
        ("Key", f"{_keys(fed)}."),
    ]
    if references := _references(file, fed):
        facts.append(("Refers to", f"{references}."))
    if file.office:
        facts.append(
            ("District office", "a `school_id` of the office, agreed with us, may be used, too.")
        )
    for alias, name in sorted(file.aliases.items()):
        facts.append(
            (
                "Another name",
                f"{code(alias)} is read as {code(name)}. A file with both is rejected.",
            )
        )
    for group in file.one_of:
        names = listed([code(n) for n in group], "or")
        facts.append(("One of several", f"the header must have {names}, or the file is rejected."))
    if file.wide:
        of, what = file.wide.replaces
        facts.append(
            (
                "Second layout",
                f"instead of {code(of)} and {code(what)}, the columns `p0`, `p1`, `p2` and so on, one for"
                f" each {of}, with the {what} in the cell: one record for each student and date. A blank cell"
                f" means that there is nothing. {file.wide.note} A file with the columns of both layouts is"
                " rejected.",
            )
        )
    if file.attributes:
        facts.append(("Other columns", _other_columns()))
    return "\n".join(f"- **{name}**: {text}" for name, text in facts)


def _other_columns() -> str:
    groups = [
        f"{what} ({', '.join(map(code, names))})" for what, names in sensitive_names().items()
    ]
    return (
        "are kept under the names they have in the header, as further facts, unless we agreed on those that"
        " are. Left out, with a warning, are columns with a name that says: "
        f"{'; '.join(groups)}. `*` stands for the rest of a word; please send no such column."
    )


def _keys(fed: Sequence[Entity]) -> str:
    """What tells one record from another, for everything the file feeds."""
    keys = [listed([_KEY_WORDS.get(k, code(k)) for k in e.key], "and") for e in fed]
    if len(fed) == 1:
        return keys[0]
    names = [e.name.replace("_", " ") for e in fed]
    return "; ".join(f"{key} for {name}" for key, name in zip(keys, names, strict=True))


def _references(file: File, fed: Sequence[Entity]) -> str:
    """Which columns must be found in which other file."""
    found = dict.fromkeys(
        f"{listed([code(c) for c in r.columns], 'and')} in {ENTITIES[r.entity].file}.csv"
        for e in fed
        for r in e.references
        if ENTITIES[r.entity].file != file.name
    )
    return "; ".join(found)


def _is_needed(file: File) -> bool:
    """An upload of terms or of attendance is its one file."""
    return file.required or len(files_of(file.domain)) == 1


def _in_group(file: File, column: Column) -> bool:
    return any(column.name in group for group in file.one_of)


def _required(required: bool) -> str:
    return "required" if required else "optional"


def _subject(key: str) -> str:
    return _SUBJECTS.get(key, key.removesuffix("_id").replace("_", " "))


def _rules(rules: Iterable[RuleMeta], agreed: Mapping[str, str]) -> str:
    """``agreed``: by rule, what a district may differ in."""
    rows = [
        (code(r.id), r.severity, what_happens(r), plain(r.hint), plain(agreed.get(r.id, "")))
        for r in rules
    ]
    header = ("rule", "severity", "what happens", "what to do", "may be agreed")
    return table(header if agreed else header[:-1], [r if agreed else r[:-1] for r in rows])


def _values(values: Sequence[str]) -> str:
    """Accepted values: whole numbers in a row by their ends, a long list by its ends and its length."""
    parts = [
        code(run[0]) if len(run) == 1 else f"{code(run[0])} to {code(run[-1])}"
        for run in _runs(values)
    ]
    if len(parts) <= _MOST_VALUES:
        return listed(parts, "or")
    return f"one of {len(parts)} ({', '.join(parts[:3])}, … {parts[-1]})"


def _runs(values: Sequence[str]) -> list[list[str]]:
    """Neighbours that count up by one, three and more of them, as one list."""
    runs: list[list[str]] = []
    for value in values:
        if runs and _whole(value) and _whole(runs[-1][-1]) and int(value) == int(runs[-1][-1]) + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return [part for run in runs for part in ([run] if len(run) > 2 else [[v] for v in run])]


def _whole(text: str) -> bool:
    return bool(re.fullmatch(r"-?[0-9]+", text))
