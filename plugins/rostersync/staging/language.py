"""What districts write for a language -> its ISO 639 code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rostersync.spec.languages import language_code


def resolve_languages(sent: Iterable[str], district: Mapping[str, str]) -> dict[str, str]:
    """Cell -> code, for the cells that name a language.

    The district's map first (exactly), then codes and names of the contract in any case.
    """
    found = {cell: district.get(cell) or language_code(cell) for cell in sent}
    return {cell: code for cell, code in found.items() if code}
