"""Which names of columns say that their values are nobody's business here."""

from __future__ import annotations

import pytest

from rostersync.spec.sensitive import sensitive, sensitive_names


@pytest.mark.parametrize(
    "name",
    [
        "SSN",
        "ssn",
        "student_ssn",
        "StudentSSN",
        "studentssn",
        "Social Security No.",
        "SOCIALSECURITYNUMBER",
        "medical_alert",
        "MedicalAlert",
        "Medication",
        "diagnosis",
        "Allergies",
        "IEP",
        "iep_flag",
        "504 Plan",
        "Special Ed",
        "disability-code",
        "free/reduced",
        "FreeReducedLunch",
        "lunch_status",
        "immigrant_status",
        "religion",
        "RACE",
        "ethnicity",
        "custody_note",
        "Homeless",
        "Discipline",
    ],
)
def test_sensitive(name: str) -> None:
    assert sensitive(name)


@pytest.mark.parametrize(
    "name",
    [
        "assn_name",
        "homeroom",
        "bus_route",
        "nickname",
        "lunch_period",
        "lunch",
        "trace",
        "grace",
        "embrace",
        "house",
        "club",
        "vision",
        "advisor",
        "locker",
        "school_year",
        "middle_name",
        "room 5040",
        "shealth",
    ],
)
def test_harmless(name: str) -> None:
    assert sensitive(name) is None


def test_every_word_of_the_list_is_found() -> None:
    """Written as a person reads it."""
    for what, names in sensitive_names().items():
        for name in names:
            assert sensitive(name.replace("*", "")) == what
            assert sensitive(f"x_{name.replace('*', 'al').replace(' ', '_')}_code") == what
