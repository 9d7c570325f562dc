"""The deadline of a notice's file in Airflow: a callback shortly before its time, and one after it."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from rostersync.attendance import DEADLINE
from rostersync.config import DistrictConfig
from rostersync.errors import RosterSyncError
from rostersync.landing import has_news, list_upload
from rostersync.orchestration.alerts import deliver_now
from rostersync.orchestration.districts import districts_to_build, find_district
from rostersync.orchestration.look_trigger import judge, look_for
from rostersync.orchestration.runs import archive_url, warehouse_url
from rostersync.orchestration.trigger import by_name, find_account
from rostersync.spec import Domain

log = logging.getLogger(__name__)

_AGAIN = timedelta(minutes=10)
"""After the notice's time: what was on its way at the deadline may never have arrived."""


def deadlines(cfg: DistrictConfig) -> list[DeadlineAlert]:
    """Of a run that began before a notice: two minutes before its time, and once more after it.

    A run that has ended well by then has no deadline any more. Without notices there is none.
    """
    if cfg.attendance is None or not cfg.attendance.notices:
        return []
    before = cfg.attendance.starts_before
    return [
        DeadlineAlert(
            reference=DeadlineReference.DAGRUN_LOGICAL_DATE,
            interval=interval,
            callback=SyncCallback(tell_if_silent, kwargs={"district": cfg.id}),
        )
        for interval in (max(before - DEADLINE, timedelta()), before + _AGAIN)
    ]


def tell_if_silent(district: str) -> None:
    """Raise and deliver the alert that a district's attendance is missing, if it is.

    Looks at the ledger: the run this is a deadline of may be a backfill of last week. Never raises for what
    it finds: an alert that cannot be raised is in the log of the callback.
    """
    from rostersync import pipeline

    try:
        cfg = find_district(district)
        raised = pipeline.tell_if_silent(
            cfg,
            lambda: districts_to_build(Domain.ATTENDANCE, None),
            archive=archive_url(),
            warehouse=warehouse_url(),
            is_arriving=lambda slot: _is_arriving(cfg, slot),
        )
    except RosterSyncError as error:
        log.error("%s: %s", type(error).__name__, error)
        return
    if raised is None:
        log.info("%s: nothing to tell", district)
        return
    log.warning("%s", raised.subject)
    deliver_now()


def _is_arriving(cfg: DistrictConfig, slot: str) -> bool:
    """The server holds a file for the slot that is not landed; False when it cannot be read."""
    from rostersync.pipeline import new_run, plan_wait

    run = new_run(
        cfg,
        slot,
        archive=archive_url(),
        warehouse=warehouse_url(),
        domain=Domain.ATTENDANCE,
    )
    look = look_for(run, plan_wait(run), slot)
    try:
        account = find_account(look["conn_id"], look["folder"])
        judged = judge(look, asyncio.run(list_upload(account)))
    except RosterSyncError as error:
        log.warning("%s: %s", cfg.id, error)
        return False
    return bool(judged.strangers.temporary) or has_news(judged.files, by_name(look["landed"]))
