"""What the parts of a district's YAML have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Keys and values as they are written: no other key, nothing changed afterwards."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


def word_or_rest(value: Any) -> str:
    """Tag of a union "word, or a structure"; reports leave out the parts of a key in <>."""
    return "<rest>" if isinstance(value, dict | list | tuple) else "<word>"
