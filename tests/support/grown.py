"""The contract as a later release may have it: one column, file or entity more, or one less."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from rostersync.spec import ENTITIES, FILES, Column, Entity, File


@contextmanager
def contract(*parts: File | Entity) -> Iterator[None]:
    """The contract with these files and entities, instead of those it has under their names."""
    kept = dict(FILES), dict(ENTITIES)
    for part in parts:
        if isinstance(part, File):
            FILES[part.name] = part
        else:
            ENTITIES[part.name] = part
    try:
        yield
    finally:
        for known, before in zip((FILES, ENTITIES), kept, strict=True):
            known.clear()
            known.update(before)


def with_column(name: str, *added: Column) -> tuple[File, Entity]:
    """A file, and the entity of its name, with more columns."""
    file, entity = FILES[name], ENTITIES[name]
    return (
        replace(file, columns=(*file.columns, *added)),
        replace(entity, columns=(*entity.columns, *added)),
    )


def made_by(name: str, recipe: int) -> Entity:
    """An entity whose key is made by another recipe."""
    entity = ENTITIES[name]
    assert entity.made
    return replace(entity, made=replace(entity.made, recipe=recipe))


def without_column(name: str, column: str) -> tuple[File, Entity]:
    """A file, and the entity of its name, which a column has left."""
    file, entity = FILES[name], ENTITIES[name]
    left = (file.column(column),)
    return (
        replace(file, columns=_but(file.columns, column), former=left),
        replace(entity, columns=_but(entity.columns, column), former=left),
    )


def _but(columns: tuple[Column, ...], name: str) -> tuple[Column, ...]:
    return tuple(c for c in columns if c.name != name)
