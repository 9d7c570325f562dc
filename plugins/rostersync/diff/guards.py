"""Guards that fail a slot before anything is written."""

from __future__ import annotations

from rostersync.errors import MassRemovalError
from rostersync.ledger import SlotDiff
from rostersync.spec import ENTITIES, FILES


def check_guards(diff: SlotDiff, *, district: str) -> None:
    """Raise MassRemovalError when more than half of a required entity would be removed.

    The full limits and holds of SPEC §5 replace this; a slot that was loaded once is not judged again.
    """
    for name, entity in diff.entities.items():
        before = entity.unchanged + entity.changed + entity.removed + entity.carried
        if not (FILES[ENTITIES[name].file].required and name == ENTITIES[name].file):
            continue
        if entity.removed * 2 > before:
            raise MassRemovalError(
                f"More than half of {name} would be removed",
                district=district,
                slot=diff.slot,
                file=FILES[name].csv,
                expected=f"at most {before // 2} of {before} rows removed",
                found=f"{entity.removed} would be removed",
                next_step="ask the district whether the export is complete; when it is right, set"
                ' `limits: "off"` in its YAML for this one run',
            )
