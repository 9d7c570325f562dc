"""Data Docs of a validated night: what the pages say, that they stand alone, and when they go."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path

import pytest

from rostersync import paths
from rostersync.archive import Archive, Layout
from rostersync.errors import ArchiveError, RosterSyncError
from rostersync.pipeline.ground.run import Inputs, Run, new_run
from rostersync.pipeline.upkeep.data_docs import (
    Validation,
    build_data_docs,
    export_data_docs,
    find_validation,
    remove_old_data_docs,
    validation_of,
)
from rostersync.spec import FILES, Domain
from rostersync.validation import docs, load_suites
from tests.support.object_storage import BUCKET, object_storage
from tests.support.pages import assert_stands_alone
from tests.support.validated import SLOT, validated_night

pytestmark = pytest.mark.slow

JAN_1 = datetime(2027, 1, 1, 3, tzinfo=UTC)


def found_of(run: Run) -> Validation:
    found = validation_of(run, 1)
    assert found
    return found


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("night")
    return validated_night(folder, folder / "archive")


@pytest.fixture
def run(night: Run, tmp_path: Path) -> Run:
    """The night in an archive that the test may change."""
    shutil.copytree(night.archive.root, tmp_path / "archive")
    return new_run(night.cfg, SLOT, archive=tmp_path / "archive", warehouse="")


@pytest.fixture
def bucket() -> Iterator[None]:
    with object_storage():
        yield


def pages_of(run: Run) -> dict[str, Path]:
    index = Path(run.archive.path(build_data_docs(found_of(run))))
    return {p.name: p for p in index.parent.iterdir()}


def test_the_index_counts_what_the_pages_tell_rule_by_rule(run: Run) -> None:
    pages = pages_of(run)
    files = set(run.archive.read_json(_staged(run)))
    assert set(pages) == {"index.html", *(f"{name}.html" for name in files)}
    index = pages["index.html"].read_text()
    assert "<title>Data Docs · Zurich &lt;Test&gt; District · 2026-09-02</title>" in index
    assert "core · landing 1 · validated 20" in index
    students = pages["students.html"].read_text()
    assert "<title>students.csv · Zurich &lt;Test&gt; District · 2026-09-02</title>" in students
    validated = run.archive.read_json(f"{run.layout.check(1, run.inputs.pin)}/validated.json")
    broken = [c for c in validated["counts"] if c["file"] == "students"]
    assert broken
    for count in broken:
        records = f"{count['count']} record{'s' if count['count'] > 1 else ''}"
        assert _row(students, count["rule"]).endswith(records)
    assert _row(students, "students.student_id.clean").endswith("none")
    (row,) = re.findall(r"<tr>(?:(?!</tr>).)*students\.html.*?</tr>", index, flags=re.DOTALL)
    told = [re.sub("<.*?>", "", cell).strip() for cell in re.findall("<td.*?</td>", row)]
    errors = sum(c["count"] for c in broken if c["severity"] == "error")
    assert told[1:2] + told[4:7] == ["students.csv", str(len(broken)), "", str(errors)]


def _row(page: str, rule: str) -> str:
    """A rule's row of a table, as text."""
    rows = re.findall(r"<tr>.*?</tr>", page, flags=re.DOTALL)
    (row,) = [r for r in rows if f">{rule}<" in r]
    return " ".join(re.sub("<.*?>", " ", row).split())


def _staged(run: Run) -> str:
    return f"{run.layout.check(1, run.inputs.pin)}/staged.json"


def test_the_index_names_a_required_file_that_is_not_in_the_upload(run: Run) -> None:
    check = run.layout.check(1, run.inputs.pin)
    staged, results = (run.archive.read_json(f"{check}/{n}.json") for n in ("staged", "gx"))
    for file in ("parents", "sections"):
        del staged[file]
        results = {t: found for t, found in results.items() if not t.endswith(f"_{file}")}
    run.archive.write_json(f"{check}/staged.json", staged)
    run.archive.write_json(f"{check}/gx.json", results)
    index = pages_of(run)["index.html"].read_text()
    assert "sections.csv" not in index, "a night may lack them"
    row = _index_row(index, "parents.csv")
    assert "text-danger" in row
    assert row.endswith("not in the upload</td>\n          </tr>")


@pytest.mark.parametrize(
    ("name", "state", "mark", "words"),
    [
        ("attendance", "header_only", "text-success", "a header and no event: nobody is absent"),
        ("attendance", "empty", "text-danger", "empty: there is no record to check"),
        ("groups", "header_only", "text-danger", "a header and no record to check"),
        ("groups", "rejected", "text-danger", "cannot be used: its records were not checked"),
    ],
)
def test_the_index_says_why_records_were_not_checked(
    name: str, state: str, mark: str, words: str
) -> None:
    site = docs.DocsSite("Zurich", "core", SLOT, 1, "static")
    index = docs.build_pages(
        {}, load_suites(paths.expectations_folder()), [(name, state, 0)], site
    )["index.html"]
    row = _index_row(index, f"{name}.csv")
    assert mark in row
    assert words in row


