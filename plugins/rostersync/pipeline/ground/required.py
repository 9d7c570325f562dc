"""What an upload cannot go without."""

from __future__ import annotations

from collections.abc import Mapping

from rostersync.archive import FileState, says_nobody
from rostersync.diff import FileInput
from rostersync.errors import MissingUploadError, RejectedUploadError
from rostersync.pipeline.ground.run import Run
from rostersync.spec import FILES, Domain


def require_files(run: Run, inputs: dict[str, FileInput]) -> None:
    """What a night cannot go without."""
    required = required_files(run.domain, inputs)
    rejected = [n for n, f in inputs.items() if f.state is FileState.REJECTED and n in required]
    where = {"district": run.district, "slot": run.slot}
    if rejected:
        messages = [
            f.message for n in rejected for f in inputs[n].findings if f.severity == "critical"
        ]
        raise RejectedUploadError(
            f"A required file cannot be used: {', '.join(f'{n}.csv' for n in rejected)}",
            **where,
            found="; ".join(m.rstrip(".") for m in messages[:3])
            or "a critical finding, see the report",
            next_step="nothing was loaded and the last state stands; the district corrects the file and"
            " uploads it again, then run this slot again",
        )
    always = [n for n in required if not FILES[n].may_be_missing]
    missing = [n for n in always if inputs[n].state is FileState.MISSING]
    if missing:
        raise MissingUploadError(
            f"A required file is missing: {', '.join(f'{n}.csv' for n in missing)}",
            **where,
            next_step="nothing was loaded and the last state stands; ask the district to upload all"
            " required files, then run this slot again",
        )
    without_records = [
        f"{n}.csv ({inputs[n].state})"
        for n in always
        if inputs[n].state in (FileState.EMPTY, FileState.HEADER_ONLY)
        and not says_nobody(n, inputs[n].state)
    ]
    if without_records:
        raise RejectedUploadError(
            f"A required file has no records: {', '.join(without_records)}",
            **where,
            next_step="nothing was loaded and the last state stands; ask the district for a full export",
        )
    stale = [n for n, f in inputs.items() if f.state is FileState.STALE and n in required]
    if stale and run.cfg.core.strict:
        raise RejectedUploadError(
            f"A required file is stale: {', '.join(f'{n}.csv' for n in stale)}",
            **where,
            expected="every required file newer than the last one (`strict: true`)",
            next_step="ask the district to upload a full set, or set `strict: false`",
        )


def required_files(domain: Domain, inputs: Mapping[str, FileInput]) -> list[str]:
    """Files an upload of the domain cannot do without, by contract name.

    A folder that a check reads whole may lack the core: then its files are not asked for, and it cannot do
    without one that can be used.
    """
    if domain in (Domain.TERMS, Domain.ATTENDANCE):
        return list(inputs)
    sent = [n for n, f in inputs.items() if f.state is not FileState.MISSING]
    if domain is Domain.ALL and not any(FILES[n].domain is Domain.CORE for n in sent):
        return [] if any(_is_usable(inputs[n]) for n in sent) else sent
    return [n for n in inputs if FILES[n].domain is Domain.CORE and FILES[n].required]


def _is_usable(file: FileInput) -> bool:
    without_records = file.state in (FileState.REJECTED, FileState.EMPTY, FileState.HEADER_ONLY)
    return not without_records or says_nobody(file.name, file.state)
