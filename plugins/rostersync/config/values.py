"""The kinds of value a district's YAML holds, each with a message that says how to write it.

YAML reads some unquoted text as something else (20:00 is the number 1200, ``no`` is false, 0123 is 83): every
type here takes what YAML means to give it and names the quotes otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError

from rostersync.spec import ENTITIES, FILES
from rostersync.spec.grades import GRADES
from rostersync.spec.languages import language_code

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def expected(text: str) -> PydanticCustomError:
    """The error of a value that is not ``text``; what was found is added by the report."""
    return PydanticCustomError("expected", "{text}", {"text": text})


def did_you_mean(wrong: Any, known: Iterable[str]) -> str:
    """`` (did you mean "x"?)``, or nothing when no known name is near."""
    near = get_close_matches(str(wrong), list(known), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise expected("text (in quotes)")
    if not value.strip():
        raise expected("text that is not blank")
    return value


def _matches(pattern: str, what: str) -> Callable[[Any], str]:
    compiled = re.compile(pattern)

    def check(value: Any) -> str:
        text = _text(value)
        if not compiled.fullmatch(text):
            raise expected(what)
        return text

    return check


def _one_of(known: Iterable[str], what: str) -> Callable[[Any], str]:
    names = tuple(known)

    def check(value: Any) -> str:
        if value not in names:
            raise expected(f"{what}: {', '.join(names)}{did_you_mean(value, names)}")
        return str(value)

    return check


def _time(value: Any) -> time:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    raise expected('"HH:MM" (in quotes)')


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        parts = re.fullmatch(r"(?:(\d{1,4})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s)?", value)
        if value and parts:
            hours, minutes, seconds = (int(p or 0) for p in parts.groups())
            return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    raise expected("a duration such as 5m, 60s or 1h30m")


def duration_text(value: timedelta) -> str:
    """As the YAML writes it, in seconds."""
    return f"{int(value.total_seconds())}s"


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise expected("a date YYYY-MM-DD")


def _day(value: Any) -> str:
    name = value.lower() if isinstance(value, str) else ""
    if name in _DAY_NAMES:
        return name[:3]
    if name not in DAYS:
        raise expected(f"a day: {', '.join(DAYS)}")
    return name


def _time_zone(value: Any) -> str:
    text = _text(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # unknown, outside the folder, or a folder's name
        hint = did_you_mean(text, available_timezones())
        raise expected(f"an IANA time zone such as America/Chicago{hint}") from None
    return text


def _grade(value: Any) -> int:
    if type(value) is int and value in GRADES:
        return value
    raise expected("a grade: a whole number from -4 to 12, or 100 for none")


def _status(value: Any) -> Any:
    if (type(value) is int and value in (0, 1)) or value == "drop":
        return value
    raise expected("1 (active), 0 (incoming) or drop")


def _language(value: Any) -> str:
    language = language_code(value) if isinstance(value, str) else None
    if language is None or not re.fullmatch("[a-z]{2,3}", str(value)):
        hint = f' (did you mean "{language}"?)' if language else ""
        raise expected(f"an ISO 639 code such as es or hmn (in quotes){hint}")
    return language


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise expected("true or false")
    return value


def _rule_value(value: Any) -> Any:
    """What a parameter of a rule may be at all; the rule says the rest."""
    texts = value if isinstance(value, list | tuple) else [value]
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole and not (texts and all(isinstance(t, str) for t in texts)):
        raise expected("a severity, a whole number, a text or a list of texts (in quotes)")
    return value


def _delimiter(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 1 or value.isalnum() or value in "\"'\r\n\0":
        raise expected('one character such as "," or ";" or "\\t" (in quotes)')
    return value


def _folder(value: Any) -> str:
    if ".." in _text(value).split("/"):
        raise expected("a folder of the account, without ..")
    return str(value)


def all_schools(value: Any) -> str:
    """``all``, where a list of school ids could stand too."""
    if value != "all":
        raise expected("all, or a list of school ids")
    return "all"


def all_columns(value: Any) -> str:
    """``all``, where a list of columns could stand too."""
    if value != "all":
        raise expected("all, or a list of columns")
    return "all"


def limits_word(value: Any) -> str:
    """``default`` or ``off``; unquoted, YAML reads ``off`` as false."""
    if value is False:
        return "off"
    if value not in ("default", "off"):
        raise expected("default, off, or numbers per entity")
    return str(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise expected("a number of 0 or more")
    return value


_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def _size(value: Any) -> int:
    parts = re.fullmatch(r"(\d{1,6})([KMGT]?B)", value) if isinstance(value, str) else None
    if parts is None:
        raise expected("a size such as 500MB or 2GB")
    return int(parts[1]) * _UNITS[parts[2]]


def size_text(value: int) -> str:
    """As the YAML writes it, in the largest unit without a rest."""
    unit = next(
        name for name, n in reversed(_UNITS.items()) if value % n == 0 and (value or n == 1)
    )
    return f"{value // _UNITS[unit]}{unit}"


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise expected("a whole number of 0 or more")
    return value


Text = Annotated[str, BeforeValidator(_text)]
Id = Annotated[str, BeforeValidator(_matches(r"[a-z0-9_]+", "an id of a-z, 0-9 and _"))]
ConnectionId = Annotated[
    str, BeforeValidator(_matches(r"[\w.-]+", "a connection id of letters, digits, _ - ."))
]
CsvName = Annotated[
    str, BeforeValidator(_matches(r"[^/\\\x00-\x1f]*[^/\\\x00-\x1f.]", "a file name, no folder"))
]
Email = Annotated[
    str,
    BeforeValidator(_matches(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;.]+", "an email address")),
]
Chat = Annotated[
    str,
    BeforeValidator(
        _matches(
            r"[A-Za-z0-9_.-]+|[a-z][a-z0-9+.-]*://\S+",
            "the name of an Airflow connection of type apprise, or a URL with ://",
        )
    ),
]
EntityName = Annotated[str, BeforeValidator(_one_of(ENTITIES, "an entity"))]
FileName = Annotated[str, BeforeValidator(_one_of(FILES, "a file of the contract"))]
FirstLoad = Annotated[
    Literal["approve", "auto"], BeforeValidator(_one_of(("approve", "auto"), "one of"))
]
OnDrift = Annotated[
    Literal["repair", "warn", "fail"],
    BeforeValidator(_one_of(("repair", "warn", "fail"), "one of")),
]
P0 = Annotated[
    Literal["all_day", "zero_period", "period_1"],
    BeforeValidator(_one_of(("all_day", "zero_period", "period_1"), "one of")),
]
WindowMode = Annotated[
    Literal["rollover", "summer_pause", "adds_only"],
    BeforeValidator(_one_of(("rollover", "summer_pause", "adds_only"), "one of")),
]
Flag = Annotated[bool, BeforeValidator(_flag)]
Time = Annotated[time, BeforeValidator(_time), PlainSerializer(lambda t: f"{t:%H:%M}")]
Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(duration_text)]
Date = Annotated[date, BeforeValidator(_date)]
Day = Annotated[str, BeforeValidator(_day)]
TimeZone = Annotated[str, BeforeValidator(_time_zone)]
Grade = Annotated[int, BeforeValidator(_grade)]
Status = Annotated[Literal[0, 1, "drop"], BeforeValidator(_status)]
Language = Annotated[str, BeforeValidator(_language)]
Delimiter = Annotated[str, BeforeValidator(_delimiter)]
Folder = Annotated[str, BeforeValidator(_folder)]
RuleValue = Annotated[int | str | tuple[str, ...], BeforeValidator(_rule_value)]
Percent = Annotated[float, BeforeValidator(_number)]
Size = Annotated[int, BeforeValidator(_size), PlainSerializer(size_text)]
Rows = Annotated[int, BeforeValidator(_count)]
