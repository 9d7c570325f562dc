"""The least any pipeline has to do: read the CSVs once, and bring the same delta into Postgres."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rostersync.engine import open_session, render_sql
from rostersync.engine.postgres import connect
from rostersync.fold import SlotDiff
from rostersync.pipeline.ground.run import Run
from rostersync.spec import Entity, entities_of
from rostersync.warehouse.splice import merge_newest


def scan(folder: Path) -> None:
    """A bare DuckDB scan that parses and hashes every field of every CSV, all as text."""
    import duckdb

    con = duckdb.connect()
    for path in sorted(folder.glob("*.csv")):
        con.execute(
            "select bit_xor(hash(t))"
            " from read_csv(?, all_varchar = true, header = true, ignore_errors = true) as t",
            [str(path)],
        ).fetchall()


def copy_and_merge(run: Run) -> None:
    """COPY of ready CSV files into the change log, each merged into current: no ledger; rolled back."""
    with tempfile.TemporaryDirectory() as scratch, connect(run.warehouse) as conn:
        ready = _ready_files(run, diff := _diff(run), Path(scratch))
        with conn.transaction(force_rollback=True):
            for entity, file in ready:
                copy_sql = render_sql("postgres/warehouse/copy_log.sql", entity=entity)
                with file.open("rb") as source, conn.cursor().copy(copy_sql) as copy:
                    while chunk := source.read(1 << 20):
                        copy.write(chunk)
                where = {"district": run.district, "slot": run.slot}
                merge_newest(conn, entity, diff.entities[entity.name], where)


def _diff(run: Run) -> SlotDiff:
    """The only one that was computed of the slot."""
    landing = run.layout.landing(1)
    (folder,) = (n for n in run.archive.list_names(landing) if n.startswith("diff-"))
    return SlotDiff.from_json(run.archive.read_json(f"{landing}/{folder}/diff.json"))


def _ready_files(run: Run, diff: SlotDiff, scratch: Path) -> list[tuple[Entity, Path]]:
    found = []
    with open_session(run.archive) as session:
        for entity in entities_of(run.domain):
            changes = diff.entities[entity.name].changes
            if changes is None:
                continue
            session.view_parquet("delta", changes)
            columns = ", ".join(f'"{c.name}"' for c in entity.columns)
            file = scratch / f"{entity.name}.csv"
            session.con.execute(
                f"copy (select '{run.district}', '{run.slot}', op, {columns}, '{run.run_id}',"
                f" case when op <> 'D' then 'floor' end, _line from delta) to '{file}' (header false)"
            )
            found.append((entity, file))
    return found
