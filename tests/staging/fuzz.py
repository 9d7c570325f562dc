"""Damages small files at random and holds what staging makes of them against an independent account.

Usage: python -m tests.staging.fuzz --seconds N [--seed S]. A failure prints the seed and the smallest input
that still fails, and exits 1.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from rostersync.archive import Archive
from rostersync.engine import open_session
from rostersync.spec import FILES
from tests.staging.accounting import account
from tests.staging.conftest import stage_bytes

SECONDS = 10
"""CPU time and, three times as much, time on the clock that one input may take: each is under 2 MB."""
MIB = 200
"""By how much one input may raise the peak of the process's memory."""
LARGEST = 2_000_000
TOKENS = [
    *(b'"', b'""', b",", b",,", b'","', b"\n", b"\r", b"\r\n", b"\n\n", b" ", b"\t", b";", b"x"),
    *(b"\0", b"\xe9", b"\xa0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80", b"\xc3\xa9", b"\x85"),
    *(b"\xe2\x80\x83", b"NULL", b'="007"', b"\\", b"'", b"31/12/2026", b"12/31/2026", b"\x1a"),
]

Stage = Callable[[str, bytes], None]


@dataclass(frozen=True)
class Failure:
    """What went wrong with which input."""

    file: str
    data: bytes
    error: str


def corpus() -> list[tuple[str, bytes]]:
    """Each file of the contract in several dialects, its cells told apart by column and record."""
    found = []
    for file in FILES.values():
        names = [c.name for c in file.columns]
        for variant in range(6):
            rows = [[f"c{c}r{r}" for c in range(len(names))] for r in range(5)]
            rows[1][-1] = '"a, ""b"""'
            rows[2][variant % len(names)] = '"two\nlines"'
            rows[3][0] = "é"
            text = "".join(",".join(cells) + "\n" for cells in [names, *rows])
            encoding = ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-8", "utf-8"][variant]
            end = ["\n", "\r\n", "\n", "\r\n", "\r", "\n"][variant]
            data = text.replace("\n", end).encode(encoding)
            found.append((file.name, data if variant < 5 else data.rstrip()))
    return found


def damaged(data: bytes, others: list[tuple[str, bytes]], random: Random) -> bytes:
    """``data`` with one to eight mutations."""
    for _ in range(random.randint(1, 8)):
        data = _mutated(data, others, random)[:LARGEST]
    return data


def _mutated(data: bytes, others: list[tuple[str, bytes]], random: Random) -> bytes:
    a, b = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
    near = min(b, a + random.randint(1, 4))
    token, other = random.choice(TOKENS), random.choice(TOKENS)
    return random.choice(
        (
            lambda: data[:a] + token + data[a:],
            lambda: data[:a] + token + data[near:],
            lambda: data[:a] + data[near:],
            lambda: data[:a] + data[b:],
            lambda: data[:b] + data[a:],
            lambda: data[:a] + random.choice(others)[1],
            lambda: data[:a],
            lambda: data.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\r\r\n"))),
            lambda: data[:a] + data[a:near] * random.choice((9, 999, 99_999)) + data[near:],
            lambda: data[:a] + data[a:b] * random.choice((9, 999)) + data[b:],
            lambda: data[: LARGEST // 8].replace(token, other),
        )
    )()


def attempt(stage: Stage, file: str, data: bytes) -> str:
    """What is wrong with how this input is staged; "" when nothing is."""
    cpu, peak = time.process_time(), _peak()
    signal.setitimer(signal.ITIMER_REAL, 3 * SECONDS)
    try:
        stage(file, data)
    except Exception as error:  # whatever it is, it is a finding
        return f"{type(error).__name__}: {str(error)[:300]}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if (took := time.process_time() - cpu) > SECONDS:
        return f"took {took:.1f} s of CPU time"
    if (grew := _peak() - peak) > MIB:
        return f"took {grew:.0f} MiB of memory"
    return ""


def minimised(failure: Failure, stage: Stage, seconds: float) -> Failure:
    """The same kind of failure with as few bytes as can be found in the time."""
    data, until, size = failure.data, time.monotonic() + seconds, len(failure.data) // 2
    kind = failure.error.split(":")[0]
    while size and time.monotonic() < until:
        shorter = False
        for at in range(0, len(data), size):
            less = data[:at] + data[at + size :]
            if attempt(stage, failure.file, less).split(":")[0] == kind:
                data, shorter = less, True
                break
            if time.monotonic() > until:
                break
        if not shorter:
            size //= 2
    return Failure(failure.file, data, attempt(stage, failure.file, data) or failure.error)


def run(seconds: float, seed: int, stage: Stage) -> tuple[int, Failure | None]:
    """How many inputs were tried, and the first that failed."""
    random, files = Random(seed), corpus()
    until, tried = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        name, data = random.choice(files)
        data = damaged(data, files, random)
        tried += 1
        if error := attempt(stage, name, data):
            return tried, minimised(Failure(name, data, error), stage, 60)
    return tried, None


def main() -> int:
    """0 when nothing failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, _too_slow)
    with (
        tempfile.TemporaryDirectory(prefix="rostersync-fuzz-") as folder,
        open_session(Archive(folder), threads=1) as session,
    ):

        def stage(file: str, data: bytes) -> None:
            account(stage_bytes(session, data, file), data)

        tried, failure = run(options.seconds, options.seed, stage)
    print(f"seed {options.seed}: {tried} inputs")
    if not failure:
        return 0
    print(
        f"{failure.file}.csv: {failure.error}\n{len(failure.data)} bytes: {failure.data[:2000]!r}"
    )
    return 1


def _too_slow(*_: Any) -> None:
    raise TimeoutError(f"over {3 * SECONDS} s")


def _peak() -> float:
    """Highest memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
