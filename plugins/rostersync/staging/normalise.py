"""Raw text -> the contract's forms, as one SQL statement over the whole file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from rostersync.engine import Session, render_sql
from rostersync.engine.sql import literal
from rostersync.spec import ALL_DAY, File, Kind
from rostersync.spec.text import PLACEHOLDERS, WHITE_SPACE
from rostersync.staging.header import Binding
from rostersync.staging.language import resolve_languages

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig


WHOLE_PHONES: Mapping[str, int] = MappingProxyType({})
"""No column takes a phone without its area code."""


def write_staged(
    session: Session,
    file: File,
    cfg: DistrictConfig,
    binding: Binding,
    line: str,
    name: str,
    *,
    phone_digits: Mapping[str, int] = WHOLE_PHONES,
) -> int:
    """Write ``staging_raw`` in normalised form to the archive; the rows the written file has.

    ``line``: SQL expression of a row's physical line. ``phone_digits``: the fewest digits of a phone by
    column, where they are fewer than ten. Memory is bounded: the statement streams.
    """
    sources = [
        (c, f"c{binding.columns[c.name]}" if c.name in binding.columns else None)
        for c in file.columns
    ]
    _fill_maps(session, file, cfg, binding)
    if binding.attributes:
        session.run("duckdb/staging/attributes_table.sql")
        session.con.executemany(
            "insert into staging_attributes values (?, ?)",
            list(enumerate(binding.attributes)),
        )
    query = render_sql(
        "duckdb/staging/normalise.sql",
        line=line,
        white_space=WHITE_SPACE,
        placeholders=PLACEHOLDERS,
        sources=sources,
        phone_digits=phone_digits,
        keeps_attributes=file.attributes,
        attributes=[f"c{position}" for position in binding.attributes.values()],
        wide=file.wide,
        wide_sources=[
            (_period(header, cfg), f"c{position}") for header, position in binding.wide.items()
        ],
    )
    session.write_parquet(query, name)
    written = literal(session.local_path(name))
    return int(session.scalar(f"select count(*) from read_parquet({written})"))


def _period(number: str, cfg: DistrictConfig) -> str:
    """The period of column ``p<number>``; p0 is the whole day until the district says otherwise."""
    says = cfg.attendance.p0 if cfg.attendance else None
    if says == "period_1":
        return str(int(number) + 1)
    return ALL_DAY if number == "0" and says != "zero_period" else number


def _fill_maps(session: Session, file: File, cfg: DistrictConfig, binding: Binding) -> None:
    """The small tables of cell -> value: the district's maps, and the languages this file names."""
    maps: dict[Kind, dict[str, str]] = {
        Kind.GRADE: {sent: str(value) for sent, value in cfg.maps.grades.items()},
        Kind.STATUS: {sent: str(value) for sent, value in cfg.maps.status.items()},
    }
    for column in file.columns:
        if column.kind == Kind.LANGUAGE and column.name in binding.columns:
            rows = session.run(
                "duckdb/staging/distinct_values.sql",
                column=f"c{binding.columns[column.name]}",
                white_space=WHITE_SPACE,
            )
            maps[Kind.LANGUAGE] = resolve_languages((r[0] for r in rows), cfg.maps.languages)
    if not any(c.kind in (Kind.GRADE, Kind.STATUS, Kind.LANGUAGE) for c in file.columns):
        return
    session.run("duckdb/staging/maps_table.sql")
    rows = [(kind, sent, value) for kind, m in maps.items() for sent, value in m.items()]
    if rows:
        session.con.executemany("insert into staging_maps values (?, ?, ?)", rows)
