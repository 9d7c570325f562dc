"""docs/district.md, which is made from the schema."""

from __future__ import annotations

import re
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, Field

from rostersync import paths
from rostersync.config import DistrictConfig
from rostersync.pages.district_page import PAGE, groups, keys, page


def test_the_page_is_what_the_schema_says() -> None:
    assert (paths.home() / PAGE).read_text(encoding="utf-8") == page(), (
        "docs/district.md is stale: run `make docs`"
    )


def names(schema: dict[str, Any], definitions: dict[str, Any]) -> set[str]:
    """The names of all keys of a JSON schema, which pydantic makes, as a second opinion."""
    found: set[str] = set()
    if "$ref" in schema:
        found |= names(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for name, inner in schema.get("properties", {}).items():
        found |= {name} | names(inner, definitions)
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            found |= names(schema[word], definitions)
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for inner in schema.get(word, ()):
            found |= names(inner, definitions)
    return found


def test_every_key_of_the_schema_is_on_the_page() -> None:
    schema = DistrictConfig.model_json_schema()
    steps = {s.removesuffix("[]") for key in keys() for s in key.path.split(".")}
    assert {s for s in steps if not s.startswith("<")} == names(schema, schema["$defs"])


def test_every_key_says_what_it_means_and_shows_an_example() -> None:
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in page().splitlines() if "| `" in line]
    assert rows
    for cells in rows:
        assert all(c.strip() for c in cells), cells
    assert {f"`{k.path}`" for k in keys()} <= {cells[0].strip() for cells in rows}


def test_every_group_says_what_it_is() -> None:
    for path, model in groups():
        assert model.__doc__, path


def small(value: Any) -> Any:
    if value not in (1, 2):
        from rostersync.config.values import expected

        raise expected("1 or 2")
    return value


def test_a_new_key_is_described_by_what_the_schema_says() -> None:
    class Inner(BaseModel, use_attribute_docstrings=True):
        number: Annotated[int, BeforeValidator(small)] = Field(2, examples=[1])
        """How many."""

    class Outer(BaseModel):
        inner: tuple[Inner, ...] = ()

    [key] = keys(Outer)
    assert key == ("inner[].number", "1 or 2", "`2`", "How many.", "`1`")


def test_the_examples_are_what_the_schema_takes() -> None:
    district: dict[str, Any] = {"id": "oak", "name": "Oak", "timezone": "America/Chicago"}
    for key in keys():
        if key.example and "." not in key.path:
            district[key.path] = yaml.safe_load(key.example.strip("`"))
    parts = {
        "attendance": {"timezones": {"12": "America/Denver"}},
        "calendar_days": {"extra": yaml.safe_load("[2027-02-13]")},
        "alerts": {"apprise": ["data_ops_chat"]},
    }
    shown = {k.path: yaml.safe_load(k.example.strip("`")) for k in keys() if k.example}
    for section, fields in parts.items():
        for name, value in fields.items():
            assert shown[f"{section}.{name}"] == value
    DistrictConfig.model_validate(district | parts)
