"""Which files a run need not read: those of which every test is left out.

Half of the files hold slow tests only: to import them was half of the time before `make test-fast` began.
"""

from __future__ import annotations

import re

_LEAVES_OUT = re.compile(r"not \w+( and not \w+)*")
_OF_THE_FILE = re.compile(r"^pytestmark = (\[.*?\]|.*?)$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"pytest\.mark\.(\w+)")


def is_left_out(expression: str, text: str) -> bool:
    """Whether ``-m expression`` leaves out all tests of a file, by the marks its ``text`` gives them all."""
    marks = _OF_THE_FILE.search(text)
    if marks is None or not _LEAVES_OUT.fullmatch(expression):
        return False
    unwanted = set(expression.split()) - {"not", "and"}
    return bool(unwanted.intersection(_MARK.findall(marks[1])))
