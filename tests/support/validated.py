"""A made-up district's night in an archive, validated: no warehouse needed."""

from __future__ import annotations

from pathlib import Path

from rostersync.config import load_district
from rostersync.landing import land_from_folder
from rostersync.pipeline.ground.run import Run, new_run
from rostersync.pipeline.ground.stage import stage
from rostersync.pipeline.ground.validate import validate
from rostersync.spec import Domain
from rostersync.synthetic.generate import generate

SLOT = "2026-09-02"
YAML = "id: aspen\nname: Zurich <Test> District\ntimezone: America/Denver\n"


def validated_night(folder: Path, archive: str | Path, *, students: int = 60) -> Run:
    """The night's run. Its upload, with a few bad records, lies in ``folder/night-2``."""
    uploads = generate(folder, students=students, seed=7, nights=2)
    (folder / "aspen.yaml").write_text(YAML)
    cfg = load_district(folder / "aspen.yaml")
    run = new_run(cfg, SLOT, archive=archive, warehouse="")
    land_from_folder(run.archive, run.layout, 1, uploads[-1], cfg, Domain.CORE)
    stage(run, 1)
    validate(run, 1)
    return run
