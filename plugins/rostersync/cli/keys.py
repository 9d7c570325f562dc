"""The key of one row, as a person types it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from rostersync.spec import Entity, Kind


def key_of(entity: Entity, parts: Sequence[str]) -> tuple[str, ...]:
    """The values of the entity's key columns: given one by one, or joined by ``/`` in one argument.

    Raises click.BadParameter that names the key's columns, never what was given.
    """
    wanted = " / ".join(entity.key)
    values = tuple(parts)
    if len(values) == 1 and len(entity.key) > 1:
        values = tuple(values[0].split("/"))
    if len(values) != len(entity.key) or not all(values):
        more = (
            ""
            if len(entity.key) == 1
            else "; give a value that holds a / as an argument of its own"
        )
        raise click.BadParameter(
            f"a row of {entity.name} is named by {wanted}, found {len(values)} of {len(entity.key)}"
            f" values{more}",
            param_hint="KEY",
        )
    for column, value in zip(entity.key_columns, values, strict=True):
        if column.kind is Kind.DATE and not _is_date(value):
            raise click.BadParameter(
                f"a row of {entity.name} is named by {wanted}; {column.name} is YYYY-MM-DD",
                param_hint="KEY",
            )
    return values


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
