"""``python -m rostersync.cli``."""

from rostersync.cli import main

main()
