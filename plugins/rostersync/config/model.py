"""What a district's YAML says, as frozen types. The keys are those of the YAML, one to one.

The text below a key is its meaning in docs/district.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from rostersync.config.attributes import Attributes
from rostersync.config.base import Model, word_or_rest
from rostersync.config.caps import Caps
from rostersync.config.consistency import contradictions
from rostersync.config.pinned import JUDGEMENT, ROWS, TODAY, hash_of
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
    RuleValue,
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


class Sftp(Model):
    """Where the district uploads."""

    conn_id: ConnectionId
    """The Airflow connection; `sftp_<id>` where it is left out."""
    folder: Folder = "/"
    """The folder on it. Two districts never share one."""


class Core(Model):
    """The nightly sync. Times are local."""

    at: Time = "20:00"  # type: ignore[assignment]
    """When the wait for the upload begins."""
    wait_until: Time = "05:00"  # type: ignore[assignment]
    """When it ends: the night's slot is missing then."""
    quiet: Duration = Field("5m", examples=["10m"])  # type: ignore[assignment]
    """How long files must have stayed unchanged to count as complete; of attendance a minute is enough."""
    strict: Flag = False
    """Whether a stale required file fails the night."""
    sends: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")
    """The days on which the district sends; on others nothing is missed. None: it uploads by hand."""


class Terms(Model):
    """The weekly sync of terms.csv. Left out: terms do not sync, and a terms.csv that comes is reported."""

    day: Day = "sun"
    """The day of the week."""
    at: Time = "06:00"  # type: ignore[assignment]
    """The local time."""


class Notice(Model):
    """One attendance notification a day."""

    id: Id
    """Its name in slots, tables and alerts."""
    at: Time
    """When families are told: the school's local time."""
    schools: Annotated[
        Annotated[Literal["all"], BeforeValidator(all_schools), Tag("<word>")]
        | Annotated[tuple[Text, ...], Tag("<rest>")],
        Discriminator(word_or_rest),
    ] = "all"
    """For which schools."""
    periods: tuple[Text, ...] = Field(min_length=1)
    """For which periods; `all_day` is one."""
    codes: tuple[Text, ...] = Field(min_length=1)
    """For which codes."""
    expires: Duration = "60m"  # type: ignore[assignment]
    """For how long after its time a family may still be told."""
    fresh: Duration = Field("60m", examples=["90m"])  # type: ignore[assignment]
    """How long before its time its file may have been written; an older one is not told from."""


class Attendance(Model):
    """Attendance and its notices. Left out: attendance does not sync."""

    codes: dict[Text, Text] = Field(default_factory=dict)
    """The district's codes and what they mean; another code is stored and never notified."""
    p0: P0 | None = None
    """What the column `p0` means; with `period_1`, `p1` is period 2 and so on. Left out: its codes are stored
    as `all_day`, and no family is told of them."""
    starts_before: Duration = "30m"  # type: ignore[assignment]
    """How long before a notice its file is waited for."""
    timezones: dict[Text, TimeZone] = Field(
        default_factory=dict, examples=[{"12": "America/Denver"}]
    )
    """Schools whose clocks are not the district's: school_id and time zone."""
    notices: tuple[Notice, ...] = ()
    """The notifications of a school day."""


class CalendarDays(Model):
    """School days."""

    weekdays: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")
    """The days of the week with school."""
    holidays: tuple[Date, ...] = ()
    """Dates among them without school."""
    extra: tuple[Date, ...] = Field((), examples=[[date(2027, 2, 13)]])
    """Other dates with school."""
    times: dict[Date, dict[Id, Time]] = Field(default_factory=dict)
    """Dates on which notices have other times (half days): date, notice id, time."""


class Maps(Model):
    """The district's own values and the contract's. A value compares exactly with the trimmed cell."""

    grades: dict[Text, Grade] = Field(default_factory=dict)
    """Grades."""
    languages: dict[Text, Language] = Field(default_factory=dict)
    """Languages: codes of two letters or of three."""
    status: dict[Text, Status] = Field(default_factory=dict)
    """Statuses of students; `drop` leaves a record out, as if it were not in the file, and with a
    student what other files say of the student."""


class FileOverride(Model):
    """How a file of the district differs from the contract's."""

    name: CsvName | None = None
    """The name it is uploaded under; the contract's where it is left out."""
    delimiter: Delimiter = ","
    """What separates its values."""
    headers: dict[Text, Text] = Field(default_factory=dict)
    """Uploaded header and the contract's column."""