def _index_row(index: str, text: str) -> str:
    (row,) = [r for r in re.findall(r"<tr>.*?</tr>", index, flags=re.DOTALL) if text in r]
    return str(row)


def test_every_page_stands_alone_in_the_archive_and_in_a_folder(run: Run, tmp_path: Path) -> None:
    for page in pages_of(run).values():
        assert_stands_alone(page)
    index = export_data_docs(found_of(run), tmp_path / "out")
    assert index == tmp_path / "out" / "index.html"
    moved = (tmp_path / "out").rename(tmp_path / "elsewhere")
    pages = sorted(moved.glob("*.html"))
    assert len(pages) == 7
    for page in pages:
        assert_stands_alone(page)
    assert {p.name for p in (moved / "static").iterdir()} == set(docs.static_files())


def test_no_page_says_a_word_of_marketing(run: Run) -> None:
    for page in pages_of(run).values():
        assert not re.search("newsletter|walkthrough|cta-footer|subscribe", page.read_text(), re.I)


def test_no_page_holds_a_value_of_the_upload(night: Run, run: Run) -> None:
    values = personal_values(Path(night.archive.root).parent / "night-2")
    assert len(values) > 500
    assert {"example.org" in v for v in values} == {True, False}
    told = " ".join(
        " ".join(re.sub("<.*?>", " ", page.read_text()).split()) for page in pages_of(run).values()
    )
    assert [v for v in values if re.search(rf"(?<!\w){re.escape(v)}(?!\w)", told)] == []


def personal_values(upload: Path) -> set[str]:
    """Every cell of a column that may say something about a person, and every cell too many.

    Not running numbers of up to four digits: they are part of some count.
    """
    values = set()
    for path in upload.glob("*.csv"):
        header, *rows = csv.reader(path.read_text("utf-8").splitlines())
        harmless = {c.name for c in FILES[path.stem].columns if not c.personal}
        personal = [name not in harmless for name in header]
        for row in rows:
            values |= {v.strip() for v, told in zip_longest(row, personal, fillvalue=True) if told}
    return {v for v in values if v and not re.fullmatch(r"\d{1,4}", v)}


def test_pages_that_are_there_are_left_alone_and_missing_ones_built_again(run: Run) -> None:
    pages = pages_of(run)
    pages["students.html"].write_text("as it was")
    assert pages_of(run)["students.html"].read_text() == "as it was"
    pages["index.html"].unlink()  # as when it was killed before the end
    assert "students.student_id.clean" in pages_of(run)["students.html"].read_text()


def test_pages_are_made_anew_when_a_person_says_so(run: Run) -> None:
    found = validation_of(run, 1)
    assert found
    index = build_data_docs(found)
    with run.archive.writing(index) as f:
        f.write(b"old")
    build_data_docs(found, again=True)
    with run.archive.reading(index) as f:
        assert f.read() != b"old"


def test_style_sheets_are_kept_once(run: Run) -> None:
    pages_of(run)
    other = Layout(run.district, Domain.CORE, "2026-09-03")
    shutil.copytree(run.archive.path(run.layout.landing(1)), run.archive.path(other.landing(1)))
    build_data_docs(find_validation(run.archive, other))
    assert len(list(Path(run.archive.root).rglob("bootstrap.min.css"))) == 1
    for name in run.archive.list_names(other.docs(1, run.inputs.pin)):
        assert_stands_alone(Path(run.archive.path(f"{other.docs(1, run.inputs.pin)}/{name}")))


def test_pages_go_after_their_days_and_what_was_found_stays(run: Run) -> None:
    found = found_of(run)
    build_data_docs(found, now=JAN_1)
    folder = run.layout.docs(1, run.inputs.pin)

    def remove(day: int, *, month: int = 1, district: str = run.district) -> int:
        now = datetime(2027, month, day, 3, tzinfo=UTC)
        return remove_old_data_docs(run.archive, district, keep_days=10, now=now)

    assert remove(11) == 0
    assert run.archive.exists(f"{folder}/index.html")
    assert remove(12, district="birch") == 0
    assert remove(12) == 1
    assert not run.archive.exists(folder)
    assert run.archive.exists(found.results)
    assert run.archive.list_names(Layout.docs_marks(run.district)) == []
    assert remove(13) == 0

    # Built again, and once more before the first were removed: the newer count.
    build_data_docs(found, now=JAN_1)
    run.archive.remove(folder)
    build_data_docs(found, now=datetime(2027, 1, 8, tzinfo=UTC))
    assert remove(15) == 0
    assert run.archive.exists(f"{folder}/index.html")
    assert len(run.archive.list_names(Layout.docs_marks(run.district))) == 1
    assert remove(19) == 1
    assert not run.archive.exists(folder)


