"""Writes the generated pages: all, or those named (``python -m rostersync.pages cli files``)."""

from __future__ import annotations

import importlib
import sys

from rostersync import paths
from rostersync.pages import PAGES


def main() -> None:
    """Write the pages, and print where each lies."""
    for name in sys.argv[1:] or PAGES:
        module = importlib.import_module(f"rostersync.pages.{name}_page")
        path = paths.home() / module.PAGE
        path.write_text(module.page(), encoding="utf-8")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
