"""``python -m rostersync.demo [--exit] [--students N]``: see ``make demo``."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence

from rostersync.demo import uploads
from rostersync.demo.folder import demo_folder
from rostersync.demo.play import play
from rostersync.demo.screen import Screen
from rostersync.demo.show import Played, show_places
from rostersync.errors import RosterSyncError
from rostersync.synthetic.generate import SMALLEST

_INTERRUPTED = 130


def main(
    arguments: Sequence[str] | None = None, *, then: Callable[[Played], None] | None = None
) -> int:
    """Play the demo; 0 when everything ended as it should, 1 when not, 130 after an early Ctrl-C.

    ``arguments``: of the command line. ``then``: called after the last run, instead of staying up until
    Ctrl-C.
    """
    given = _parser().parse_args(arguments)
    screen = Screen()

    def stay(played: Played) -> None:
        show_places(played, screen)
        screen.print("\nEverything stays up until Ctrl-C.")
        try:
            signal.pause()
        except KeyboardInterrupt:
            screen.print()

    if then is None:
        then = (lambda _: None) if given.exit else stay
    screen.title(
        "rostersync: three districts, three nights, a school day, the whole stack on this machine"
    )
    screen.print()
    try:
        with demo_folder() as folder:
            good = play(
                folder, screen, students=given.students, real=uploads.real_upload(), then=then
            )
    except RosterSyncError as error:
        print(f"\n{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0 if good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rostersync.demo", description=__doc__)
    parser.add_argument("--exit", action="store_true", help="end after the last run")
    parser.add_argument(
        "--students",
        type=_size,
        default=uploads.STUDENTS,
        metavar="N",
        help="students of the largest district (default: %(default)s)",
    )
    return parser


def _size(text: str) -> int:
    size = int(text)
    if not SMALLEST <= size <= 1_000_000:
        raise argparse.ArgumentTypeError(f"expected {SMALLEST} to 1000000")
    return size


if __name__ == "__main__":
    sys.exit(main())
