from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from rostersync import paths
from rostersync.pages.files_page import PAGE, PLACEHOLDERS, accepted_form, page
from rostersync.spec import ENTITIES, FILES, Domain
from rostersync.spec.languages import languages
from rostersync.validation import Suites, load_suites, may_differ, suites_from
from rostersync.validation.vocabulary import PLACEHOLDER, Phase


@pytest.fixture(scope="module")
def suites() -> Suites:
    return load_suites(paths.expectations_folder())


@pytest.fixture(scope="module")
def text(suites: Suites) -> str:
    return page(suites)


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def cells(line: str) -> list[str]:
    """A table's line as GitHub reads it: an escaped pipe ends no cell."""
    return [c.strip() for c in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def rows(text: str) -> dict[str, list[str]]:
    """The table lines that start with a name in code, by that name; none may stand twice."""
    found = [cells(line) for line in text.splitlines() if line.startswith("| `")]
    named = {row[0].strip("`"): row[1:] for row in found}
    assert len(named) == len(found)
    return named


def edited(suites: Suites, edit: Callable[[dict[str, Any]], None]) -> str:
    """The page of suites that data-ops changed."""
    documents = copy.deepcopy(dict(suites.documents))
    edit(documents)
    return page(suites_from(documents))


def expectation(document: dict[str, Any], rule: str) -> dict[str, Any]:
    return next(e for e in document["expectations"] if e["meta"]["rule"] == rule)


def test_the_page_is_what_the_contract_and_the_suites_say(text):
    assert (paths.home() / PAGE).read_text(encoding="utf-8") == text, (
        "docs/files.md is stale: run `make docs`"
    )


def test_every_rule_stands_under_its_file_with_its_severity_and_what_to_do(suites, text):
    for rule in suites.rules:
        place = section(text, f"{rule.file}.csv" if rule.file else "What holds for every file")
        severity, happens, hint = rows(place)[rule.id][:3]
        assert severity == rule.severity, rule.id
        assert happens, rule.id
        assert hint.replace("\\", "") == rule.hint.replace("\\", ""), rule.id


def test_what_may_be_agreed_stands_beside_its_rule(suites, text):
    differs = may_differ(suites)
    for rule in suites.rules:
        if rule.file is None:
            continue
        agreed = rows(section(text, f"{rule.file}.csv"))[rule.id][3]
        assert agreed == differs.get(rule.id, ""), rule.id


def test_every_column_of_every_file_that_is_read_stands_under_its_file(suites, text):
    assert suites.files
    for name in suites.files:
        found = rows(section(text, f"{name}.csv").split("\n### Rules")[0])
        assert list(found) == [c.name for c in FILES[name].columns]
        for column in FILES[name].columns:
            needed, kind, personal, note = found[column.name]
            assert needed.split(",")[0] == ("required" if column.required else "optional")
            assert kind
            assert personal == ("yes" if column.personal else "no")
            assert note.replace("\\", "") == column.note


def test_a_record_that_stays_is_told_from_one_that_goes(suites, text):
    words = {
        (r.severity, r.blanks_value, rows(section(text, f"{r.file}.csv"))[r.id][1])
        for r in suites.rules
        if r.file
    }
    assert words <= {
        ("critical", False, "the file is rejected"),
        ("error", False, "the record is left out"),
        ("warning", True, "the value is left out"),
        ("warning", False, "reported"),
    }


def test_a_rule_that_rejects_the_file_says_so(suites):
    def edit(documents: dict[str, Any]) -> None:
        expectation(documents["students"], "students.grade_level.known")["meta"]["severity"] = (
            "critical"
        )

    row = rows(section(edited(suites, edit), "students.csv"))["students.grade_level.known"]
    assert row[:2] == ["critical", "the file is rejected"]


def test_files_come_in_the_order_of_fixing_and_none_is_forgotten(suites, text):
    headings = re.findall(r"^## (\w+)\.csv$", text, re.MULTILINE)
    assert headings == [
        n for n in dict.fromkeys(e.file for e in ENTITIES.values()) if n in suites.files
    ]
    unread = [n for n in FILES if n not in suites.files]
    told = section(text, "Not read yet") if unread else ""
    assert re.findall(r"^- `(\w+)\.csv`$", told, re.MULTILINE) == unread


def test_a_file_says_its_key_its_other_names_and_what_it_needs_one_of(suites, text):
    for name in suites.files:
        file = FILES[name]
        facts = section(text, file.csv).split("\n### ")[0]
        [key] = re.findall(r"^- \*\*Key\*\*: (.*)$", facts, re.MULTILINE)
        for entity in (e for e in ENTITIES.values() if e.file == name):
            for part in entity.key:
                held = any(c.name == part for c in file.columns)
                assert (f"`{part}`" in key) == held, "a key is told in columns of the file"
        assert facts.startswith("\n- **What it is**")
        needed = file.required or file.domain is not Domain.CORE
        assert ("**Required**" in facts) == needed
        for alias, column in file.aliases.items():
            assert f"`{alias}` is read as `{column}`" in facts
        for group in file.one_of:
            [needs] = re.findall(r"must have (.*), or the file is rejected", facts)
            assert re.findall(r"`(\w+)`", needs) == list(group)


def test_short_value_lists_are_not_cut(suites, text):
    grades = rows(section(text, "students.csv"))["grade_level"][1]
    assert grades == "grade: `-4` to `12` or `100`"


def test_long_value_lists_are_cut(suites):
    many = [f"v{n:03}" for n in range(100)]

    def edit(documents: dict[str, Any]) -> None:
        expectation(documents["parents"], "parents.primary.flag")["kwargs"]["value_set"] = many

    primary = rows(section(edited(suites, edit), "parents.csv"))["primary"][1]
    assert len(primary) < 80
    assert "one of 100 " in primary
    assert "`v099`" in primary


def test_the_names_a_language_has_in_schools_stand_on_the_page(text):
    known = rows(section(text, "What holds for every file").split("### Languages\n")[1])
    assert known["fa"][0] == "Persian"
    assert "Farsi, " in known["fa"][1]
    assert {language.code for language in languages() if language.common} <= set(known)


def test_a_word_only_a_districts_map_gives_is_not_offered(text):
    assert rows(section(text, "students.csv"))["status"][1] == "status: `0` or `1`"


def test_every_column_of_the_contract_has_words_before_its_file_is_read():
    for file in FILES.values():
        for column in file.columns:
            assert accepted_form(column, ()), (file.name, column.name)


def test_every_table_holds_together(suites):
    hint = 'Correct grade_level: a|b, <b>x</b>, *c*, _d_, [e](f), `g` or ="007" is none.'

    def edit(documents: dict[str, Any]) -> None:
        expectation(documents["students"], "students.grade_level.known")["meta"]["hint"] = hint

    text = edited(suites, edit)
    shown = rows(section(text, "students.csv"))["students.grade_level.known"][2]
    assert shown == (
        r"Correct grade_level: a\|b, \<b\>x\</b\>, \*c\*, \_d\_, \[e\](f), \`g\` "
        'or ="007" is none.'
    )
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(cells(line)) for line in table.splitlines()}) == 1


def test_links_lead_to_the_files(suites, text):
    links = re.findall(r"\]\(#([^)]*)\)", text)
    headings = {
        re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-")
        for h in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    assert {f"{name}csv" for name in suites.files} < set(links)
    assert set(links) <= headings


def test_the_order_of_the_folder_does_not_matter(suites, text):
    assert page(suites_from(dict(reversed(suites.documents.items())))) == text


def test_what_is_said_to_be_read_as_blank_is_what_the_rules_take_for_it(suites, text):
    import duckdb

    with duckdb.connect() as con:
        for word in PLACEHOLDERS:
            assert f"`{word}`" in text
            assert con.execute("select regexp_matches(?, ?)", [word, PLACEHOLDER]).fetchone() == (
                True,
            )
    assert PLACEHOLDER.count("|") == len(PLACEHOLDERS) - 1


def test_rules_of_parsing_stand_in_the_first_section(suites, text):
    parsing = {r.id for r in suites.rules if r.phase is Phase.PARSE}
    assert parsing
    assert parsing <= set(rows(section(text, "What holds for every file")))
