"""Outside images and known holes: what a machine with a network can do about them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

from rostersync import paths

DIGEST = "sha256:" + 64 * "a"
NEWER = "sha256:" + 64 * "b"
IMAGE = re.compile(r"^ *image: (\S+)$|^FROM (\S+)", re.M)


def program(folder: Path, name: str, script: str) -> dict[str, str]:
    """The environment in which ``name`` is this shell script."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def pin(project: Path, digest: str) -> list[str]:
    """The outside images of both files afterwards."""
    told = program(
        project / "bin",
        "docker",
        'for image; do :; done\n[ "$1" = pull ] || { echo "other/name@sha256:1"; echo "${image%:*}@'
        + digest
        + '"; }',
    )
    subprocess.run([project / "docker" / "pin-images"], env=told, check=True, capture_output=True)
    text = "".join((project / n).read_text() for n in ("docker-compose.yaml", "Dockerfile"))
    found = [a or b for a, b in IMAGE.findall(text)]
    return [image for image in found if not image.startswith("rostersync")]


def test_every_outside_image_gets_its_digest_and_a_newer_one_later(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    shutil.copy(paths.home() / "docker" / "pin-images", tmp_path / "docker")
    for name in ("docker-compose.yaml", "Dockerfile"):
        shutil.copy(paths.home() / name, tmp_path)
    once = pin(tmp_path, DIGEST)
    assert len(once) == 6
    assert all(re.fullmatch(rf"[a-z/-]+:[\w.-]+@{DIGEST}", image) for image in once), once
    assert pin(tmp_path, NEWER) == [image.replace(DIGEST, NEWER) for image in once]


def test_known_holes_are_looked_for_in_the_image_and_a_waiver_ends(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements-image.lock", "requirements.lock", "pyproject.toml"):
        shutil.copy(paths.home() / name, tmp_path)
    today = date.today()
    (tmp_path / "audit-waivers.txt").write_text(
        f"# id, last day, why\nGHSA-one {today} not reached\n"
        f"GHSA-two {today - timedelta(days=1)} not reached\n"
    )
    told = program(tmp_path / "bin", "pip-audit", 'printf "%s\\n" "$@"')
    done = subprocess.run(
        ["make", "audit"], cwd=tmp_path, env=told, capture_output=True, text=True, check=True
    )
    asked = done.stdout.split()
    assert asked[asked.index("-r") + 1] == "requirements-image.lock"
    assert [asked[i + 1] for i, a in enumerate(asked) if a == "--ignore-vuln"] == ["GHSA-one"]
    assert "GHSA-two" in done.stderr, "said, and no longer waived"


def test_waivers_have_an_id_a_last_day_and_a_reason() -> None:
    for line in (paths.home() / "audit-waivers.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"\S+ \d{4}-\d\d-\d\d \S.*", line), line
