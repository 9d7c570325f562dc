"""Builds a district's DAGs from its configuration; the same YAML always gives the same DAG."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from string import Template

from airflow.sdk import DAG, CronTriggerTimetable, Param, TriggerRule, chain, task

from rostersync.config import DistrictConfig
from rostersync.landing import Source
from rostersync.orchestration import policy, pools, tasks
from rostersync.orchestration.districts import dag_id
from rostersync.orchestration.report import report
from rostersync.orchestration.sensor import UploadSensor
from rostersync.spec import Domain

OWNER = "data-ops"
_DOC = Path(__file__).with_name("core.md")
_LONGEST_WAIT = int(policy.RUN_TIMEOUT.total_seconds() / 60) - 60


def build_core_dag(cfg: DistrictConfig) -> DAG:
    """The nightly DAG ``core__<district>``: wait, land, stage, validate, diff, load, report.

    It fires every day; a day on which the district does not send ends ``not_expected``. Without a start date,
    so that a new district begins with its next night, not with the last one.
    """
    at = cfg.core.at
    district = cfg.id
    with DAG(
        dag_id(Domain.CORE, district),
        dag_display_name=f"{cfg.name}: nightly sync",
        description=f"Waits for the upload of {cfg.name} and brings the warehouse up to it",
        doc_md=_doc(cfg),
        schedule=CronTriggerTimetable(f"{at.minute} {at.hour} * * *", timezone=cfg.timezone),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=policy.RUN_TIMEOUT,
        is_paused_upon_creation=False,  # `enabled` in the YAML is the switch
        default_args={"owner": OWNER, **policy.default_args()},
        owner_links={OWNER: f"mailto:{cfg.alerts.email[0]}"} if cfg.alerts.email else {},
        tags=["rostersync", f"domain:{Domain.CORE}", f"district:{district}"],
        params=_params(),
    ) as dag:
        upload = UploadSensor(
            task_id="wait",
            district_id=district,
            domain=str(Domain.CORE),
            plan=tasks.wait_plan(district, Domain.CORE),
            on_event=tasks.wait_listener(district, Domain.CORE),
            execution_timeout=None,  # waits all night; the trigger knows when to end
            doc_md=_WAIT_DOC,
        )
        step = partial(task, multiple_outputs=False)  # one XCom a task
        landing = step(pool=pools.SFTP.name)(tasks.land)(district, upload.output)
        staged = step()(tasks.stage)(district, landing)
        validated = step()(tasks.validate)(district, staged)
        changes = step()(tasks.diff)(district, staged)
        loaded = step(pool=pools.WAREHOUSE.name, outlets=[tasks.SOMETHING_WAITS])(tasks.load)(
            district, staged
        )
        reported = step(trigger_rule=TriggerRule.ALL_DONE)(report)(district)
        chain(validated, changes, loaded, reported)
    return dag


_WAIT_DOC = """Wait until the upload is complete: every required file there, newer than the last one, and left
alone for the quiet period. Uses no worker. Ends at once when the archive has the landing to take, and the
server nothing newer.
"""


def _params() -> dict[str, Param]:
    return {
        "slot": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Night to sync",
            description="Date of the night, YYYY-MM-DD. Empty: the night that is still waiting, else today.",
        ),
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


def _doc(cfg: DistrictConfig) -> str:
    quiet = cfg.core.quiet.total_seconds()
    return Template(_DOC.read_text(encoding="utf-8")).substitute(
        id=cfg.id,
        name=cfg.name,
        zone=cfg.timezone,
        at=f"{cfg.core.at:%H:%M}",
        until=f"{cfg.core.wait_until:%H:%M}",
        quiet=f"{quiet / 60:g} min" if quiet >= 60 else f"{quiet:g} s",
        days=", ".join(cfg.core.sends),
        connection=cfg.sftp.conn_id,
        folder=cfg.sftp.folder,
    )
