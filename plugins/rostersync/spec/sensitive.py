"""Names of columns whose values nobody needs to reach a family, and whose loss would hurt a child.

Columns of students.csv beside the contract's are kept as attributes. These are not, unless the district's
YAML lists them: what is not stored cannot be read by the wrong person. The list is short on purpose, and of
names alone: no value is looked at.
"""

from __future__ import annotations

import re
from functools import cache

_NAMES = {
    "a number that opens accounts": "ssn, social security*, soc sec*, ss number, passport*",
    "health": "medic*, health*, diagnos*, allerg*, immuni*, vaccin*, psych*, pregnan*",
    "special education": "iep*, sped, special ed*, disabil*, 504",
    "a family's income": (
        "free lunch*, reduced lunch*, free reduced*, lunch status, lunch code, lunch program, meal status,"
        " frl, frpl, economic* disadvantage*, homeless*, foster*"
    ),
    "immigration": "immigra*, citizenship*, visa, refugee*, asylum*, birth country, country of birth",
    "belief or descent": "relig*, race, ethnic*",
    "courts and discipline": "custod*, disciplin*, probation*",
}
"""What is sensitive, and the words that a name of it has side by side; `*`: and whatever follows."""


def sensitive(name: str) -> str | None:
    """What the name of a column says of its values, None where that is nothing sensitive.

    ``name``: as in the header. Case, punctuation and the joints of ``camelCase`` do not count, whole words
    do: ``SSN``, ``student_ssn`` and ``MedicalAlert`` are sensitive, ``assn_name`` is not.
    """
    words = " ".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)).lower()
    return next((what for what, pattern in _patterns() if pattern.search(words)), None)


def sensitive_names() -> dict[str, list[str]]:
    """What is sensitive, and the names it is known by: for people to read."""
    return {what: names.split(", ") for what, names in _NAMES.items()}


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(what, _pattern(names)) for what, names in sensitive_names().items()]


def _pattern(names: list[str]) -> re.Pattern[str]:
    """Words may be written as one (``socialsecurity``), and with whom they are of (``studentssn``)."""
    known = (n.replace(" ", " ?").replace("*", r"\w*") for n in names)
    return re.compile(rf"\b(?:student|pupil|child)?(?:{'|'.join(known)})\b")