class Limit(Model):
    """A limit trips when both of its numbers are exceeded."""

    percent: Percent
    """Of the rows before."""
    rows: Rows
    """Rows."""


class EntityLimits(Model):
    """Limits of one entity; a kind that is left out keeps its default."""

    removed: Limit | None = None
    """Rows removed."""
    changed: Limit | None = Field(None, examples=[{"percent": 30, "rows": 40}])
    """Rows whose values changed."""
    added: Limit | None = None
    """Rows added."""


class Window(Model):
    """Dates between which other limits hold."""

    from_: Date = Field(alias="from")
    """The first date."""
    to: Date
    """The last date."""
    mode: WindowMode
    """Which: [holds.md](holds.md) says what each does."""


class Outbox(Model):
    """The reports on the district's own SFTP account."""

    send: Flag = True
    """Whether they are written."""
    keep_days: Annotated[Rows, Field(ge=1, le=3650)] = 30
    """For how many days one stays."""


class DataDocs(Model):
    """Great Expectations' pages of what was validated."""

    keep_days: Annotated[Rows, Field(ge=1, le=3650)] = 90
    """For how many days they stay in the archive."""


class Alerts(Model):
    """Who is alerted."""

    email: tuple[Email, ...] = ()
    """Addresses."""
    apprise: tuple[Chat, ...] = Field((), examples=[["data_ops_chat"]])
    """Chats and pagers: Airflow connections of type apprise, or Apprise URLs. One that holds a token belongs
    into a connection."""


class DistrictConfig(Model):
    """One district. ``terms`` and ``attendance`` are None when off.

    Raises pydantic.ValidationError with every mistake; :func:`load_district` turns it into a ConfigError.
    """

    id: Id
    """The file's name, and part of the DAGs' names and of every path and row of the district."""
    name: Text
    """As people call it."""
    enabled: Flag = True
    """`false`: the district has no DAGs; what was loaded stays."""
    timezone: TimeZone
    """The zone of its local dates and times."""
    sftp: Sftp
    core: Core = Core()
    district_office: tuple[Text, ...] = ()
    """school_ids that only staff and groups may use, and that are not in schools.csv."""
    terms: Terms | None = None
    attendance: Attendance | None = None
    calendar_days: CalendarDays = CalendarDays()
    maps: Maps = Maps()
    files: dict[FileName, FileOverride] = Field(default_factory=dict)
    attributes: Attributes = Attributes()
    caps: Caps = Caps()
    first_load: FirstLoad = "approve"
    """Whether the first upload waits for a person or loads by itself."""
    limits: Annotated[
        Annotated[Literal["default", "off"], BeforeValidator(limits_word), Tag("<word>")]
        | Annotated[dict[EntityName, EntityLimits], Tag("<rest>")],
        Discriminator(word_or_rest),
    ] = "default"
    """What may change in a night without a person: [holds.md](holds.md) has the defaults."""
    windows: tuple[Window, ...] = ()
    rules: dict[Text, dict[Text, RuleValue]] = Field(
        default_factory=dict, examples=[{"parents.mobile.valid": {"min_digits": 7}}]
    )
    """How the district differs from the suites, by rule: [rules.md](rules.md)."""
    drift: OnDrift = "repair"
    """What a load does about rows that another hand changed: [runbooks/drift.md](runbooks/drift.md)."""
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

    def row_fingerprint(self) -> str:
        """sha256 of what a row depends on; layout and comments of the YAML do not count."""
        return self._hash(ROWS)

    def fingerprint(self) -> str:
        """sha256 of what a row or a decision depends on, as :meth:`row_fingerprint`."""
        return self._hash(ROWS + JUDGEMENT)

    def _hash(self, paths: Iterable[str]) -> str:
        document = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return hash_of(document, paths)

    def as_of(self, today: DistrictConfig) -> DistrictConfig:
        """This configuration, and of today's what no fingerprint covers: a kept copy has any day's."""
        taken: dict[str, Any] = {}
        for path in TODAY:
            name, _, part = path.partition(".")
            if part:
                value = getattr(getattr(today, name), part)
                whole = taken.get(name, getattr(self, name))
                taken[name] = whole.model_copy(update={part: value})
            else:
                taken[name] = getattr(today, name)
        return self.model_copy(update=taken)


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
