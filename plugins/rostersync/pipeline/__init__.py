"""One function per step of a sync; plain Python, no Airflow.

Every step reads the archive and writes the archive, may be killed and run again, and hands on ids, paths
and counts only: ``land -> stage -> validate -> diff -> load -> report``.
"""

from rostersync.pipeline.alerts import deliver_alerts, list_alerts
from rostersync.pipeline.check import stage, validate
from rostersync.pipeline.data_docs import (
    build_data_docs,
    export_data_docs,
    find_validation,
    remove_old_data_docs,
    validation_of,
)
from rostersync.pipeline.deadlines import tell_if_silent
from rostersync.pipeline.decide import EXPIRES, approve, discard, expire, is_decided
from rostersync.pipeline.digest import raise_digest
from rostersync.pipeline.drift import find_drift, repair_drift
from rostersync.pipeline.dry_run import dry_run, dry_run_server
from rostersync.pipeline.explain import explain
from rostersync.pipeline.heartbeat import Heartbeat, heartbeat, tell_heartbeat
from rostersync.pipeline.land import land_folder, land_server
from rostersync.pipeline.load import diff, load
from rostersync.pipeline.notices import (
    list_notices,
    release_notice,
    resume_notices,
    skip_day,
    stop_notices,
    why_no_school,
)
from rostersync.pipeline.outbox import tell_district
from rostersync.pipeline.plan import WaitPlan, plan_wait
from rostersync.pipeline.rebuild import (
    archived_districts,
    districts_with_runs,
    keep_ledger,
    rebuild,
)
from rostersync.pipeline.reopen import OpenSlot, open_slots
from rostersync.pipeline.report import Waited, record_failure, record_result, run_result
from rostersync.pipeline.restore import RestoreResult, restore
from rostersync.pipeline.retry import retry_unknown_students
from rostersync.pipeline.run import Run, new_run
from rostersync.pipeline.sync import check_folder, replay, sync_folder
from rostersync.pipeline.waivers import add_waiver, end_waiver, waivers_of

__all__ = [
    "EXPIRES",
    "Heartbeat",
    "OpenSlot",
    "RestoreResult",
    "Run",
    "WaitPlan",
    "Waited",
    "add_waiver",
    "approve",
    "archived_districts",
    "build_data_docs",
    "check_folder",
    "deliver_alerts",
    "diff",
    "discard",
    "districts_with_runs",
    "dry_run",
    "dry_run_server",
    "end_waiver",
    "expire",
    "explain",
    "export_data_docs",
    "find_drift",
    "find_validation",
    "heartbeat",
    "is_decided",
    "keep_ledger",
    "land_folder",
    "land_server",
    "list_alerts",
    "list_notices",
    "load",
    "new_run",
    "open_slots",
    "plan_wait",
    "raise_digest",
    "rebuild",
    "record_failure",
    "record_result",
    "release_notice",
    "remove_old_data_docs",
    "repair_drift",
    "replay",
    "restore",
    "resume_notices",
    "retry_unknown_students",
    "run_result",
    "skip_day",
    "stage",
    "stop_notices",
    "sync_folder",
    "tell_district",
    "tell_heartbeat",
    "tell_if_silent",
    "validate",
    "validation_of",
    "waivers_of",
    "why_no_school",
]
