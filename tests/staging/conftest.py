"""Stages bytes as the pipeline would, and reads the Parquet back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rostersync.archive import Archive, CheckFolder
from rostersync.config.model import DistrictConfig
from rostersync.engine import Session, open_session
from rostersync.spec import FILES
from rostersync.staging import StagedFile, stage_file


@dataclass
class Staged:
    """What staging said, and what it wrote (None when it wrote nothing)."""

    said: StagedFile
    rows: list[dict[str, Any]] | None
    rejects: list[tuple[int, str]] | None

    @property
    def rules(self) -> set[str]:
        return {f.rule for f in self.said.findings}

    def message(self, rule: str) -> str:
        return "\n".join(f.message for f in self.said.findings if f.rule == rule)

    def column(self, name: str) -> list[Any]:
        assert self.rows is not None
        return [r[name] for r in self.rows]

    @property
    def lines(self) -> list[int]:
        return self.column("_line")


Stage = Callable[..., Staged]


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with open_session(Archive(tmp_path_factory.mktemp("archive")), threads=2) as session:
        yield session


def stage_bytes(
    session: Session,
    data: bytes | str,
    file: str = "rosters",
    *,
    phone_digits: Mapping[str, int] | None = None,
    **config: Any,
) -> Staged:
    archive = Path(session.archive.url)
    source = session.scratch / "upload.csv"
    source.write_bytes(data.encode() if isinstance(data, str) else data)
    parts = [archive / "check" / kind / f"{file}.parquet" for kind in ("staged", "rejects")]
    for part in parts:
        part.unlink(missing_ok=True)
    cfg = DistrictConfig(id="aspen", name="Aspen", timezone="America/Chicago", **config)
    said = stage_file(
        session,
        FILES[file],
        str(source),
        cfg,
        folder=CheckFolder("check"),
        phone_digits=phone_digits or {},
    )
    assert StagedFile.from_json(json.loads(json.dumps(said.to_json()))) == said
    assert not session.con.execute("show tables").fetchall(), "staging left tables behind"
    rows, rejects = (_read(session, p) for p in parts)
    assert (rejects is not None) == (rows is not None and said.rejects > 0)
    if rows is not None:
        rejects = rejects or []
        assert len(rows) + len(rejects) == said.records
        assert len(rejects) == said.rejects
    return Staged(
        said, rows, None if rejects is None else [(r["_line"], r["rule"]) for r in rejects]
    )


def _read(session: Session, path: Path) -> list[dict[str, Any]] | None:
    if not path.exists():
        return None
    result = session.con.execute(f"select * from read_parquet('{path}')")
    names = [d[0] for d in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.fixture
def stage(session: Session) -> Stage:
    """``stage(data, file="rosters", **config)``."""

    def run(data: bytes | str, file: str = "rosters", **kw: Any) -> Staged:
        return stage_bytes(session, data, file, **kw)

    return run
