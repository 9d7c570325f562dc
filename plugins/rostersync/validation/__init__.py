"""Suites -> GX run and row locator -> findings. Pure: depends on bytes, suites and configuration only."""

from rostersync.validation.district_rules import lay_over, may_differ, rule_lint
from rostersync.validation.fixed import fixed_rules
from rostersync.validation.model import Check, Difference, RuleMeta
from rostersync.validation.run import Known, RuleCount, StagedView, Validated, validate
from rostersync.validation.suites import Suites, load_suites, suites_from
from rostersync.validation.vocabulary import Phase

__all__ = [
    "Check",
    "Difference",
    "Known",
    "Phase",
    "RuleCount",
    "RuleMeta",
    "StagedView",
    "Suites",
    "Validated",
    "fixed_rules",
    "lay_over",
    "load_suites",
    "may_differ",
    "rule_lint",
    "suites_from",
    "validate",
]
