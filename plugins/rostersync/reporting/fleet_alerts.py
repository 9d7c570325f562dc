"""What alerts about the fleet's heartbeat say; never a value of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from rostersync.ledger.alerts import Alert, AlertKind
from rostersync.reporting.links import runbook

_NAMED = 20


def no_run(slot: str, ended: datetime, districts: Sequence[str]) -> Alert:
    """Nights that nobody has run. ``ended``: aware, when the last of their waits was over."""
    return Alert(
        AlertKind.NO_RUN,
        None,
        f"{slot} until {ended:%Y-%m-%dT%H:%MZ}",
        f"Night {slot}: no run at all of {_districts(len(districts))}",
        f"The wait for the night {slot} was over by {ended:%Y-%m-%d %H:%M} UTC, and no run has ended:"
        f" {_named(districts)}.\n"
        "Nothing was loaded and nothing failed: the run was never made, or goes on still. Look at the DAGs"
        " core__<district> (paused? missing?), at Airflow's scheduler and DAG processor.\n"
        f"Runbook: {runbook('silent-fleet')}",
    )


def few_loaded(slot: str, loaded: int, expected: int, others: Mapping[str, int]) -> Alert:
    """A night that hardly any district loaded. ``others``: outcome, or "no run" -> districts."""
    found = ", ".join(f"{outcome} {count}" for outcome, count in sorted(others.items()))
    return Alert(
        AlertKind.FEW_LOADED,
        None,
        slot,
        f"Night {slot}: {loaded} of {expected} loaded",
        f"Of the {_districts(expected)} expected for the night {slot}, {loaded} loaded."
        f" The others: {found}.\n"
        "So many at once are rarely the districts' doing, unless it was a holiday: look at the SFTP server,"
        " the network, the warehouse and Airflow first.\n"
        f"Runbook: {runbook('silent-fleet')}",
    )


def unreadable_config(day: date, files: Sequence[str]) -> Alert:
    """Districts' YAML files that cannot be read: those districts have no DAG."""
    return Alert(
        AlertKind.UNREADABLE_CONFIG,
        None,
        f"{day} {_named(files)}",
        f"{len(files)} district configuration{'s' if len(files) != 1 else ''} cannot be read",
        f"These files have mistakes, and their districts no DAG: {_named(files)}.\n"
        "Airflow shows each key as an import error of configuration.py.\n"
        f"Runbook: {runbook('silent-fleet')}",
    )


def future_slot(day: date, district: str, slots: Sequence[str]) -> Alert:
    """Slots of a district that lie in the future. ``slots``: each with its domain. ``day``: of the look."""
    return Alert(
        AlertKind.FUTURE_SLOT,
        district,
        f"{day} {_named(slots)}",
        f"{district}: a slot in the future, {_named(slots)}",
        f"The warehouse of {district} has a slot that lies in the future, or one waits there:"
        f" {_named(slots)}.\n"
        "Until that day nothing that comes is the newest: it may change no current table, and what is held of"
        " it cannot be answered.\n"
        "Somebody mistyped a year or a month, or a clock was wrong.\n"
        f"Runbook: {runbook('wrong-slot')}",
    )


def _districts(count: int) -> str:
    return f"{count} district{'s' if count != 1 else ''}"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
