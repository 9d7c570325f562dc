"""Key ``attributes`` of a district's YAML: which columns of students.csv beside the contract's are kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from rostersync.config.base import Model, word_or_rest
from rostersync.config.values import Text, all_columns
from rostersync.spec.sensitive import sensitive
from rostersync.spec.text import folded


class Attributes(Model):
    """Columns of students.csv that are none of the contract's: which are kept, as attributes of students."""

    allow: Annotated[
        Annotated[Literal["all"], BeforeValidator(all_columns), Tag("<word>")]
        | Annotated[tuple[Text, ...], Tag("<rest>")],
        Discriminator(word_or_rest),
    ] = Field("all", examples=[["homeroom", "bus_route"]])
    """`all` but those with [names such as ssn or medical](files.md#studentscsv); or a list: just these,
    whatever their names say. Case, spaces and punctuation do not count."""
    refuse: tuple[Text, ...] = ()
    """Columns that are not kept either. What is not kept is in the landing alone."""

    def refusal(self, name: str) -> str | None:
        """Why a column is not kept, None where it is. ``name``: as in the header."""
        wanted = folded(name)
        if wanted in map(folded, self.refuse):
            return "attributes.refuse"
        if self.allow != "all":
            allowed = wanted in map(folded, self.allow)
            return None if allowed else "not in attributes.allow"
        what = sensitive(name)
        return f"by its name: {what}" if what else None
