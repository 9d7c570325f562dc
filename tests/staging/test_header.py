"""Binding by name, and messages a district can act on."""

from __future__ import annotations

import json

import pytest

from rostersync.archive import FileShape, FileState
from rostersync.spec import FILES
from rostersync.staging import shape_of
from tests.staging.conftest import Stage, Staged

PARENTS = "school_id,student_id,first_name,last_name"


def test_order_is_free(stage: Stage) -> None:
    staged = stage("student_id,school_id,section_id\nx,1,A\n")
    assert staged.rows == [
        {
            "_line": 2,
            "school_id": "1",
            "school_id__raw": "1",
            "section_id": "A",
            "section_id__raw": "A",
            "student_id": "x",
            "student_id__raw": "x",
        }
    ]


@pytest.mark.parametrize(
    "wrong", ["Student_ID", "student id", "student-id", "StudentID", " student_id"]
)
def test_a_wrong_form_names_the_right_one(stage: Stage, wrong: str) -> None:
    staged = stage(f"school_id,section_id,{wrong}\n1,A,a\n")
    assert staged.said.state is FileState.REJECTED
    message = staged.message("file.header.missing_column")
    assert f'"{wrong}"' in message
    assert "must be written student_id" in message


def test_a_missing_column_suggests_the_nearest_unknown_one(stage: Stage) -> None:
    staged = stage("school_id,section_id,studnt_identifier\n1,A,a\n")
    assert 'no column student_id; is it the one called "studnt_identifier"?' in staged.message(
        "file.header.missing_column"
    )
    assert staged.said.records is None


def test_every_missing_column_is_named(stage: Stage) -> None:
    staged = stage("school_id\n1\n")
    columns = {f.column for f in staged.said.findings if f.severity == "critical"}
    assert columns == {"section_id", "student_id"}


def test_a_first_line_that_is_no_header_is_not_quoted(stage: Stage) -> None:
    staged = stage("1,Aspen,Testkid\n")
    assert staged.rules == {"file.header.none"}
    assert "Testkid" not in str(staged.said)


def test_one_of_two_columns_is_enough_and_none_is_not(stage: Stage) -> None:
    assert stage(f"{PARENTS},mobile\n1,s,A,B,5550100199\n", "parents").rows
    staged = stage(f"{PARENTS},e_mail\n1,s,A,B,x\n", "parents")
    assert 'email or mobile; is it the one called "e_mail"?' in staged.message(
        "file.header.missing_column"
    )


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ("school_id,section_id,student_id,student_id", "file.header.duplicate_column"),
        ("school_id,section_id,student_id,note,note", "file.header.duplicate_column"),
        ("school_id,,section_id,student_id", "file.header.unnamed_column"),
        ("school_id,section_id,student_id,,", "file.header.unnamed_column"),
    ],
)
def test_headers_that_reject(stage: Stage, header: str, rule: str) -> None:
    staged = stage(header + "\n" + "1," * header.count(",") + "1\n")
    assert staged.said.state is FileState.REJECTED
    assert rule in {f.rule for f in staged.said.findings if f.severity == "critical"}


def test_a_header_too_long_to_be_one_rejects(stage: Stage) -> None:
    staged = stage(f"school_id,section_id,student_id,{'x' * 500_000}\n1,A,a,\n")
    assert staged.said.state is FileState.REJECTED
    assert staged.rules == {"file.header.too_long"}


@pytest.mark.parametrize(
    ("last", "record"),
    [('"bus', '1,a,Aspen,Testkid,3,x"'), ('"bus', '1",a,Aspen,Testkid,3,x'), ('"bus', 'stop"')],
)
def test_a_header_swallows_no_record(stage: Stage, last: str, record: str) -> None:
    """It would be lost from the count, and its values would be told as names of columns."""
    head = "school_id,student_id,first_name,last_name,grade_level"
    staged = stage(f"{head},{last}\n{record}\n1,b,Birch,Testkid,3,x\n", "students")
    assert staged.said.state is FileState.REJECTED
    assert staged.rules == {"file.header.quote"}
    assert "Aspen" not in str(staged.said)


def test_columns_are_bounded(stage: Stage) -> None:
    head = "school_id,student_id,first_name,last_name,grade_level"
    for extra, state in ((495, FileState.ACCEPTED), (496, FileState.REJECTED)):
        names = "".join(f",n{i}" for i in range(extra))
        staged = stage(f"{head}{names}\n1,a,Aspen,Testkid,3{',v' * extra}\n", "students")
        assert staged.said.state is state
    assert staged.rules == {"file.header.too_many_columns"}
    assert "501 columns" in staged.message("file.header.too_many_columns")


class TestAliases:
    def test_contact_id_is_parent_id(self, stage: Stage) -> None:
        staged = stage(f"contact_id,{PARENTS},email\np1,1,s,A,B,a@example.org\n", "parents")
        assert staged.column("parent_id") == ["p1"]
        assert staged.said.findings == ()

    def test_both_reject(self, stage: Stage) -> None:
        staged = stage(f"contact_id,parent_id,{PARENTS},email\n1,1,1,s,A,B,\n", "parents")
        assert staged.rules == {"file.header.two_names"}

    def test_the_districts_own(self, stage: Stage) -> None:
        files = {"rosters": {"headers": {"SchoolID": "school_id"}}}
        staged = stage("SchoolID,section_id,student_id\n1,A,a\n", files=files)
        assert staged.column("school_id") == ["1"]
        staged = stage("SchoolID,school_id,section_id,student_id\n1,1,A,a\n", files=files)
        assert staged.rules == {"file.header.two_names"}


