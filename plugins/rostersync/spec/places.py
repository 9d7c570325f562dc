"""How a row becomes the text that is hashed into its state's fingerprint: recipe 1.

The first release hashed every column of a row at its place, with a mark where there was no value.
Fingerprints name archived states and stand in the ledger for ever, so these places stay as they are. A column
that came later is hashed behind them, by its name and only where it has a value; of one that has left the
contract the mark alone remains. So a new column without a value gives the hash that the row had before there
was one. An entity that came later has no places: all of it is hashed by name.

A fingerprint of 32 bare hex digits is of this recipe. A recipe that gives another hash for the same row has
to name itself in the fingerprint.
"""

from __future__ import annotations

PLACES: dict[str, tuple[str, ...]] = {
    "schools": (
        "school_id",
        "school_name",
        "school_zip",
        "school_address",
        "school_city",
        "school_state",
        "principal_first_name",
        "principal_last_name",
        "principal_email",
        "school_phone",
    ),
    "terms": (
        "school_id",
        "term_id",
        "term_name",
        "portion",
        "start_date",
        "end_date",
        "school_year",
    ),
    "students": (
        "school_id",
        "student_id",
        "state_student_id",
        "first_name",
        "last_name",
        "grade_level",
        "status",
        "student_email",
        "cellphone",
        "address_line1",
        "address_line2",
        "city",
        "postal_code",
        "attributes",
    ),
    "student_schools": ("student_id", "school_id", "grade_level", "status"),
    "staff": (
        "school_id",
        "staff_id",
        "title",
        "first_name",
        "last_name",
        "email",
        "mobile",
        "secondary_phone",
        "login",
    ),
    "sections": (
        "school_id",
        "section_id",
        "term_id",
        "course_name",
        "period_number",
        "section_number",
    ),
    "section_teachers": ("school_id", "section_id", "staff_id", "is_primary"),
    "parents": (
        "student_id",
        "contact_key",
        "school_id",
        "parent_id",
        "first_name",
        "last_name",
        "email",
        "mobile",
        "secondary_phone",
        "language",
        "primary",
        "relationship",
    ),
    "rosters": ("school_id", "section_id", "student_id"),
    "attendance": ("school_id", "student_id", "date", "period", "code"),
    "groups": ("school_id", "group_id", "group_name", "category"),
    "group_members": ("school_id", "group_id", "student_id"),
    "group_user_members": (
        "school_id",
        "group_id",
        "member_key",
        "staff_id",
        "parent_id",
        "email",
        "mobile",
        "role",
    ),
    "emergency_contacts": (
        "student_id",
        "contact_id",
        "school_id",
        "first_name",
        "last_name",
        "email",
        "phone",
    ),
}
"""By entity, the columns it had in the first release, in their order. Never edited."""
