"""Mounts of a test's own: what a container would see, without a container engine."""

from __future__ import annotations

import os
import subprocess

UNSHARE = ("unshare", "--mount")


def why_not() -> str | None:
    """What this machine lacks for it."""
    if os.geteuid() != 0:
        return "needs root: mounts folders of its own"
    if subprocess.run([*UNSHARE, "true"], capture_output=True).returncode:
        return "needs unshare --mount: not allowed in this container"
    return None
