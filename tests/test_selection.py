"""A file of which no test would run is not read."""

from __future__ import annotations

import pytest

from tests.support.selection import is_left_out

FAST = "not slow and not airflow"
SLOW = "import pytest\n\npytestmark = pytest.mark.slow  # `make test-fast` leaves it out\n"
SOME = "pytestmark = [\n    pytest.mark.postgres,\n    pytest.mark.timeout(600 + 1),\n]\n"


@pytest.mark.parametrize(
    ("expression", "text", "left_out"),
    [
        (FAST, SLOW, True),
        (FAST, SOME.replace("]", "    pytest.mark.airflow,\n]"), True),
        (FAST, SOME + SLOW.replace("pytestmark = ", "@"), False),
        (FAST, "def test_it() -> None: ...\n", False),
        ("", SLOW, False),
        ("slow", SLOW, False),
        ("not slow or postgres", SLOW, False),
        ("not (slow and sftp)", SLOW, False),
        ("not sftp", SLOW, False),
    ],
)
def test_a_file_is_left_out_by_its_own_marks(expression: str, text: str, left_out: bool) -> None:
    assert is_left_out(expression, text) is left_out
