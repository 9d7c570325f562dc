"""The generator's promises: the same bytes again, known churn, references that hold, bad rows on order."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from rostersync import paths
from rostersync.config import load_district
from rostersync.spec import ENTITIES, FILES
from rostersync.synthetic.generate import CORE_FILES, FILES_MADE, generate, read_expected

STUDENTS = 600


@dataclass
class Nights:
    out: Path
    con: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple]:
        """Query the files: ``n1_students`` is students.csv of night 1."""
        return self.con.execute(sql).fetchall()


def open_nights(out: Path, nights: int) -> Nights:
    con = duckdb.connect()
    for night in range(1, nights + 1):
        for path in (out / f"night-{night}").glob("*.csv"):
            con.execute(
                f"create view n{night}_{path.stem} as"
                f" from read_csv('{path}', header=true, all_varchar=true)"
            )
    return Nights(out, con)


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> Nights:
    out = tmp_path_factory.mktemp("clean")
    generate(out, students=STUDENTS, nights=3, churn=3, bad_rows=False, files=FILES_MADE)
    return open_nights(out, 3)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("dirty")
    generate(out, students=STUDENTS, nights=2, churn=3)
    return out


def records(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.reader(f, delimiter=delimiter))


def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path, dirty):
    generate(tmp_path / "again", students=STUDENTS, nights=2, churn=3)
    generate(tmp_path / "other", students=STUDENTS, nights=1, seed=2)
    for path in sorted(dirty.rglob("*")):
        if path.is_file():
            again = tmp_path / "again" / path.relative_to(dirty)
            assert again.read_bytes() == path.read_bytes(), path.name
    one, other = (p / "night-1" / "students.csv" for p in (dirty, tmp_path / "other"))
    assert one.read_bytes() != other.read_bytes()


def test_another_seed_lets_others_leave(tmp_path):
    def newcomers(seed: int) -> set[str]:
        generate(tmp_path, students=80, nights=2, churn=15, seed=seed, files=["students"])
        one, two = (records(tmp_path / f"night-{n}" / "students.csv") for n in (1, 2))
        return {r[1] for r in two} - {r[1] for r in one}

    assert newcomers(1) != newcomers(2)


def test_proportions_are_a_districts(clean):
    counts = read_expected(clean.out, 1).records
    assert counts["students"] == STUDENTS
    assert 1.85 < counts["parents"] / STUDENTS < 1.95
    assert counts["rosters"] == 8 * STUDENTS
    assert 10.5 < sum(counts[f] for f in CORE_FILES) / STUDENTS < 11.7
    for name, count in counts.items():
        assert clean.rows(f"select count(*) from n1_{name}") == [(count,)]


@pytest.mark.parametrize("night", [1, 3])
def test_keys_are_unique_and_references_hold(clean, night):
    keys = {
        "schools": "school_id",
        "terms": "school_id, term_id",
        "students": "student_id",
        "parents": "student_id, parent_id",
        "staff": "school_id, staff_id",
        "sections": "school_id, section_id, staff_id",
        "rosters": "school_id, section_id, student_id",
    }
    for name, key in keys.items():
        twice = f"select {key} from n{night}_{name} group by all having count(*) > 1"
        assert clean.rows(twice) == [], name
    for entity in ENTITIES.values():
        for reference in entity.references if entity.file in keys else ():
            child, parent = f"n{night}_{entity.file}", f"n{night}_{ENTITIES[reference.entity].file}"
            on = " and ".join(
                f"c.{c} = p.{t}" for c, t in zip(reference.columns, reference.to, strict=True)
            )
            orphans = clean.rows(f"select count(*) from {child} c anti join {parent} p on {on}")
            assert orphans == [(0,)], (entity.name, reference.rule)
    lost = f"select count(*) from n{night}_sections c anti join n{night}_terms p using (school_id, term_id)"
    assert clean.rows(lost) == [(0,)]


def test_values_that_must_be_a_persons_own_are(clean):
    for column in ("state_student_id", "student_email", "cellphone"):
        assert clean.rows(
            f"select count({column}) - count(distinct {column}) from n3_students"
        ) == [(0,)]
    for column in ("email", "mobile", "login"):
        assert clean.rows(f"select count({column}) - count(distinct {column}) from n3_staff") == [
            (0,)
        ]
    assert clean.rows(
        "select count(*) from (select parent_id from n3_parents group by 1"
        " having count(distinct (first_name, last_name, email, mobile)) > 1)"
    ) == [(0,)]


@pytest.mark.parametrize("night", [2, 3])
def test_churn_is_a_third_each(clean, night):
    third = STUDENTS * 3 // 300
    new, old = f"n{night}_students", f"n{night - 1}_students"
    added, removed, changed = (
        clean.rows(sql)[0][0]
        for sql in (
            f"select count(*) from {new} anti join {old} using (student_id)",
            f"select count(*) from {old} anti join {new} using (student_id)",
            f"select count(*) from {new} n join {old} o using (student_id)"
            " where n.address_line1 <> o.address_line1",
        )
    )
    assert (added, removed, changed) == (third, third, third)
    expected = read_expected(clean.out, night).students
    assert expected == {"added": third, "removed": third, "changed": third}


def test_churn_reaches_every_file_but_schools(clean):
    def differing(name: str) -> int:
        return clean.rows(f"select count(*) from (from n2_{name} except all from n1_{name})")[0][0]

    assert differing("schools") == 0
    for name in ("students", "parents", "staff", "sections", "rosters"):
        total = clean.rows(f"select count(*) from n2_{name}")[0][0]
        assert 0 < differing(name) < 0.08 * total, name


def test_no_churn_no_difference(tmp_path):
    generate(tmp_path, students=80, nights=2, churn=0, bad_rows=False)
    for name in CORE_FILES:
        one, two = (tmp_path / f"night-{n}" / f"{name}.csv" for n in (1, 2))
        assert one.read_bytes() == two.read_bytes()


def test_bad_rows_are_there_and_counted(dirty):
    expected = read_expected(dirty, 2)
    assert expected.bad == {
        "students": {"students.first_name.present": 2, "students.grade_level.known": 1},
        "parents": {"file.record.ragged": 1},
        "rosters": {"rosters.student_id.known": 3},
    }
    header, *students = records(dirty / "night-2" / "students.csv")
    assert sum(not r[header.index("first_name")] for r in students) == 2
    assert sum(r[header.index("grade_level")] == "Grade 99" for r in students) == 1
    header, *parents = records(dirty / "night-2" / "parents.csv")
    assert [len(r) - len(header) for r in parents if len(r) != len(header)] == [1]
    assert len(parents) == expected.records["parents"]
    known = {r[1] for r in students}
    rosters = records(dirty / "night-2" / "rosters.csv")[1:]
    assert sum(r[2] not in known for r in rosters) == 3
    assert len(rosters) == expected.records["rosters"]


def test_the_first_night_is_clean(dirty):
    assert read_expected(dirty, 1).bad == {}
    header, *students = records(dirty / "night-1" / "students.csv")
    assert all(r[header.index("first_name")] for r in students)


def test_bad_rows_change_nobody_else(tmp_path, dirty):
    """Bad rows and churn meet no student both, so a sync's expected changes are exact."""
    generate(tmp_path, students=STUDENTS, nights=2, churn=3, bad_rows=False)
    good = records(tmp_path / "night-2" / "students.csv")
    bad = records(dirty / "night-2" / "students.csv")
    before = {tuple(r) for r in records(dirty / "night-1" / "students.csv")}
    damaged = [g for g, b in zip(good, bad, strict=True) if g != b]
    assert len(damaged) == 3
    assert all(tuple(r) in before for r in damaged)


