"""The languages a family may be addressed in: every code of ISO 639-2, with its names, from languages.csv.

The file has one line a language. ``code``: what is stored, ISO 639-1 where there is one, else the 639-2/T
code. ``iso_639_2`` and ``bibliographic``: the T code, and the B code where it is another. Then, parted by
semicolons, ``english`` names, the ``native`` name, and ``common`` names: what else SIS write, codes that ISO
has withdrawn among them. Codes that name no language (``und``, ``mul``, ``mis``, ``zxx``) are not in it.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("languages.csv")
_PUNCTUATION = re.compile(r"[\s()\[\],/\u2010-\u2014-]+")


@dataclass(frozen=True, slots=True)
class Language:
    """A language. ``code``: what is stored. ``codes``: all of ISO's, ``code`` first."""

    code: str
    codes: tuple[str, ...]
    english: tuple[str, ...]
    native: tuple[str, ...]
    common: tuple[str, ...]


@cache
def languages() -> tuple[Language, ...]:
    """Every language, in the order of its three-letter code."""
    with _TABLE.open(encoding="utf-8", newline="") as table:
        return tuple(_language(row) for row in csv.DictReader(table))


@cache
def language_codes() -> tuple[str, ...]:
    """What a language is stored as, in alphabetical order."""
    return tuple(sorted(language.code for language in languages()))


def language_code(sent: str) -> str | None:
    """The code of a language that is named by a code or a name, in any case; None where it is not known.

    Brackets, commas, hyphens and white space only part words. Where semicolons part several names, as in
    ISO's own ``Spanish; Castilian``, they have to be of one language.
    """
    named = {_codes().get(_key(part)) for part in sent.split(";")}
    return named.pop() if len(named) == 1 else None


def _language(row: dict[str, str]) -> Language:
    codes = dict.fromkeys(c for c in (row["code"], row["iso_639_2"], row["bibliographic"]) if c)
    english, native, common = (
        tuple(filter(None, row[names].split("; "))) for names in ("english", "native", "common")
    )
    return Language(row["code"], tuple(codes), english, native, common)


@cache
def _codes() -> dict[str, str]:
    """Key of a code or name -> the code that is stored. A name never shadows a code."""
    return dict(reversed(tuple(_keys())))


def _keys() -> Iterator[tuple[str, str]]:
    for language in languages():
        yield from ((code, language.code) for code in language.codes)
    for names in ("english", "native", "common"):
        for language in languages():
            yield from ((_key(name), language.code) for name in getattr(language, names))


def _key(name: str) -> str:
    text = unicodedata.normalize("NFC", name).casefold().replace("\u2019", "'")
    return " ".join(_PUNCTUATION.sub(" ", text).split())
