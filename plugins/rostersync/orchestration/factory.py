"""Builds a district's DAGs from its configuration; the same YAML always gives the same DAG.

One graph for every domain: wait, land, stage, validate, diff, load, report.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

from airflow.sdk import (
    DAG,
    CronTriggerTimetable,
    MultipleCronTriggerTimetable,
    Param,
    TriggerRule,
    chain,
    task,
)

from rostersync.attendance import EVENING, start_crons
from rostersync.config import DistrictConfig
from rostersync.config.values import DAYS
from rostersync.landing import Source
from rostersync.orchestration import policy, pools, tasks
from rostersync.orchestration.deadlines import deadlines
from rostersync.orchestration.districts import dag_id
from rostersync.orchestration.docs_link import DataDocsLink
from rostersync.orchestration.fleet_dag import OWNER
from rostersync.orchestration.report import report
from rostersync.orchestration.sensor import UploadSensor
from rostersync.spec import Domain

_LONGEST_WAIT = int(policy.RUN_TIMEOUT.total_seconds() / 60) - 60
_JUST_NOW = timedelta(minutes=15)
"""A first slot that was due at most this long ago still begins: files are read only every few minutes.

One that passes while nothing reads or starts DAGs is not made up for; DAG ``heartbeat`` tells of it.
Airflow's own default, whatever its documentation says of False, is a tenth of the time between two slots: 2.4
hours of a day. A notice that was told before the district came would then be missed with an alert.
"""
_NAMES = {
    Domain.CORE: "nightly sync",
    Domain.TERMS: "terms",
    Domain.ATTENDANCE: "attendance",
}


def build_sync_dag(cfg: DistrictConfig, domain: Domain) -> DAG:
    """The DAG ``<domain>__<district>``.

    Core fires every day; a day on which the district does not send ends ``not_expected``. Terms fire on their
    day of the week, attendance before each notice and in the evening. Without a start date: a new district
    begins with its next slot (:data:`_JUST_NOW`), not with the last one.
    """
    district = cfg.id
    with DAG(
        dag_id(domain, district),
        dag_display_name=f"{cfg.name}: {_NAMES[domain]}",
        description=f"Waits for the upload of {cfg.name} and brings the warehouse up to it",
        doc_md=_doc(cfg, domain),
        schedule=_schedule(cfg, domain),
        catchup=False,
        max_active_runs=policy.RUNS_AT_ONCE[domain],
        dagrun_timeout=policy.RUN_TIMEOUT,
        is_paused_upon_creation=False,  # `enabled` in the YAML is the switch
        default_args={"owner": OWNER, **policy.default_args()},
        owner_links={OWNER: f"mailto:{cfg.alerts.email[0]}"} if cfg.alerts.email else {},
        tags=["rostersync", f"domain:{domain}", f"district:{district}"],
        params=_params(domain),
        deadline=deadlines(cfg) if domain is Domain.ATTENDANCE else None,
    ) as dag:
        upload = UploadSensor(
            task_id="wait",
            district_id=district,
            domain=str(domain),
            plan=tasks.wait_plan(district),
            on_event=tasks.wait_listener(district, domain),
            execution_timeout=None,  # may wait all night; the trigger knows when to end
            doc_md=_WAIT_DOC,
        )
        step = partial(task, multiple_outputs=False)  # one XCom a task
        into_warehouse = partial(step, pool=pools.WAREHOUSE.name, outlets=[tasks.SOMETHING_WAITS])
        landing = step(pool=pools.SFTP.name)(tasks.land)(district, upload.output)
        staged = step()(tasks.stage)(district, landing)
        validated = step()(tasks.validate)(district, staged)
        validated.operator.operator_extra_links = (DataDocsLink(),)
        changes = step()(tasks.diff)(district, staged)
        loaded = into_warehouse()(tasks.load)(district, staged)
        reported = step(trigger_rule=TriggerRule.ALL_DONE)(report)(district)
        chain(validated, changes, loaded, reported)
    return dag


def _schedule(
    cfg: DistrictConfig, domain: Domain
) -> CronTriggerTimetable | MultipleCronTriggerTimetable:
    if domain is Domain.ATTENDANCE:
        return MultipleCronTriggerTimetable(
            *start_crons(cfg), timezone=cfg.timezone, run_immediately=_JUST_NOW
        )
    if domain is Domain.CORE:
        at, day = cfg.core.at, "*"
    else:
        assert cfg.terms is not None  # noqa: S101 - a district with terms off has no such DAG
        at, day = (
            cfg.terms.at,
            str((DAYS.index(cfg.terms.day) + 1) % 7),
        )  # cron's week begins on Sunday
    cron = f"{at.minute} {at.hour} * * {day}"
    return CronTriggerTimetable(cron, timezone=cfg.timezone, run_immediately=_JUST_NOW)


_WAIT_DOC = """Wait until the upload is complete: every required file there, newer than the last one, and left
alone for the quiet period. Uses no worker. Ends at once when the archive has the landing to take, and the
server nothing newer.
"""


_SLOTS: dict[Domain, dict[str, Any]] = {
    Domain.CORE: {
        "format": "date",
        "title": "Night to sync",
        "description": "Date of the night, YYYY-MM-DD. Empty: the night that is still waiting, else today.",
    },
    Domain.TERMS: {
        "format": "date",
        "title": "Date to sync",
        "description": "The local date the terms are synced for, YYYY-MM-DD. Empty: today.",
    },
    Domain.ATTENDANCE: {
        "title": "Notice's time, or any",
        "description": "Local date and time, YYYY-MM-DDTHH:MM. A notice's time: what that notice is told"
        " from. Any other, or empty: load what is there now.",
    },
}


def _params(domain: Domain) -> dict[str, Param]:
    return {
        "slot": Param(None, type=["null", "string"], **_SLOTS[domain]),
        "source": Param(
            str(Source.AUTO),
            type="string",
            enum=[str(source) for source in Source],
            title="Where the files come from",
            description="auto: the night's newest landing in the archive, or the server when it holds"
            " something newer and there is no landing, it was rejected, or the wait has not ended. archive:"
            " that landing. server: the server in any case. folder: the newest landing that `rostersync land"
            " FOLDER` put there.",
        ),
        "wait_minutes": Param(
            None,
            type=["null", "integer"],
            minimum=0,
            maximum=_LONGEST_WAIT,
            title="Minutes to wait",
            description="How long to wait for the upload from now on. Empty: until the district's own end of"
            " the wait. 0: take what lies there once it has been left alone for the quiet period.",
        ),
    }


def _doc(cfg: DistrictConfig, domain: Domain) -> str:
    quiet = cfg.core.quiet.total_seconds()
    text = Path(__file__).with_name(f"{domain}.md").read_text(encoding="utf-8")
    return Template(text).substitute(
        id=cfg.id,
        name=cfg.name,
        zone=cfg.timezone,
        at=f"{(cfg.terms.at if domain is Domain.TERMS and cfg.terms else cfg.core.at):%H:%M}",
        day=_LONG_DAYS[cfg.terms.day] if cfg.terms else "",
        until=f"{cfg.core.wait_until:%H:%M}",
        quiet=f"{quiet / 60:g} min" if quiet >= 60 else f"{quiet:g} s",
        days=", ".join(cfg.core.sends),
        notices="\n".join(_notices(cfg)),
        evening=f"{EVENING:%H:%M}",
        connection=cfg.sftp.conn_id,
        folder=cfg.sftp.folder,
    )


def _notices(cfg: DistrictConfig) -> list[str]:
    """A line of the documentation for each notice."""
    if cfg.attendance is None or not cfg.attendance.notices:
        return ["- none: events are loaded, nobody is told"]
    return [
        f"- **{n.at:%H:%M}** `{n.id}`: codes {', '.join(n.codes)} of {', '.join(n.periods)},"
        f" schools {n.schools if isinstance(n.schools, str) else ', '.join(n.schools)}"
        for n in cfg.attendance.notices
    ]


_LONG_DAYS = dict(
    zip(
        DAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
