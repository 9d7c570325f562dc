"""What a rule's severity may be: the one place that says what nobody can lower, suite or district."""

from __future__ import annotations

from rostersync.validation.fixed import identity_columns, identity_rules
from rostersync.validation.model import RuleMeta
from rostersync.validation.vocabulary import TYPES, Phase

SEVERITIES = ("critical", "error", "warning")
"""From the worst on."""


def guarded(rule: RuleMeta, type_name: str) -> str | None:
    """Why a record that breaks a rule of the value or row phase can never go on; None: it can."""
    if rule.id in identity_rules(str(rule.file)):
        return "guards the record's identity"
    if TYPES[type_name].reads:
        return "decides how the value is read"
    return None


def severities(rule: RuleMeta, type_name: str | None) -> tuple[str, ...]:
    """The severities that a district may give a rule. ``type_name``: None for a rule of parsing.

    Parsing, keys and references have the contract's: the steps that evaluate them act on it.
    """
    if type_name is None or rule.phase is Phase.RESOLVE:
        return (rule.severity,)
    # a warning leaves the value out, and a record without its identity is nobody's
    identity = rule.severity != "warning" and rule.column in identity_columns(str(rule.file))
    return SEVERITIES[:2] if guarded(rule, type_name) or identity else SEVERITIES