def test_a_strange_name_among_the_marks_removes_nothing(run: Run) -> None:
    build_data_docs(found_of(run), now=JAN_1)
    for name in ("2020-01-01_core_.._0001_000000000000", "2020-01-01", "keep"):
        run.archive.write_json(f"{Layout.docs_marks(run.district)}/{name}", {})
    now = datetime(2027, 1, 2, tzinfo=UTC)
    assert remove_old_data_docs(run.archive, run.district, keep_days=1, now=now) == 0
    assert run.archive.exists(found_of(run).results)


def test_the_validation_of_a_slot_is_the_newest_landings_last(run: Run) -> None:
    layout, archive, pin = run.layout, run.archive, run.inputs.pin
    second = Path(archive.path(layout.landing(2)))
    shutil.copytree(archive.path(layout.landing(1)), second)
    shutil.rmtree(second / f"check-{pin[:12]}")
    found = find_validation(archive, layout)  # the second was never validated
    assert (found.landing, found.pin) == (1, pin)
    # the first was validated again later, by other suites
    later = archive.read_json(found.results)
    for table in later.values():
        table["meta"]["batch_markers"]["ge_load_time"] = "20991231T000000.000000Z"
    other = "0" * 64
    archive.write_json(f"{layout.check(1, other)}/gx.json", later)
    shutil.copy(archive.path(Layout.pin(pin)), archive.path(Layout.pin(other)))
    assert find_validation(archive, layout).pin == other
    with pytest.raises(ArchiveError, match="Nothing of this slot was validated"):
        find_validation(archive, layout, landing=2)


def test_the_index_says_how_the_district_differs(run: Run, tmp_path: Path) -> None:
    found = found_of(run)
    plain = export_data_docs(found, tmp_path / "plain").read_text("utf-8")
    assert "This district differs" not in plain
    rules = {"parents.language.known": {"severity": "error"}}
    cfg = run.cfg.model_copy(update={"rules": rules})
    ours = replace(found, inputs=Inputs(cfg, run.inputs.suites))
    index = export_data_docs(ours, tmp_path / "ours").read_text("utf-8")
    assert "This district differs" in index
    assert "parents.language.known: error instead of warning" in index


def test_the_inputs_of_a_validation_are_of_its_district(run: Run) -> None:
    """Another one that says the same of rows has a pin that begins alike."""
    pin = run.inputs.pin
    document = run.archive.read_json(Layout.pin(pin))
    for other in (pin[:12] + "0" * 52, pin[:12] + "f" * 52):
        elm = {**document, "config": {**document["config"], "id": "elm"}}
        run.archive.write_json(Layout.pin(other), elm)
    found = find_validation(run.archive, run.layout)
    assert (found.pin, found.inputs.cfg.id) == (pin, run.district)


def test_what_was_never_validated_has_no_pages(run: Run) -> None:
    run.archive.remove(found_of(run).results)
    assert validation_of(run, 1) is None


def test_a_page_that_great_expectations_did_not_build_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It only logs what goes wrong."""
    from rostersync.validation import docs_gx

    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(docs_gx.FilePageRenderer, "_render_validation_header", broken)
    with pytest.raises(RosterSyncError, match="built no page of a file"):
        build_data_docs(found_of(run))
    assert not run.archive.exists(found_of(run).index)


def test_object_storage_has_the_same_pages(night: Run, bucket: None) -> None:
    there = Archive(f"s3://{BUCKET}/docs")
    there.fs.put(f"{night.archive.root}/", f"{there.root}/", recursive=True)
    remote = new_run(night.cfg, SLOT, archive=there.url, warehouse="")
    index = build_data_docs(found_of(remote), now=JAN_1)
    folder = index.rpartition("/")[0]
    local = build_data_docs(found_of(night))
    assert there.list_names(folder) == night.archive.list_names(folder)
    with there.reading(index) as ours, night.archive.reading(local) as theirs:
        assert ours.read() == theirs.read()
    later = datetime(2027, 6, 1, tzinfo=UTC)
    assert remove_old_data_docs(there, night.district, keep_days=90, now=later) == 1
    assert not there.exists(index)
    assert there.exists(found_of(remote).results)


def test_how_long_they_stay_changes_no_pin(night: Run) -> None:
    document = json.loads(night.cfg.model_dump_json(by_alias=True))
    other = type(night.cfg).model_validate({**document, "data_docs": {"keep_days": 7}})
    assert other.fingerprint() == night.cfg.fingerprint()
