"""What a district's YAML says, as frozen types. The keys are those of the YAML, one to one."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from rostersync.config.consistency import contradictions
from rostersync.config.values import (
    P0,
    Chat,
    ConnectionId,
    CsvName,
    Date,
    Day,
    Delimiter,
    Duration,
    Email,
    EntityName,
    FileName,
    FirstLoad,
    Flag,
    Folder,
    Grade,
    Id,
    Language,
    OnDrift,
    Percent,
    Rows,
    Status,
    Text,
    Time,
    TimeZone,
    WindowMode,
    all_schools,
    expected,
    limits_word,
)
from rostersync.spec import File


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, populate_by_name=True
    )


def _word_or_rest(value: Any) -> str:
    """Tag of a union "word, or a structure"; reports leave out the parts of a key in <>."""
    return "<rest>" if isinstance(value, dict | list | tuple) else "<word>"


class Sftp(_Model):
    """Where the district uploads: an Airflow connection (default ``sftp_<id>``) and a folder on it."""

    conn_id: ConnectionId
    folder: Folder = "/"


class Core(_Model):
    """The nightly sync: when its wait begins and ends (local times), and on which days a district sends.

    ``quiet``: how long the files must have stayed unchanged, also those of attendance, but a minute is
    enough there. ``strict``: a stale required file fails the night.
    """

    at: Time = "20:00"  # type: ignore[assignment]
    wait_until: Time = "05:00"  # type: ignore[assignment]
    quiet: Duration = "5m"  # type: ignore[assignment]
    strict: Flag = False
    sends: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")


class Terms(_Model):
    """The weekly sync of terms.csv, at a local time."""

    day: Day = "sun"
    at: Time = "06:00"  # type: ignore[assignment]


class Notice(_Model):
    """One attendance notification a day: when (local time), for which schools, periods and codes.

    ``expires``: for how long after its time a family may still be told.
    """

    id: Id
    at: Time
    schools: Annotated[
        Annotated[Literal["all"], BeforeValidator(all_schools), Tag("<word>")]
        | Annotated[tuple[Text, ...], Tag("<rest>")],
        Discriminator(_word_or_rest),
    ] = "all"
    periods: tuple[Text, ...] = Field(min_length=1)
    codes: tuple[Text, ...] = Field(min_length=1)
    expires: Duration = "60m"  # type: ignore[assignment]


class Attendance(_Model):
    """Attendance codes and notices. ``p0`` is None until the district has said what p0 means.

    ``starts_before``: how long before a notice its file is waited for. ``timezones``: of schools whose clocks
    are not the district's.
    """

    codes: dict[Text, Text] = Field(default_factory=dict)
    p0: P0 | None = None
    starts_before: Duration = "30m"  # type: ignore[assignment]
    timezones: dict[Text, TimeZone] = Field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


class CalendarDays(_Model):
    """School days: the days of the week, and dates that differ: none (holidays), extra ones, other times.

    ``times``: date -> notice id -> time.
    """

    weekdays: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")
    holidays: tuple[Date, ...] = ()
    extra: tuple[Date, ...] = ()
    times: dict[Date, dict[Id, Time]] = Field(default_factory=dict)


class Maps(_Model):
    """The district's own values -> the contract's. Keys compare exactly with the trimmed cell."""

    grades: dict[Text, Grade] = Field(default_factory=dict)
    languages: dict[Text, Language] = Field(default_factory=dict)
    status: dict[Text, Status] = Field(default_factory=dict)


class FileOverride(_Model):
    """How a district's file differs: its name, delimiter, and headers (uploaded -> contract column)."""

    name: CsvName | None = None
    delimiter: Delimiter = ","
    headers: dict[Text, Text] = Field(default_factory=dict)


class Limit(_Model):
    """Trips above ``percent`` of the previous rows and above ``rows``."""

    percent: Percent
    rows: Rows


class EntityLimits(_Model):
    """Limits of one entity; a kind that is left out keeps its default."""

    removed: Limit | None = None
    changed: Limit | None = None
    added: Limit | None = None


class Window(_Model):
    """Dates (both included) between which other slice limits hold."""

    from_: Date = Field(alias="from")
    to: Date
    mode: WindowMode


