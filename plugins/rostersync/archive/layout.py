"""Names of artefacts. One place decides where each lies; nothing else builds archive paths."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rostersync.spec import Domain

ROWS_LETTERS = 12
"""So many letters of a pin stand for what rows depend on; they name the folders of checks and diffs."""


def _slot_folder(slot: str) -> str:
    """Slots may hold a time of day (attendance); colons are not portable in file names."""
    return slot.replace(":", "")


class CheckFolder(str):
    """Staging and validation of one landing under one pin: the folder, and what lies in it."""

    __slots__ = ()

    @property
    def staged_document(self) -> str:
        """What staging says of each file; written last, it marks staging complete."""
        return f"{self}/staged.json"

    def staged(self, file: str) -> str:
        """A file's records, normalised, with the raw text beside each value."""
        return f"{self}/staged/{file}.parquet"

    def rejects(self, file: str) -> str:
        """A file's records that could not be read."""
        return f"{self}/rejects/{file}.parquet"

    @property
    def validated_document(self) -> str:
        """What validation counted; written last, it marks validation complete."""
        return f"{self}/validated.json"

    def clean(self, file: str) -> str:
        """A file's records after invalid optional values became NULL; only where there were some."""
        return f"{self}/clean/{file}.parquet"

    @property
    def findings(self) -> str:
        """Which record breaks which rule."""
        return f"{self}/findings.parquet"

    @property
    def gx_results(self) -> str:
        """Great Expectations' results, without row values."""
        return f"{self}/gx.json"


class DiffFolder(str):
    """Resolve and diff of one landing against one state: the folder, and what lies in it."""

    __slots__ = ()

    @property
    def document(self) -> str:
        """The slot's diff in numbers; written last, it marks the folder complete."""
        return f"{self}/diff.json"

    def changes(self, entity: str) -> str:
        """An entity's rows that were added, changed or removed."""
        return f"{self}/changes/{entity}.parquet"

    @property
    def held_folder(self) -> str:
        """Holds a file for each entity of which something waits."""
        return f"{self}/held"

    def held(self, entity: str) -> str:
        """An entity's changes that wait for a person."""
        return f"{self.held_folder}/{entity}.parquet"

    def carried(self, entity: str) -> str:
        """An entity's rows that keep their last good version, with the reason."""
        return f"{self}/carried/{entity}.parquet"

    @property
    def quarantine(self) -> str:
        """Records of all files that are kept out."""
        return f"{self}/quarantine.parquet"

    @property
    def reused(self) -> str:
        """Students who stand although another child seems to be sent."""
        return f"{self}/reused.parquet"

    @property
    def rekeyed(self) -> str:
        """Students who seem to have a new id, as long as nobody decided."""
        return f"{self}/rekeyed.parquet"

    @property
    def aliases(self) -> str:
        """New ids of students that a person has approved."""
        return f"{self}/aliases.parquet"


@dataclass(frozen=True, slots=True)
class Layout:
    """The artefacts of one sync: (district, domain, slot).

    - ``<district>/<domain>/<slot>/landing-0001/manifest.json`` and ``files/<name>.csv``
    - ``.../landing-0001/check-<pin>/`` staged, clean, rejects, findings of these bytes under one pin
    - ``.../landing-0001/diff-<base>-<pin>/`` changes, carried, quarantine against one previous state
    - ``.../landing-0001/docs-<pin>/`` Data Docs of that check; style sheets in ``docs-static/<version>/``
    - ``<district>/data-docs/<day>_<domain>_<slot>_<landing>_<pin>`` which Data Docs were built on a day
    - ``<district>/<domain>/states/<entity>/<fingerprint>.parquet`` states, by content
    - ``<district>/<domain>/ids/<fingerprint>.parquet`` ids that seem damaged, beside those before, by content
    - ``<district>/<domain>/states/<file>.csv/<fingerprint>.json`` shapes of files, by content
    - ``<district>/holds/<hold>/changes.csv`` what waits, for those who may see people's data
    - ``<district>/ledger/index.json`` and ``<table>/<month>-<version>.csv`` the ledger's copy
    - ``pins/<pin>.json`` suites, configuration and contract that runs used
    """

    district: str
    domain: Domain
    slot: str

    @property
    def domain_folder(self) -> str:
        """Everything of one district and domain."""
        return f"{self.district}/{self.domain}"

    @property
    def slot_folder(self) -> str:
        """Everything of one slot."""
        return f"{self.domain_folder}/{_slot_folder(self.slot)}"

    def landing(self, number: int) -> str:
        """Folder of a landing."""
        return f"{self.slot_folder}/landing-{number:04d}"

    def manifest(self, number: int) -> str:
        """The landing's manifest; written last, so it marks the landing complete."""
        return f"{self.landing(number)}/manifest.json"

    def file(self, number: int, name: str) -> str:
        """A landed file's bytes, under the contract's name for it."""
        return f"{self.landing(number)}/files/{name}.csv"

    def check(self, number: int, pin: str) -> CheckFolder:
        """Folder of staging and validation results for one pin."""
        return CheckFolder(f"{self.landing(number)}/check-{pin[:ROWS_LETTERS]}")

    def docs(self, number: int, pin: str) -> str:
        """Folder of the Data Docs of the check with this pin."""
        return f"{self.landing(number)}/docs-{pin[:ROWS_LETTERS]}"

    def docs_mark(self, day: date, number: int, pin: str) -> str:
        """Says that these Data Docs were built on a day: old ones are found without a look at every slot."""
        slot = _slot_folder(self.slot)
        what = f"{self.domain}_{slot}_{number:04d}_{pin[:ROWS_LETTERS]}"
        return f"{self.docs_marks(self.district)}/{day}_{what}"

    @staticmethod
    def docs_marks(district: str) -> str:
        """Folder of a district's marks of built Data Docs."""
        return f"{district}/data-docs"

    @staticmethod
    def docs_static(version: str) -> str:
        """Folder of the style sheets that all Data Docs of a version share; no district can have its name."""
        return f"docs-static/{version}"

    def diff(self, number: int, pin: str, base: str) -> DiffFolder:
        """Folder of resolve and diff results against the state ``base`` names."""
        return DiffFolder(f"{self.landing(number)}/diff-{base[:12]}-{pin[:ROWS_LETTERS]}")

    def state(self, entity: str, fingerprint: str) -> str:
        """An entity's whole state, named by its content."""
        return f"{self.domain_folder}/states/{entity}/{fingerprint}.parquet"

    def ids(self, fingerprint: str) -> str:
        """A list of ids that seem damaged, each beside the one it may stand for, named by its content."""
        return f"{self.domain_folder}/ids/{fingerprint}.parquet"

    def shape(self, file: str, fingerprint: str) -> str:
        """What an accepted file looked like, named by its content."""
        return f"{self.domain_folder}/states/{file}.csv/{fingerprint}.json"

    @staticmethod
    def hold_changes(district: str, hold_id: str) -> str:
        """The list of what a hold keeps back, as CSV: it holds people's data."""
        return f"{district}/holds/{hold_id}/changes.csv"

    @staticmethod
    def ledger_index(district: str) -> str:
        """What the copy of a district's ledger consists of; written last."""
        return f"{district}/ledger/index.json"

    @staticmethod
    def ledger_part(district: str, table: str, month: str, version: str) -> str:
        """A month of one table of the ledger's copy: it holds what people were told, by student."""
        return f"{district}/ledger/{table}/{month}-{version}.csv"

    @staticmethod
    def pin(pin: str) -> str:
        """The pinned inputs of a run."""
        return f"pins/{pin}.json"
