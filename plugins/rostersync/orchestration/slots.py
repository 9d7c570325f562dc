"""The slot of an Airflow run: what the form asks for, else what the run's time stands for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rostersync.config import DistrictConfig, slot_of
from rostersync.errors import SlotError
from rostersync.spec import Domain

if TYPE_CHECKING:
    from airflow.sdk import Context


_SAME_MOMENT = timedelta(minutes=5)
_BY_HAND = ("manual", "operator_triggered")


def slot_of_run(context: Context, cfg: DistrictConfig, domain: Domain) -> str:
    """The slot; the same at every try and re-run.

    Raises SlotError for a malformed param ``slot``, and in a backfill for one that is not its run's night.

    Never from ``ds``: that is the UTC date, which in America is tomorrow's when the night begins.
    """
    dag_run = context["dag_run"]
    logical_date = dag_run.logical_date
    # The trigger form, and another DAG's TriggerDagRunOperator, send the moment they act at: that is a run by
    # hand without a date of its own.
    if (
        dag_run.run_type in _BY_HAND
        and logical_date is not None
        and abs(dag_run.run_after - logical_date) < _SAME_MOMENT
    ):
        logical_date = None
    asked = context["params"].get("slot")
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
