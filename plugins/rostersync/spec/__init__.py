"""The file contract as data: files, entities, columns, keys, references, domains.

One definition; readers, rules, DDL and reports derive from it or are tested against it.
Source: the district-facing layout. Nothing here does I/O, but that languages.csv is read when asked for.
"""

from rostersync.spec.contract import (
    ALL_DAY,
    CONTRACT_VERSION,
    ENTITIES,
    FILES,
    always_needed,
    entities_of,
    files_of,
    foreign_entities,
    required_of,
)
from rostersync.spec.model import Column, Domain, Entity, File, Kind, MadeKey, Reference, Wide

__all__ = [
    "ALL_DAY",
    "CONTRACT_VERSION",
    "ENTITIES",
    "FILES",
    "Column",
    "Domain",
    "Entity",
    "File",
    "Kind",
    "MadeKey",
    "Reference",
    "Wide",
    "always_needed",
    "entities_of",
    "files_of",
    "foreign_entities",
    "required_of",
]
