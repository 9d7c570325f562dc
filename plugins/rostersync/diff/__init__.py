"""Resolve a landing against the state before it, and compute what changes."""

from rostersync.diff.compute import compute_diff, resolve_again
from rostersync.diff.drift import compare_stored
from rostersync.diff.inputs import Codes, FileInput, NoticePeriods, RuleText
from rostersync.diff.limits import judge
from rostersync.diff.measure import with_creep, with_excused
from rostersync.diff.resolve import Resolver
from rostersync.diff.ties import Ties, find_ties, is_tied, tie
from rostersync.diff.trace import trace_key

__all__ = [
    "Codes",
    "FileInput",
    "NoticePeriods",
    "Resolver",
    "RuleText",
    "Ties",
    "compare_stored",
    "compute_diff",
    "find_ties",
    "is_tied",
    "judge",
    "resolve_again",
    "tie",
    "trace_key",
    "with_creep",
    "with_excused",
]