class TestOptionalColumns:
    header = "school_id,section_id,staff_id,course_name"

    def test_missing_is_blank_and_silent(self, stage: Stage) -> None:
        staged = stage(f"{self.header}\n1,A,t,Maths\n", "sections")
        assert staged.column("term_id") == staged.column("term_id__raw") == [None]
        assert staged.said.findings == ()

    def test_what_it_looks_like_is_named_as_the_contract_names_it(self) -> None:
        aliases = {"SchoolID": "school_id"}
        header = (
            "Room",
            "term_id",
            "SchoolID",
            "course_name",
            "staff_id",
            "section_id",
            " ",
            "Gym",
        )
        shape = shape_of(FILES["sections"], header, aliases, ends_with_newline=False)
        columns = ("school_id", "section_id", "term_id", "staff_id", "course_name")
        assert shape == FileShape(columns, False, unknown=("Gym", "Room"))

    def test_near_miss_is_named(self, stage: Stage) -> None:
        staged = stage(f"{self.header},Term-ID\n1,A,t,Maths,F\n", "sections")
        assert "write it exactly so" in staged.message("file.header.near_miss")

    def test_unknown_columns_are_one_finding(self, stage: Stage) -> None:
        staged = stage(f"{self.header},room,colour\n1,A,t,Maths,5,red\n", "sections")
        [finding] = staged.said.findings
        assert (finding.rule, finding.count) == ("file.header.unknown_column", 2)
        assert "room" in finding.message

    def test_column_suggested_for_a_missing_one_is_not_told_again(self, stage: Stage) -> None:
        staged = stage(
            "school_id,section id,staff_id,course_name,room\n1,A,t,Maths,5\n", "sections"
        )
        told = {f.rule: f.message for f in staged.said.findings}
        assert '"section id"' in told["file.header.missing_column"]
        assert '"room"' in told["file.header.unknown_column"]
        assert "section id" not in told["file.header.unknown_column"]


def test_students_keep_unknown_columns(stage: Stage) -> None:
    staged = stage(
        'school_id,zone\'s "x",student_id,first_name,last_name,grade_level,Bus,bus\n'
        '1, red ,a,Aspen,Testkid,3,"7 ""b""",#N/A\n1,,b,Aspen,Testkid,3,,\n',
        "students",
    )
    assert staged.column("attributes") == ['{"Bus":"7 \\"b\\"","zone\'s \\"x\\"":"red"}', None]
    assert staged.said.findings == ()


HEAD = "school_id,student_id,first_name,last_name,grade_level"


def with_columns(stage: Stage, *names: str, **attributes: object) -> Staged:
    """Students with these columns beside the contract's, each with a value."""
    header = ",".join((HEAD, *names))
    config = {"attributes": attributes} if attributes else {}
    return stage(f"{header}\n1,a,Aspen,Testkid,3{',v' * len(names)}\n", "students", **config)


def kept(staged: Staged) -> set[str]:
    return {name for cell in staged.column("attributes") for name in json.loads(cell or "{}")}


class TestAttributesThatAreRefused:
    RULE = "file.header.refused_column"

    def test_a_sensitive_name_is_left_out_and_told_with_what_to_do(self, stage: Stage) -> None:
        staged = with_columns(stage, "SSN", "homeroom", "medical_alert")
        assert kept(staged) == {"homeroom"}
        assert staged.said.state is FileState.ACCEPTED
        assert staged.said.refused == ("SSN", "medical_alert")
        [finding] = staged.said.findings
        assert (finding.rule, finding.severity, finding.count) == (self.RULE, "warning", 2)
        assert '"SSN" (by its name: a number that opens accounts)' in finding.message
        assert '"medical_alert" (by its name: health)' in finding.message
        assert "attributes.allow" in finding.message

    def test_a_list_of_those_allowed_holds_whatever_their_names_say(self, stage: Stage) -> None:
        staged = with_columns(
            stage, "Medical Alert", "homeroom", "nickname", allow=["medical_alert", "Homeroom"]
        )
        assert kept(staged) == {"Medical Alert", "homeroom"}
        assert '"nickname" (not in attributes.allow)' in staged.message(self.RULE)

    def test_a_list_of_those_refused_comes_beside_the_sensitive_ones(self, stage: Stage) -> None:
        staged = with_columns(stage, "Nick-Name", "ssn", "bus", refuse=["nickname"])
        assert kept(staged) == {"bus"}
        assert '"Nick-Name" (attributes.refuse)' in staged.message(self.RULE)

    def test_records_that_differ_in_nothing_else_are_the_same(self, stage: Stage) -> None:
        staged = stage(f"{HEAD},ssn\n1,a,Aspen,Testkid,3,x\n1,a,Aspen,Testkid,3,y\n", "students")
        assert staged.column("attributes") == [None, None]
        assert "x" not in str(staged.said).split()

    def test_a_name_nobody_can_see_is_spelled_out(self, stage: Stage) -> None:
        staged = with_columns(stage, "ssn\u200b<b>", refuse=["x"])
        assert '"ssn\\u200b<b>"' in staged.message(self.RULE)

    def test_other_files_have_none(self, stage: Stage) -> None:
        staged = stage("school_id,student_id,section_id,ssn\n1,a,A,v\n")
        assert staged.rules == {"file.header.unknown_column"}


def test_students_without_unknown_columns_have_no_attributes(stage: Stage) -> None:
    staged = stage(
        "school_id,student_id,first_name,last_name,grade_level\n1,a,Aspen,Testkid,3\n", "students"
    )
    assert staged.column("attributes") == [None]


def test_a_person_whose_value_is_a_column_name_is_not_taken_for_a_header(stage: Stage) -> None:
    row = "1,s1,p1,Aspen,Testparent,aspen@example.org,,en,1,Primary"
    staged = stage(f"{row}\n{row}\n", "parents")
    assert staged.rules == {"file.header.none"}
    assert "Aspen" not in staged.message("file.header.none")
