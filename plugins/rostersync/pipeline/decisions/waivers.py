"""Granting and ending waivers, and which are in force for a run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches

from rostersync.config import DistrictConfig
from rostersync.engine import render_sql
from rostersync.engine.postgres import connect
from rostersync.errors import DecisionError
from rostersync.ledger.waivers import Waiver, waived_rules
from rostersync.pipeline.ground.run import Inputs, Run

LONGEST = timedelta(days=366)
"""A waiver is looked at again once a year."""


def add_waiver(
    url: str,
    inputs: Inputs,
    *,
    rule: str,
    until: date,
    who: str,
    why: str,
    now: datetime | None = None,
) -> None:
    """Accept a rule for the district of ``inputs`` until a date; it takes the place of one in force.

    Raises DecisionError for a rule there is none of, and for a date that is not within the next year.
    """
    known_rule(inputs, rule)
    today = local_day(inputs.cfg, now)
    if not today < until <= today + LONGEST:
        raise DecisionError(
            "A waiver ends after today and within a year",
            district=inputs.cfg.id,
            rule=rule,
            expected=f"a date from {today + timedelta(days=1)} to {today + LONGEST}",
            found=str(until),
        )
    where = {"district": inputs.cfg.id, "rule": rule, "who": who}
    with connect(url) as conn, conn.transaction():
        replaced = f"until {until} instead"
        conn.execute(render_sql("postgres/waivers/end.sql"), {**where, "why": replaced})
        conn.execute(render_sql("postgres/waivers/add.sql"), {**where, "why": why, "until": until})


def end_waiver(url: str, district: str, *, rule: str, who: str, why: str) -> None:
    """End a waiver before its date. Raises DecisionError when there is none of the rule."""
    values = {"district": district, "rule": rule, "who": who, "why": why}
    with connect(url) as conn:
        ended = conn.execute(render_sql("postgres/waivers/end.sql"), values).fetchall()
    if not ended:
        raise DecisionError(
            "The district has no waiver of this rule",
            district=district,
            rule=rule,
            next_step=f"rostersync waivers list --district {district}",
        )


def known_rule(inputs: Inputs, rule: str) -> None:
    """Raise DecisionError, with the nearest names, for a rule that no suite has."""
    known = inputs.rules()
    if rule not in known:
        near = get_close_matches(rule, known, n=3)
        raise DecisionError(
            "There is no such rule",
            district=inputs.cfg.id,
            expected=" or ".join(near) if near else "a rule of the suites, as reports name it",
            found=rule,
            next_step="docs/files.md lists every rule",
        )


def local_day(cfg: DistrictConfig, now: datetime | None = None) -> date:
    """Today in the district's time zone. ``now``: aware."""
    return (now or datetime.now(UTC)).astimezone(cfg.zone).date()


def waivers_of(run: Run) -> dict[str, Waiver]:
    """The waivers in force for a run's slot, by rule, for reports."""
    with connect(run.warehouse) as conn:
        return waived_rules(conn, run.district, run.slot)
