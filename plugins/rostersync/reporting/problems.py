"""What is wrong with an upload, in a district's words: a problem a rule and file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rostersync.archive import FileState, Why, read_not_taken
from rostersync.fold import FileResult, FindingSummary
from rostersync.ledger.results import RunResult
from rostersync.reporting.words import in_fix_order
from rostersync.spec import FILES
from rostersync.spec.rules import NOT_LOOKED_UP

_UNUSABLE = {
    FileState.MISSING: ("The file is not in the upload.", "Export it and upload it again."),
    FileState.EMPTY: ("The file is empty.", "Export it again, with its records."),
    FileState.HEADER_ONLY: (
        "The file has a header and no records.",
        "Export it again, with its records.",
    ),
    FileState.REJECTED: ("The file cannot be used.", "Correct it and upload it again."),
    FileState.STALE: (
        "The file on the server is not of this upload.",
        "Export and upload it again.",
    ),
}
REASONS = {
    "all_day_spelling": "The whole day is not written all_day",
    "blank": "A value is missing",
    "broken_quotes": "A quote is missing or stands in the wrong place",
    "code_near_miss": "The code is a known one but for upper and lower case",
    "code_unknown": "The code is not in the district's list",
    "conflicting_duplicate": "Several records have the same key and say different things",
    "contact_invalid": "The only way to reach this person is not usable",
    "cut_record": "The file ends in the middle of a record",
    "date_invalid": "This is not a date of the calendar, or not in a form that can be read",
    "date_far": "The date is more than 400 days away",
    "dates_swapped": "The last day comes before the first",
    "email_invalid": "This is not one email address",
    "events_vanishing": "More than half of a school's events of one date are not in this file",
    "excel_error": "A spreadsheet error stands in place of a value",
    "flag_unknown": "The value is neither 1 nor 0",
    "grade_unknown": "The grade is not one that is known",
    "id_damaged": "An id is almost one that is known: it looks damaged",
    "id_decimal": "An id ends in .0: it looks like a number of a spreadsheet",
    "id_unclean": "An id has spaces, invisible characters or was changed by a spreadsheet",
    "identity_invalid": "What says who this person is cannot be used",
    "identity_missing": "Nothing says who this person is",
    "language_unknown": "The language is not one that is known",
    "line_too_long": "The line is far longer than a record can be",
    "names_differ": "One id is used with different names",
    "orphan": "The record refers to something that is not in the upload",
    "p0_unsaid": "Nobody has said what the column p0 stands for",
    "parent_quarantined": "What the record refers to is in quarantine itself",
    "period_unheard": "No period of the file is one that a notice tells families of",
    "phone_invalid": "This is not a whole phone number",
    "placeholder": "A word such as NULL or #N/A stands where a cell should be empty",
    "possible_reuse": "Another child seems to be sent under the id of one who is known",
    "ragged_record": "The line has more or fewer fields than the header",
    "role_unknown": "The role is not one that is known",
    "several_primary": "More than one teacher of a section is marked as primary",
    "several_schools": "One student is at several schools",
    "status_unknown": "The status is not one that is known",
    "shared": "Several people have the same value",
    "too_long": "A value is too long",
    "unreachable": "There is no way to reach this person",
    "term_unknown": "The term of this section is not known",
    "school_unknown": "The school is not one that is known",
    "year_far": "The school year is far from the dates of the term",
    "year_invalid": "The school year is not four digits",
    "teacher_unknown": "The teacher of this section is not known",
    "file_too_old": "The file was written too long before the notice it came for",
    "file_not_there": "What the record refers to may be in a file that is not there",
    "first_wins": "Records of one key differ: the first one counts",
}
"""Reasons of the suites in a sentence; one that data-ops add is shown as it is named there."""
_WORDS = {"critical": "Stops the file", "error": "Left out", "warning": "Please check"}


@dataclass(frozen=True, slots=True)
class RuleWords:
    """What the suites say about a rule: ``reason`` names what is wrong, ``hint`` what to do."""

    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule broken in one file, in a district's words. ``lines``: the first 20.

    ``kept``: stored rows that stay because nobody can tell whose these records are.
    """

    file: str
    rule: str
    severity: str
    column: str
    count: int
    lines: tuple[int, ...]
    message: str
    hint: str
    values: str = ""
    kept: int = 0

    @property
    def word(self) -> str:
        """The severity in plain words."""
        return _WORDS[self.severity]


def problems_of(result: RunResult, rules: Mapping[str, RuleWords]) -> Iterator[Problem]:
    """All of an upload, in the order in which they are best corrected. ``rules``: by id."""
    for name, file in in_fix_order(result):
        found = sorted(file.findings, key=lambda f: (bool(f.lines), f.rule))
        is_said = any(f.rule != NOT_LOOKED_UP for f in found)
        if not is_said and _is_a_problem(file.state, result):
            yield _unusable(name, file, result)
        for finding in found:
            yield _problem(f"{name}.csv", finding, rules.get(finding.rule))
    for name in result.ignored:
        yield _stranger(name, result)


def _is_a_problem(state: FileState, result: RunResult) -> bool:
    """An old file is nothing to correct, unless the upload stops for it."""
    return state in _UNUSABLE and (state is not FileState.STALE or not result.outcome.is_success)


def _problem(file: str, finding: FindingSummary, words: RuleWords | None) -> Problem:
    """A finding on records is worded by its rule; one on the file as a whole says itself what it is."""
    message, hint = finding.message, words.hint if words else ""
    if words and (finding.lines or message == hint):
        message = REASONS.get(words.reason, words.reason.replace("_", " ").capitalize()) + "."
        hint = finding.message or hint
    return Problem(
        file=file,
        rule=finding.rule,
        severity=finding.severity,
        column=finding.column or "",
        count=finding.count,
        lines=finding.lines,
        message=message,
        hint=hint,
        values=finding.values,
        kept=finding.kept,
    )


def _unusable(name: str, file: FileResult, result: RunResult) -> Problem:
    stops = FILES[name].required and not result.outcome.is_success
    message, hint = _UNUSABLE[file.state]
    for found in map(read_not_taken, result.ignored):
        if file.state is FileState.MISSING and found.expected == f"{name}.csv":
            hint = f"Rename {found.name} to {found.expected} and upload it again."
    severity = "critical" if stops else "warning"
    return _of_a_file(f"{name}.csv", f"file.state.{file.state}", message, hint, severity)


def _of_a_file(name: str, rule: str, message: str, hint: str, severity: str = "warning") -> Problem:
    """A problem of a file as a whole."""
    return Problem(
        file=name,
        rule=rule,
        severity=severity,
        column="",
        count=1,
        lines=(),
        message=message,
        hint=hint,
    )


def _stranger(line: str, result: RunResult) -> Problem:
    """A file that is not read, because of its name or of what has been agreed."""
    found = read_not_taken(line)
    hint = "Rename it if it is one of the expected files; else leave it out."
    if found.why is Why.MISNAMED:
        is_there = any(
            f"{n}.csv" == found.expected and f.state is not FileState.MISSING
            for n, f in result.files.items()
        )
        hint = (
            f"Send it as {found.expected} if it is the right one; else leave it out."
            if is_there
            else f"Rename it to {found.expected}."
        )
    elif found.why is Why.UNFINISHED:
        hint = "Upload the file again, and delete this one."
    elif found.why is Why.CROWDED:
        hint = "Delete what is not part of the upload, or upload to a folder of its own."
    elif found.why is Why.OFF:
        hint = "Agree with us that it is to be read, or leave it out."
    return _of_a_file(found.name, str(found.why), f"{found.message}.", hint)
