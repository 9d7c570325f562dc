"""What files and columns are for, as the public source of the layouts says it, in our own words.

The notes are printed in docs/files.md and, where a suite asks for one, in a rule's hint. A form that a value
must have is no note: the kind of its column says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SENDING: tuple[str, ...] = (
    "Keep the data in your SIS. What you upload is what families are served from after the next sync.",
    "One account serves the whole district, and each file holds all its schools: students.csv has every"
    " student of the district. A school that stands alone is a district of one school.",
    "**The nightly upload**: best sent by a program, in the early evening. We wait for it from the hour that"
    " was agreed (20:00, if nothing was) until the early morning. Uploading by hand is possible, too: say so,"
    " and it is expected on no day.",
    "**terms.csv**: once a week is enough (Sunday mornings, if nothing was agreed); tell us when it is to be"
    " read at another time.",
    "**attendance.csv**: about 15 minutes before each notice to families, and at most 60 minutes before it:"
    " no notice goes out by an older file. Each notice needs a file of its own, so send a new one before"
    " each; the newest file counts. One file holds all schools.",
    "**The first time**: tell us when all files are there. A person looks at the first upload before anything"
    " of it is loaded.",
)
"""When to send what; Markdown."""

_REACHABLE = "A phone or email is needed: without either {who} is not synced."
_PARENT, _STAFF = _REACHABLE.format(who="a parent"), _REACHABLE.format(who="a staff member")
_GROUPS_SCHOOL = "The school of the group, not of the member."

FILE_NOTES: Mapping[str, str] = MappingProxyType(
    {
        "terms": "Read once a week, not each night, and on request.",
        "parents": "The people who are told about a student. Your SIS may call them contacts.",
        "attendance": "For single periods or whole days, in one of two layouts; all schools in one file."
        " Notices go out at the hours that were agreed, by the newest file.",
        "groups": "The list of the groups that there are.",
        "group_members": "Which students are in a group.",
        "group_user_members": "Who is in a group and is no student: staff and parents.",
        "emergency_contacts": "They get urgent alerts and nothing else, and have no account.",
    }
)

COLUMN_NOTES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "schools": {
            "school_id": "The id that every other file uses for the school.",
            "principal_email": "Makes no account.",
        },
        "terms": {
            "term_id": "One term of one school: two schools may use the same id.",
            "portion": "What part of a year it is: semester, trimester, quarter and so on.",
            "school_year": "The school year that the term counts to, as four digits.",
        },
        "students": {
            "student_id": "One student in the whole district.",
            "grade_level": "-4 to 12, or 100 for none. Tell us which codes your SIS uses for others.",
            "status": "1 is active, 0 is incoming.",
        },
        "parents": {
            "parent_id": "The contact's id; the column may be called contact_id.",
            "email": _PARENT,
            "mobile": _PARENT,
            "language": "In which to address the parent. Tell us which other codes your SIS uses.",
            "primary": "1 for a primary contact of the student.",
            "relationship": "What the contact is to the student, kept as sent.",
        },
        "staff": {
            "staff_id": "One staff member, the same at each school that this person is at.",
            "email": _STAFF,
            "mobile": _STAFF,
            "login": "The user name for signing on by SAML, where that is not the email.",
        },
        "sections": {
            "section_id": "One section of one school: two schools may use the same id.",
            "term_id": "A term_id of terms.csv.",
            "staff_id": "The teacher. A section with several has a record for each.",
            "is_primary": "1 for the primary teacher, of whom a section has one: that teacher's last name"
            " becomes part of the section's name.",
        },
        "attendance": {
            "student_id": "A student has as many records as there are events.",
            "period": "The name of the class period, one record for each, or all_day for the whole day.",
            "code": "Compared with the list that was agreed, upper and lower case included.",
        },
        "group_members": {"school_id": _GROUPS_SCHOOL},
        "group_user_members": {
            "school_id": _GROUPS_SCHOOL,
            "parent_id": "The parent_id (contact_id) that the parent has in parents.csv.",
            "email": "Says who it is where staff_id and parent_id are blank.",
            "mobile": "Says who it is where nothing else does.",
            "role": "Everybody is a member or an owner.",
        },
        "emergency_contacts": {
            "email": "A phone or email is needed.",
            "phone": "A phone or email is needed.",
        },
    }
)

WIDE_NOTE = (
    "`p1` holds the code for period 1, `p2` for period 2 and so on. What `p0` stands for must be agreed with"
    " us: the whole day, a period before the first, or period 1 (then `p1` is period 2)."
)
"""Of attendance by column."""
