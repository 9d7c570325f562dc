"""What the random histories drew is added up over all parts, and said where something never came."""

from __future__ import annotations

import pytest

from tests.support.drawn import DRAWN, ENOUGH, Drawn
from tests.warehouse import dice


def part(histories: int, *names: str) -> pytest.TestReport:
    told: list[tuple[str, object]] = [("histories", histories), *((DRAWN + n, 1) for n in names)]
    place = ("tests/warehouse/test_any_order.py", 1, "part")
    return pytest.TestReport("part", place, {}, "passed", None, "call", user_properties=told)


def test_what_no_part_has_drawn_is_named() -> None:
    half, rest = dice.DRAWN[: len(dice.DRAWN) // 2], dice.DRAWN[len(dice.DRAWN) // 2 :]
    drawn = Drawn()
    drawn.pytest_runtest_logreport(part(ENOUGH // 2, *half))
    assert drawn.undrawn() == [], "too few histories to say"
    drawn.pytest_runtest_logreport(part(ENOUGH // 2, *rest[1:]))
    assert drawn.undrawn() == [rest[0]]
    drawn.pytest_runtest_logreport(part(1, rest[0]))
    assert drawn.undrawn() == []
