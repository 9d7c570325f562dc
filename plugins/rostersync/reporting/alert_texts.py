"""What alerts say: where, what, and the next step; never a value of a row. And the list of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date

from rich.table import Table

from rostersync.ledger.alerts import Alert, AlertKind, RaisedAlert
from rostersync.ledger.notices import NoticeDay
from rostersync.reporting.links import runbook
from rostersync.reporting.words import printable

_NAMED = 20


def missing_attendance(
    district: str, name: str, day: date, notices: Mapping[str, str], found: str
) -> Alert:
    """A notice's time is near and its file is not loaded.

    ``notices``: notice -> its time on the district's clock. ``found``: what the last run said, or "".
    """
    due = ", ".join(f"{notice} ({at})" for notice, at in notices.items())
    return Alert(
        AlertKind.MISSING_ATTENDANCE,
        district,
        day.isoformat(),
        f"{district}: no attendance for notice {', '.join(notices)}",
        f"{name}: on {day} nothing has been loaded that this can be told from: {due}.\n"
        f"Found: {found or 'no new file on the server'}\n"
        "A file that comes soon after the notice's time is still told (docs/notices.md).\n"
        "Next: call the district; what came late or was mended loads by itself. There will be no other such"
        " alert about this district today.\n"
        f"Runbook: {runbook('missing-attendance')}",
    )


def silent_fleet(day: date, silent: Sequence[str], expected: int) -> Alert:
    """So many districts are silent that the cause is likely ours: the server, the network, Airflow."""
    named = ", ".join(silent[:_NAMED]) + (
        f" and {len(silent) - _NAMED} more" if len(silent) > _NAMED else ""
    )
    return Alert(
        AlertKind.SILENT_FLEET,
        None,
        day.isoformat(),
        f"Attendance: {len(silent)} of {expected} districts are silent",
        f"{len(silent)} of the {expected} districts whose notices are due have sent no attendance that could"
        f" be loaded: {named}.\n"
        "So many at once are rarely the districts' doing: look at the SFTP server, the network and Airflow"
        " first. They get no alert each.\n"
        f"Runbook: {runbook('missing-attendance')}",
    )


def notice_held(day: NoticeDay) -> Alert:
    """The mass guard holds a notice."""
    lapses = f"{day.lapses_at:%H:%M} UTC" if day.lapses_at else "its end"
    since = day.held_at.astimezone(UTC).isoformat() if day.held_at else lapses
    return Alert(
        AlertKind.NOTICE_HELD,
        day.district,
        f"{day.notice} {day.slot} since {since}",  # held again, or another school, is another alert
        f"{day.district}: notice {day.notice} is held",
        f"Notice {day.notice} for {day.slot} would tell {day.hold_reason}. It goes to nobody until a person"
        f" releases it, and lapses at {lapses}.\n"
        f"Right: rostersync notices release {day.notice} -d {day.district} --reason ...\n"
        "Wrong: ask the district for a correct file; it is judged again with it.\n"
        f"Runbook: {runbook('held-notice')}",
    )


def nobody_absent(district: str, notice: str, day: date, usual: float) -> Alert:
    """A file says that nobody is absent where usually many are."""
    return Alert(
        AlertKind.NOBODY_ABSENT,
        district,
        f"{notice} {day}",
        f"{district}: nobody is absent, says its file for notice {notice}",
        f"The file for notice {notice} of {day} has no record; usually the notice tells {usual:g}.\n"
        "Next: ask the district whether its export was cut; a newer file is still taken for a while.\n"
        f"Runbook: {runbook('missing-attendance')}",
    )


def events_kept(district: str, day: str, count: int) -> Alert:
    """So many events would vanish from a file that they stay."""
    return Alert(
        AlertKind.EVENTS_KEPT,
        district,
        day,
        f"{district}: {count:,} attendance events are missing from the newest file and were kept",
        f"The newest file of {day} lacks {count:,} events of the file before, over half of a"
        " school's. They stay in attendance.events; notices that were not sent are told from the newest file"
        " alone.\n"
        "Next: ask the district which file is right.\n"
        f"Runbook: {runbook('held-notice')}",
    )


def _channels(one: RaisedAlert) -> str:
    return ", ".join(
        f"{name} {'failed' if failure else 'delivered'}"
        for name, failure in sorted(one.channels.items())
    )


def alerts_view(alerts: Sequence[RaisedAlert]) -> Table:
    """One line an alert, newest first."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("raised (UTC)", "district", "kind", "status"):
        table.add_column(column, no_wrap=True)
    table.add_column("", overflow="fold")
    for one in alerts:
        alert = one.alert
        status = one.status if not one.failure else f"{one.status}: {printable(one.failure)}"
        if len(one.channels) > 1 or (one.channels and one.failure):
            status += f" ({_channels(one)})"
        table.add_row(
            f"{one.raised_at:%Y-%m-%d %H:%M}",
            alert.district or "all",
            alert.kind,
            status,
            printable(alert.subject),
        )
    return table
