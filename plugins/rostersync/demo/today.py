"""The demo's own copy of the districts' files: one district's notices are due soon, whenever it starts."""

from __future__ import annotations

import math
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from rostersync.config import load_district
from rostersync.config.values import DAYS

TELLS = "springfield"
"""The district with notices."""

_LEAD = timedelta(minutes=15)  # longer than the nights take; less than the hour a file is fresh for
_STEP = timedelta(minutes=5)
_EXPIRES = timedelta(minutes=60)
_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")


def notice_time(now: datetime, zone: str) -> datetime:
    """When the notices are due: 15 to 20 minutes from ``now`` (aware), on the clock of the zone returned.

    A notice is of one local date, and a demo that starts shortly before midnight would load the next one's
    file: the district is then moved to another time zone of the country. ``zone``: taken where possible.
    """
    step = _STEP.total_seconds()
    moment = datetime.fromtimestamp(math.ceil((now + _LEAD).timestamp() / step) * step, UTC)
    for name in (zone, *_ZONES):
        start, at, end = (m.astimezone(ZoneInfo(name)) for m in (now, moment, moment + _EXPIRES))
        # an hour that is there twice: a time of day means the first
        if start.date() == end.date() and not (start.fold or at.fold):
            return at
    raise AssertionError("it is not midnight in four time zones at once")


def write_districts(source: Path, target: Path, now: datetime) -> None:
    """Copy the districts' files from ``source`` to ``target``, which is made.

    In that of :data:`TELLS` the notices are due soon, and any day is a school day: the demo works on Sunday,
    too. Raises ConfigError: its file is missing or broken.
    """
    cfg = load_district(source / f"{TELLS}.yaml")
    at = notice_time(now, cfg.timezone)
    target.mkdir(parents=True)
    for path in source.glob("*.y*ml"):
        shutil.copyfile(path, target / path.name)
    path = target / f"{TELLS}.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    document |= {
        "timezone": str(at.tzinfo),
        "attendance": {
            "codes": {"A": "Absent", "T": "Tardy"},
            "notices": [_notice("absent", at, "A"), _notice("late", at, "T")],
        },
        "calendar_days": {"weekdays": list(DAYS)},
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    path.write_text(
        f"# The demo's: notices soon, every day a school day.\n{text}", encoding="utf-8"
    )


def _notice(name: str, at: datetime, code: str) -> dict[str, object]:
    expires = f"{_EXPIRES.total_seconds() / 60:g}m"
    audience = {"schools": "all", "periods": ["all_day"], "codes": [code]}
    return {"id": name, "at": f"{at:%H:%M}", **audience, "expires": expires}