def test_nothing_but_the_upload_lies_in_its_folder(dirty):
    names = sorted(p.name for p in (dirty / "night-2").iterdir())
    assert names == sorted(f"{n}.csv" for n in CORE_FILES)


def test_a_column_can_be_left_out_of_a_night(tmp_path):
    generate(tmp_path, students=80, nights=3, break_column="students.last_name")
    heads = [records(tmp_path / f"night-{n}" / "students.csv")[0] for n in (1, 2, 3)]
    assert ["last_name" in h for h in heads] == [True, True, False]
    assert read_expected(tmp_path, 3).broken_column == "students.last_name"
    assert read_expected(tmp_path, 2).broken_column is None


def test_a_district_gets_its_own_names_delimiters_headers_and_words(tmp_path):
    cfg = load_district(paths.districts_folder() / "lakeside.yaml")
    (folder,) = generate(tmp_path, students=80, cfg=cfg)
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        cfg.uploaded_name(FILES[f]) for f in CORE_FILES
    )
    header, *rows = records(folder / "students.csv", delimiter=";")
    assert {"SchoolID", "StudentNumber", "Grade"} <= set(header)
    assert not {"school_id", "student_id", "grade_level"} & set(header)
    grades = {r[header.index("Grade")] for r in rows}
    assert "KG" in grades
    assert "0" not in grades
    languages = {r[-3] for r in records(folder / "parents.csv")[1:]}
    assert "Spanish (MX)" in languages


def test_progress_is_told_after_each_file(tmp_path):
    told = []
    generate(tmp_path, students=80, nights=2, on_progress=lambda *a: told.append(a))
    assert len(told) == 2 * len(CORE_FILES)
    assert (1, "students", 80) in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"students": 10}, "students: expected 50"),
        ({"seed": -1}, "seed"),
        ({"nights": 0}, "nights"),
        ({"churn": 70}, "churn"),
        ({"files": ["student"]}, "files: expected some of"),
        ({"break_column": "students.surname"}, "break_column: expected file.column"),
    ],
)
def test_arguments_out_of_range(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        generate(tmp_path, **{"students": 100, **arguments})


def test_nothing_looks_like_a_real_person(clean):
    for name, column, mark in (
        ("students", "last_name", "-Testkid"),
        ("parents", "last_name", "-Testparent"),
        ("staff", "last_name", "-Testteacher"),
        ("parents", "email", "@example.org"),
    ):
        odd = f"select count(*) from n3_{name} where not ends_with({column}, '{mark}')"
        assert clean.rows(odd) == [(0,)], (name, column)
    digits = "right(regexp_replace(mobile, '[^0-9]', '', 'g'), 7)"
    assert clean.rows(f"select count(*) from n3_parents where {digits} not like '55501__'") == [
        (0,)
    ]
