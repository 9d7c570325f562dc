"""What districts write for a language -> ISO 639-1."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache


def resolve_languages(sent: Iterable[str], district: Mapping[str, str]) -> dict[str, str]:
    """Cell -> ISO 639-1 code, for the cells that name a language.

    The district's map first (exactly), then ISO 639-1 and 639-2 codes and English names, then native names,
    all in any case.
    """
    found: dict[str, str] = {}
    for cell in sent:
        key = _key(cell)
        code = district.get(cell) or _codes_and_english().get(key) or _native().get(key)
        if code:
            found[cell] = code
    return found


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


@cache
def _codes_and_english() -> dict[str, str]:
    import pycountry
    from babel import Locale

    english = Locale("en").languages
    names: dict[str, str] = {}
    for language in pycountry.languages:
        code = getattr(language, "alpha_2", None)
        if code is None:
            continue
        codes = (code, language.alpha_3, getattr(language, "bibliographic", ""))
        names |= dict.fromkeys((c for c in codes if c), code)
    for language in pycountry.languages:  # names after codes: a code is never shadowed by a name
        code = getattr(language, "alpha_2", None)
        if code:
            for name in (language.name, english.get(code, "")):
                names.setdefault(_key(name), code)
    return names


@cache
def _native() -> dict[str, str]:
    """Native names; loading every locale takes most of a second, so only when a cell needs it."""
    from babel import Locale, UnknownLocaleError

    names: dict[str, str] = {}
    for code in sorted(set(_codes_and_english().values())):
        try:
            native = Locale(code).languages.get(code)
        except UnknownLocaleError:
            continue
        if native:
            names.setdefault(_key(native), code)
    return names