class Outbox(_Model):
    """What is told the district on its own SFTP account: whether, and for how many days it stays."""

    send: Flag = True
    keep_days: Annotated[Rows, Field(ge=1, le=3650)] = 30


class DataDocs(_Model):
    """For how many days the pages of what was validated stay in the archive."""

    keep_days: Annotated[Rows, Field(ge=1, le=3650)] = 90


class Alerts(_Model):
    """Who is told: email addresses, and chats: Airflow connections of type apprise, or Apprise URLs.

    A URL that holds a token belongs into a connection.
    """

    email: tuple[Email, ...] = ()
    apprise: tuple[Chat, ...] = ()


_UNPINNED = ("data_docs", "drift", "outbox")
"""What a slot's result never depends on."""


class DistrictConfig(_Model):
    """One district. ``terms`` and ``attendance`` are None when off.

    Raises pydantic.ValidationError with every mistake; :func:`load_district` turns it into a ConfigError.
    """

    id: Id
    name: Text
    enabled: Flag = True
    timezone: TimeZone
    sftp: Sftp
    core: Core = Core()
    district_office: tuple[Text, ...] = ()
    terms: Terms | None = None
    attendance: Attendance | None = None
    calendar_days: CalendarDays = CalendarDays()
    maps: Maps = Maps()
    files: dict[FileName, FileOverride] = Field(default_factory=dict)
    first_load: FirstLoad = "approve"
    limits: Annotated[
        Annotated[Literal["default", "off"], BeforeValidator(limits_word), Tag("<word>")]
        | Annotated[dict[EntityName, EntityLimits], Tag("<rest>")],
        Discriminator(_word_or_rest),
    ] = "default"
    windows: tuple[Window, ...] = ()
    drift: OnDrift = "repair"
    alerts: Alerts = Alerts()
    outbox: Outbox = Outbox()
    data_docs: DataDocs = DataDocs()

    @model_validator(mode="wrap")
    @classmethod
    def _every_mistake(
        cls, data: Any, handler: ModelWrapValidatorHandler[DistrictConfig]
    ) -> DistrictConfig:
        """Report contradictions between keys together with wrong values, not after them."""
        if not isinstance(data, dict):
            return handler(data)
        data = _with_default_connection(data)
        errors = [
            InitErrorDetails(type=expected(text), loc=loc, input=found)
            for loc, text, found in contradictions(data)
        ]
        try:
            config = handler(data)
        except ValidationError as error:
            errors = [_again(e) for e in error.errors()] + errors
        if errors:
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return config

    @property
    def zone(self) -> ZoneInfo:
        """The district's time zone."""
        return ZoneInfo(self.timezone)

    def uploaded_name(self, file: File) -> str:
        """The name the district uploads a file under, e.g. ``school.csv``."""
        override = self.files.get(file.name)
        return override.name if override and override.name else file.csv

    def delimiter(self, file: File) -> str:
        """The file's delimiter, one character."""
        override = self.files.get(file.name)
        return override.delimiter if override else ","

    def header_aliases(self, file: File) -> dict[str, str]:
        """Uploaded header -> contract column, of the district only (the contract has its own)."""
        override = self.files.get(file.name)
        return dict(override.headers) if override else {}

    def fingerprint(self) -> str:
        """sha256 of the configuration's content; layout and comments of the YAML do not count.

        Nor do ``drift``, which decides whether a slot loads, never what it loads, ``outbox`` and
        ``data_docs``.
        """
        document = self.model_dump(mode="json", by_alias=True, exclude=set(_UNPINNED))
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()

    def with_unpinned_of(self, today: DistrictConfig) -> DistrictConfig:
        """This configuration, and of today's what no fingerprint covers: a kept copy has any day's."""
        return self.model_copy(update={name: getattr(today, name) for name in _UNPINNED})


def _with_default_connection(data: dict[Any, Any]) -> dict[Any, Any]:
    sftp = data.get("sftp", {})
    if not isinstance(sftp, dict) or "conn_id" in sftp:
        return data
    usable = re.sub(r"\W", "_", str(data.get("id")))  # a bad id has its own error
    return {**data, "sftp": {"conn_id": f"sftp_{usable}", **sftp}}


def _again(error: Any) -> InitErrorDetails:
    """A reported error, to be raised together with ours."""
    kind = PydanticCustomError(error["type"], "{text}", {"text": error["msg"]})
    return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"])
