"""What a pin names: the kept copy of configuration and suites, and the folders of checks and diffs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rostersync import paths
from rostersync.archive import Archive, Layout
from rostersync.config import DistrictConfig
from rostersync.errors import ArchiveError, ConfigError, HandedOnError
from rostersync.pipeline.ground import run
from rostersync.pipeline.ground.run import Inputs, new_run
from rostersync.spec import Domain
from rostersync.validation import Suites, load_suites

LAYOUT = Layout("oak", Domain.CORE, "2026-09-01")
OLD = "0123456789ab" + "c" * 52


@pytest.fixture(scope="module")
def suites() -> Suites:
    return load_suites(paths.expectations_folder())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def config(district: str = "oak", **more: Any) -> DistrictConfig:
    return DistrictConfig(**{"id": district, "name": "Oak", "timezone": "America/Denver", **more})


def of_an_older_release(archive: Archive, inputs: Inputs) -> None:
    """A copy under a name this release would not give it, without what that one did not know."""
    inputs.keep(archive)
    document = archive.read_json(Layout.pin(inputs.pin))
    archive.remove(Layout.pin(inputs.pin))
    for key in ("rules", "data_docs"):
        del document["config"][key]
    archive.write_json(Layout.pin(OLD), document)


def test_what_no_result_depends_on_is_no_part_of_it(suites):
    plain = Inputs(config(), suites)
    told = {"alerts": {"email": ["someone@example.org"]}, "core": {"at": "18:00"}, "enabled": False}
    assert Inputs(config(**told), suites).pin == plain.pin


def test_what_only_decides_is_kept_apart_and_nothing_is_checked_again(suites, archive):
    plain, tight = Inputs(config(), suites), Inputs(config(limits="off"), suites)
    assert plain.pin != tight.pin
    assert LAYOUT.check(1, plain.pin) == LAYOUT.check(1, tight.pin)
    assert LAYOUT.diff(1, plain.pin, "b" * 64) == LAYOUT.diff(1, tight.pin, "b" * 64)
    for inputs in (plain, tight):
        inputs.keep(archive)
    kept = [Inputs.pinned(archive, i.pin) for i in (plain, tight)]
    assert [k.cfg.limits for k in kept] == ["default", "off"], "a replay decides by its own copy"
    assert [k.pin for k in kept] == [plain.pin, tight.pin]


def test_what_rows_depend_on_names_folders_of_its_own(suites):
    plain = Inputs(config(), suites)
    ours = Inputs(config(rules={"parents.mobile.valid": {"min_digits": 7}}), suites)
    mapped = Inputs(config(maps={"grades": {"PK": -1}}), suites)
    assert len({LAYOUT.check(1, i.pin) for i in (plain, ours, mapped)}) == 3


def test_districts_that_say_the_same_have_copies_of_their_own(suites, archive):
    oak, elm = Inputs(config(), suites), Inputs(config("elm"), suites)
    oak.keep(archive)
    elm.keep(archive)
    assert oak.pin != elm.pin
    assert Inputs.pinned(archive, elm.pin).cfg.id == "elm"


def test_a_run_takes_no_other_districts_inputs(suites, archive):
    elm = Inputs(config("elm"), suites)
    elm.keep(archive)
    oak = new_run(config(), "2026-09-01", archive=archive.url, warehouse="")
    with pytest.raises(HandedOnError, match="another district's"):
        oak.pinned(elm.pin)
    with pytest.raises(ArchiveError, match="out of the archive"):
        oak.pinned("../oak/core/2026-09-01/landing-0001/manifest")


def test_rules_come_back_with_a_pin(suites, archive):
    ours = Inputs(config(rules={"parents.mobile.valid": {"min_digits": 7}}), suites)
    ours.keep(archive)
    assert suites.argument("min_digits", "parents")["mobile"] == 10
    kept = Inputs.pinned(archive, ours.pin)
    for inputs in (ours, kept):
        assert inputs.suites.argument("min_digits", "parents")["mobile"] == 7
        assert [d.here for d in inputs.suites.differences] == [7]
    assert kept.suites.fingerprint == suites.fingerprint


def test_a_pin_of_an_older_release_is_read_and_keeps_its_name(suites, archive):
    of_an_older_release(archive, Inputs(config(limits="off"), suites))
    kept = Inputs.pinned(archive, OLD)
    assert kept.pin == OLD
    assert (kept.cfg.limits, kept.cfg.rules, kept.suites.differences) == ("off", {}, ())
    today = new_run(config(name="Oaks"), "2026-09-01", archive=archive.url, warehouse="")
    assert today.pinned(OLD).pin == OLD
    assert today.pinned(OLD).cfg.name == "Oaks"


def test_a_release_that_hashes_otherwise_does_not_rename_a_pin(
    suites: Suites, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = Inputs(config(), suites)
    inputs.keep(archive)
    before = inputs.pin
    monkeypatch.setattr(run, "CONTRACT_VERSION", "of a later release")
    assert Inputs(config(), suites).pin != before
    assert Inputs.pinned(archive, before).pin == before


def test_a_mistake_in_rules_starts_no_run(tmp_path):
    wrong = config(rules={"parents.mobil.valid": {"min_digits": 7}})
    with pytest.raises(ConfigError, match=r"oak\.yaml: rules\.parents\.mobil\.valid"):
        new_run(wrong, "2026-09-01", archive=tmp_path, warehouse="")


def test_a_run_is_shown_without_the_warehouses_password(tmp_path):
    url = "postgresql://loader:pass-word@db/warehouse"
    assert "pass-word" not in repr(new_run(config(), "2026-09-01", archive=tmp_path, warehouse=url))


def test_a_kept_copy_is_plain_json(suites, archive):
    ours = Inputs(
        config(rules={"attendance.period.spelling": {"value_set": ["Whole Day"]}}), suites
    )
    ours.keep(archive)
    document = json.loads(Path(archive.path(Layout.pin(ours.pin))).read_text())
    assert document["config"]["rules"] == {
        "attendance.period.spelling": {"value_set": ["Whole Day"]}
    }
    spelling = next(
        e for e in document["suites"]["attendance"]["expectations"] if "value_set" in e["kwargs"]
    )
    assert "Whole Day" not in spelling["kwargs"]["value_set"], "the suites are everybody's"
