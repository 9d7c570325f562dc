"""What of a district's YAML a slot depends on, and so what is kept with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.config.conftest import MINIMAL

from rostersync.config import DistrictConfig, load_district
from rostersync.config.load import _model_in
from rostersync.config.pinned import JUDGEMENT, ROWS, TODAY


def _keys(model: type[Any], prefix: str = "") -> Iterator[str]:
    """Every key of a district's YAML that the lists of the pin could name, parts before their whole."""
    for name, info in model.model_fields.items():
        path = f"{prefix}{info.alias or name}"
        part = _model_in(info.annotation)
        if part is not None:
            yield from _keys(part, f"{path}.")
        yield path


def test_every_key_is_in_one_list_of_the_pin():
    """Whole, or in all its parts: a key in no list would be forgotten, one in two would be both."""
    lists = {"rows": ROWS, "judgement": JUDGEMENT, "today": TODAY}
    listed = [path for paths in lists.values() for path in paths]
    assert len(listed) == len(set(listed))
    assert all(list(paths) == sorted(paths) for paths in lists.values())
    keys = list(_keys(DistrictConfig))
    assert set(listed) <= set(keys)
    for key in keys:
        above = [p for p in listed if key == p or key.startswith(f"{p}.")]
        below = [p for p in listed if p.startswith(f"{key}.")]
        assert len(above) == 1 or (below and not above), key


TODAYS = """
name: Oaks
enabled: false
sftp: {conn_id: other, folder: /in}
core: {at: "18:00", wait_until: "03:00", quiet: 1m, sends: [mon]}
alerts: {email: [someone@example.org]}
outbox: {send: false}
drift: warn
data_docs: {keep_days: 7}
caps: {file: 1GB, upload: 3GB, landings: 5, free: 10GB}
"""


def test_what_no_fingerprint_covers_is_todays(write):
    kept = load_district(write(MINIMAL))
    today = load_district(write(MINIMAL.replace("name: Oak Schools\n", "") + TODAYS))
    assert kept.fingerprint() == today.fingerprint()
    assert kept.row_fingerprint() == today.row_fingerprint()
    assert kept.as_of(today) == today != kept


def test_what_a_slot_was_decided_by_stays_as_it_was_kept(write):
    kept = load_district(write(MINIMAL + "core: {strict: true}\nlimits: off\n"))
    today = load_district(write(MINIMAL.replace("name: Oak Schools\n", "") + TODAYS))
    now = kept.as_of(today)
    assert now.core == today.core.model_copy(update={"strict": True})
    assert (now.limits, now.name) == ("off", "Oaks")
    assert kept.fingerprint() == now.fingerprint() != today.fingerprint()


@pytest.mark.parametrize(
    "decides",
    [
        "limits: off",
        "windows: [{from: 2026-08-01, to: 2026-08-31, mode: rollover}]",
        "first_load: auto",
        "core: {strict: true}",
        "terms: {day: sun}",
        "calendar_days: {holidays: [2026-11-26]}",
        'attendance: {notices: [{id: b, at: "10:00", periods: ["1"], codes: [A], fresh: 2h}], codes: {A: a}}',
    ],
)
def test_what_only_decides_changes_no_row(write, decides):
    plain = (
        "attendance: {notices: [{id: b, at: '09:00', periods: ['1'], codes: [A]}], codes: {A: a}}"
    )
    rest = "" if decides.startswith("attendance") else plain
    one = load_district(write(f"{MINIMAL}{plain}\n"))
    other = load_district(write(f"{MINIMAL}{decides}\n{rest}\n"))
    assert one.row_fingerprint() == other.row_fingerprint()
    assert one.fingerprint() != other.fingerprint()


@pytest.mark.parametrize(
    "rows",
    [
        "maps: {grades: {PK: -1}}",
        "files: {schools: {name: school.csv}}",
        'district_office: ["9"]',
        "rules: {parents.mobile.valid: {min_digits: 7}}",
        "attendance: {codes: {A: a}}",
        "attributes: {refuse: [nickname]}",
        "attributes: {allow: [homeroom]}",
        "attendance: {p0: all_day}",
        'attendance: {notices: [{id: a, at: "10:00", periods: ["1"], codes: [A]}], codes: {A: a}}',
    ],
)
def test_what_rows_depend_on_changes_both(write, rows):
    one = load_district(write(MINIMAL))
    other = load_district(write(f"{MINIMAL}{rows}\n"))
    assert one.row_fingerprint() != other.row_fingerprint()
    assert one.fingerprint() != other.fingerprint()


def test_a_key_that_is_written_as_it_is_anyway_changes_nothing(write):
    one = load_district(write(MINIMAL))
    other = load_district(
        write(f"{MINIMAL}rules: {{}}\nmaps: {{}}\nlimits: default\nattributes: {{allow: all}}\n")
    )
    assert one.fingerprint() == other.fingerprint()
    assert one.row_fingerprint() == other.row_fingerprint()


def test_fingerprint_follows_the_content_not_the_layout(write):
    one = load_district(write(MINIMAL + "terms: {day: sunday}\n"))
    same = load_district(write("# note\nterms:\n  day: sun\n" + MINIMAL))
    other = load_district(write(MINIMAL + "terms: {day: sat}\n"))
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()
