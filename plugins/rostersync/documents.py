"""Dataclasses as JSON documents: what the archive, the ledger, XComs and triggers keep of them.

One way for all, pydantic's: tuples come back as tuples, enums and times as themselves; what an older document
lacks takes the field's default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")


class Document:
    """A dataclass that is kept as JSON."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """As it is kept: JSON types only."""
        document: dict[str, Any] = to_document(self)
        return document

    @classmethod
    def from_json(cls, document: Any) -> Self:
        """As read back; what an older document lacks has the field's default."""
        return from_document(cls, document)


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
"""Made once a type: that takes a millisecond."""


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # a tenth of a second that `--help` does not need

    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_document(value: Any) -> Any:
    """A dataclass as JSON types only."""
    return _adapter(type(value)).dump_python(value, mode="json")


def from_document(kind: type[T], document: Any) -> T:
    """As :func:`to_document` wrote it. Raises pydantic.ValidationError for anything else."""
    value: T = _adapter(kind).validate_python(document)
    return value
