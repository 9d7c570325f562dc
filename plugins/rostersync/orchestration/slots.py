"""The slot of an Airflow run: what the form asks for, else what the run's time stands for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rostersync.attendance import slot_started_at
from rostersync.config import DistrictConfig, refuse_future, slot_of
from rostersync.errors import SlotError
from rostersync.spec import Domain

if TYPE_CHECKING:
    from airflow.sdk import Context


_SAME_MOMENT = timedelta(minutes=5)
_BY_HAND = ("manual", "operator_triggered")


def is_by_hand(context: Context) -> bool:
    """A run that a person, or another DAG, started without a date of its own.

    The trigger form, and another DAG's TriggerDagRunOperator, send the moment they act at.
    """
    dag_run = context["dag_run"]
    moment = dag_run.logical_date
    if moment is None:
        return True
    return dag_run.run_type in _BY_HAND and abs(dag_run.run_after - moment) < _SAME_MOMENT


def slot_of_run(context: Context, cfg: DistrictConfig, domain: Domain) -> str:
    """The slot; the same at every try and re-run.

    Raises SlotError for a malformed param ``slot``, for a slot in the future, and in a backfill for one that
    is not its run's night.

    Never from ``ds``: that is the UTC date, which in America is tomorrow's when the night begins.
    """
    dag_run = context["dag_run"]
    logical_date = dag_run.logical_date
    if is_by_hand(context):
        logical_date = None
    asked = context["params"].get("slot")
    if domain is Domain.ATTENDANCE and not asked and logical_date is not None:
        started = slot_started_at(cfg, logical_date)
        if started is not None:
            refuse_future(cfg, domain, started, dag_run.run_after)
            return started
    slot = slot_of(
        domain,
        params_slot=asked,
        logical_date=logical_date,
        run_after=dag_run.run_after,
        cfg=cfg,
    )
    if asked and dag_run.run_type == "backfill":
        own = slot_of(
            domain,
            params_slot=None,
            logical_date=logical_date,
            run_after=dag_run.run_after,
            cfg=cfg,
        )
        if slot != own:
            raise SlotError(
                "A backfill's runs are each for the night of their own date",
                district=cfg.id,
                expected=f"no param `slot`, or {own}",
                found=slot,
                next_step="run the backfill without `slot`, or trigger that one night",
            )
    return slot
