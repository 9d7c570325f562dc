"""No note of the layouts' public source is lost: each, in our words, is where a district reads it."""

from __future__ import annotations

import re

import pytest

from rostersync import paths
from rostersync.spec import FILES
from rostersync.spec.notes import COLUMN_NOTES, FILE_NOTES, SENDING

SOURCE: dict[str, tuple[str, ...]] = {
    # when to send what
    "changes are made in the SIS and show after the next sync": ("sending", "SIS", "next sync"),
    "say when the files are ready for the first load": ("sending", "first", "tell us when"),
    "send by a program in the early evening": ("sending", "program", "early evening"),
    "that is recommended and no condition": ("sending", "by hand is possible"),
    "a single school is a district": ("sending", "stands alone", "district of one school"),
    "one account for the district": ("sending", "One account", "whole district"),
    "each file holds all schools": ("sending", "each file holds all its schools"),
    "terms are read weekly": ("terms", "once a week"),
    "not nightly": ("terms", "not each night"),
    "and by hand": ("terms", "on request"),
    "attendance about 15 minutes before the notice": ("sending", "15 minutes before"),
    "the most recent file is used": ("sending", "newest file counts"),
    "several notices a day need several files": ("sending", "a file of its own"),
    # every file
    "a header, with exactly these names": ("every file", "exactly as here"),
    "underscores, no spaces or dashes": (
        "every file",
        "underscores",
        "`student id`",
        "`student-id`",
    ),
    "all fields are strings": ("every file", "`007` stays `007`"),
    "ids without spaces": ("every file", "no spaces"),
    "phones of 10 digits": ("every file", "10 digits"),
    "two forms of a date": ("every file", "`mm/dd/yyyy`", "`yyyy-mm-dd`"),
    "-4 is PreK 1": ("every file", "`-4` PreK 1"),
    "-3 is PreK 2": ("every file", "`-3` PreK 2"),
    "-2 is Junior Kindergarten": ("every file", "`-2` Junior Kindergarten"),
    "-1 is Transitional Kindergarten": ("every file", "`-1` Transitional Kindergarten"),
    "0 is Kindergarten": ("every file", "`0` Kindergarten"),
    "1 is 1st Grade": ("every file", "`1` 1st Grade"),
    "100 is no grades": ("every file", "`100` No grades"),
    "languages by ISO 639-1, ISO 639-2 or a common name": (
        "every file",
        "ISO 639-1 and ISO 639-2",
        "common one",
    ),
    # columns
    "portion: semester, trimester, quarter": ("terms.portion", "semester", "trimester", "quarter"),
    "school_year: that the term contributes to": ("terms.school_year", "counts to", "four digits"),
    "term_id is unique": ("terms.term_id", "one school"),
    "student_id is unique": ("students.student_id", "One student"),
    "grades from -4 to 12, or 100": ("students.grade_level", "-4 to 12", "100"),
    "other grades: share your codes": ("students.grade_level", "which codes"),
    "1 = active, 0 = incoming": ("students.status", "1 is active", "0 is incoming"),
    "parent_id may be called contact_id": ("parents.parent_id", "contact_id"),
    "parents need a phone or email (email)": ("parents.email", "phone or email", "not synced"),
    "parents need a phone or email (mobile)": ("parents.mobile", "phone or email", "not synced"),
    "other languages: share a map": ("parents.language", "which other codes"),
    "primary is yes or no": ("parents.primary", "1 for a primary contact"),
    "relationship": ("parents.relationship", "kept as sent"),
    "one staff member at several schools": ("staff.staff_id", "same at each school"),
    "staff need a phone or email (email)": ("staff.email", "phone or email", "not synced"),
    "staff need a phone or email (mobile)": ("staff.mobile", "phone or email", "not synced"),
    "login for SAML without emails": ("staff.login", "user name", "SAML", "not the email"),
    "section_id is unique in its school": ("sections.section_id", "one school"),
    "the primary teacher": ("sections.is_primary", "1 for the primary teacher"),
    "of whom there is one": ("sections.is_primary", "a section has one"),
    "whose last name is in the section's name": ("sections.is_primary", "last name", "name"),
    # attendance
    "two layouts": ("attendance", "two layouts"),
    "for periods or for days": ("attendance", "single periods or whole days"),
    "all schools in one file": ("attendance", "all schools in one file"),
    "at the time that was chosen": ("attendance", "hours that were agreed"),
    "codes match exactly, case included": ("attendance.code", "list", "upper and lower case"),
    "as many records as needed": ("attendance.student_id", "as many records"),
    "the period's name or all_day": ("attendance.period", "name of the class period", "all_day"),
    "one record a period": ("attendance.period", "one record for each"),
    "p<n> is period n": ("attendance second layout", "`p1`", "period 1", "`p0`"),
    "one record with a column for each period": ("attendance second layout", "one record for each"),
    # groups
    "groups.csv has the list of groups": ("groups", "list of the groups"),
    "group_members.csv has students": ("group_members", "students"),
    "school_id is the group's": ("group_members.school_id", "school of the group"),
    "group_user_members.csv has the others": ("group_user_members", "no student"),
    "parent_id is the contact_id": ("group_user_members.parent_id", "contact_id", "parents.csv"),
    "email where there is no id": ("group_user_members.email", "staff_id and parent_id are blank"),
    "member or owner": ("group_user_members.role", "member", "owner"),
    # emergency contacts
    "one of email or phone (email)": ("emergency_contacts.email", "phone or email"),
    "one of email or phone (phone)": ("emergency_contacts.phone", "phone or email"),
    "urgent alerts only": ("emergency_contacts", "urgent alerts and nothing else"),
    "no account": ("emergency_contacts", "no account"),
}
"""A note of the source -> where it is, and words that have to stand there."""


def where(place: str) -> str:
    """The text a district finds at a place."""
    page = (paths.home() / "docs" / "files.md").read_text(encoding="utf-8")
    if place == "sending":
        return page.split("## When to send\n")[1].split("\n## ")[0]
    if place == "every file":
        return " ".join(page.split("## What holds for every file\n")[1].split("\n## ")[0].split())
    name, _, column = place.partition(".")
    name, _, layout = name.partition(" ")
    section = page.split(f"\n## {name}.csv\n")[1].split("\n## ")[0].replace("\\", "")
    kind = "Second layout" if layout else "What it is"
    line = rf"^\| `{column}` \|.*$" if column else rf"^- \*\*{kind}\*\*.*$"
    [found] = re.findall(line, section.split("\n### Rules")[0], re.MULTILINE)
    return str(found)


@pytest.mark.parametrize("said", SOURCE)
def test_no_note_of_the_source_is_lost(said: str) -> None:
    place, *words = SOURCE[said]
    text = where(place)
    assert [w for w in words if w not in text] == [], text


def test_every_note_is_of_a_file_and_column_that_there_is() -> None:
    assert set(FILE_NOTES) <= set(FILES)
    for name, notes in COLUMN_NOTES.items():
        assert set(notes) <= {c.name for c in FILES[name].columns}
        for column in FILES[name].columns:
            assert column.note == notes.get(column.name, "")


def test_a_note_is_a_sentence_or_two() -> None:
    notes = [
        *FILE_NOTES.values(),
        *(n for c in COLUMN_NOTES.values() for n in c.values()),
        *SENDING,
    ]
    assert [n for n in notes if not n.endswith(".")] == []
    assert [n for n in notes if len(n) > 320] == []
