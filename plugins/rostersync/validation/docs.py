"""Data Docs: Great Expectations' pages of one validation, built from its archived results.

They load nothing but the style sheets of :func:`static_files`, which lie beside them or in one place for
all, and run no script.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rostersync.errors import RosterSyncError
from rostersync.validation.docs_rules import FileFound, RuleFound, rules_found
from rostersync.validation.gx_run import silence_logs

if TYPE_CHECKING:
    from rostersync.validation.suites import Suites

INDEX = "index.html"
_FOLDER = Path(__file__).with_name("data_docs")
_SITE = "docs"
_RUN = "validation"
_WHOLE = "Whole records"


@dataclass(frozen=True, slots=True)
class DocsSite:
    """What the pages say of where they come from. ``district``: its name.

    ``static``: relative URL of the folder of the style sheets.
    """

    district: str
    domain: str
    slot: str
    landing: int
    static: str


def static_files() -> dict[str, bytes]:
    """The style sheets and their licences, by file name."""
    return {p.name: p.read_bytes() for p in sorted((_FOLDER / "static").iterdir())}


@functools.cache
def static_version() -> str:
    """Names the content of :func:`static_files`: pages of an older version keep theirs."""
    digest = hashlib.sha256()
    for name, content in static_files().items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:12]


def build_pages(
    results: Mapping[str, Any],
    suites: Suites,
    files: Iterable[tuple[str, str, int | None]],
    site: DocsSite,
) -> dict[str, str]:
    """The pages by file name: ``index.html``, and ``<file>.html`` for each file that was validated.

    ``results``: ``gx.json`` of the validation. ``suites``: those it was validated with. ``files``: name,
    state and number of records (None: not counted) of each file of the upload, and of those it lacks.
    ``site``: what the pages say of where they come from.

    Raises RosterSyncError when GX built fewer pages than there are files: it only logs what went wrong.
    """
    rules = rules_found(results, suites)
    shown = [FileFound(name, state, n, tuple(rules.get(name, ()))) for name, state, n in files]
    validated = validated_at(results)
    pages = _file_pages([f for f in shown if f.rules], site, validated)
    pages[INDEX] = _index(shown, suites, site, validated)
    return pages


def validated_at(results: Mapping[str, Any]) -> datetime | None:
    """When GX evaluated the first of the tables, None when there is none."""
    times = [t["meta"]["batch_markers"]["ge_load_time"] for t in results.values()]
    return min(_time(t) for t in times) if times else None


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)


def _index(
    files: list[FileFound], suites: Suites, site: DocsSite, validated: datetime | None
) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    when = f"{validated:%Y-%m-%d %H:%M} UTC" if validated else ""
    return environment.get_template(INDEX).render(
        site=site, files=files, validated=when, differences=suites.differences
    )


def _file_pages(
    files: list[FileFound], site: DocsSite, validated: datetime | None
) -> dict[str, str]:
    if not files:
        return {}
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    silence_logs()
    import great_expectations as gx
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    from rostersync.validation import docs_gx  # importing registers the type of what is shown

    silence_logs()
    run = RunIdentifier(run_name=_RUN, run_time=validated)
    with tempfile.TemporaryDirectory(prefix="rostersync-docs-") as folder:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        for name in list(context.get_site_names()):  # one of GX's own, in a temporary folder
            context.delete_data_docs_site(name)
        context.add_data_docs_site(_SITE, _configuration(docs_gx.__name__, folder, site))
        for file in files:
            suite = ExpectationSuiteIdentifier(file.name)
            key = ValidationResultIdentifier(suite, run, file.name)
            context.validation_results_store.set(key, _result(file, run))
        context.build_data_docs(build_index=False)
        built = {p.name: p.read_text("utf-8") for p in Path(folder, "validations").rglob("*.html")}
    missing = [f.name for f in files if f"{f.name}.html" not in built]
    if missing:
        raise RosterSyncError(
            "Great Expectations built no page of a file",
            file=f"{missing[0]}.csv",
            next_step="report this as a bug; what was validated is not touched by it",
        )
    return built


def _configuration(module: str, folder: str, site: DocsSite) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": folder,
        },
        "site_section_builders": {
            "expectations": "none",
            "profiling": "none",
            "validations": {
                "renderer": {
                    "module_name": module,
                    "class_name": "FilePageRenderer",
                    "run_info_at_end": True,
                },
                "view": {
                    "module_name": module,
                    "class_name": "FilePageView",
                    "site": asdict(site),
                },
            },
        },
    }


def _result(file: FileFound, run: Any) -> Any:
    """A file's rules as a result of GX."""
    from great_expectations import __version__
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
    )

    total, broken = len(file.rules), file.broken
    return ExpectationSuiteValidationResult(
        success=not broken,
        results=[_rule_result(r) for r in file.rules],
        suite_name=file.name,
        statistics={
            "evaluated_expectations": total,
            "successful_expectations": total - broken,
            "unsuccessful_expectations": broken,
            "success_percent": 100 * (total - broken) / total,
        },
        meta={"great_expectations_version": __version__, "run_id": run},
    )


def _rule_result(found: RuleFound) -> Any:
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    rule = found.rule
    return ExpectationValidationResult(
        success=not found.count,
        expectation_config=ExpectationConfiguration(
            type="expect_rule_to_be_met",
            kwargs={
                "column": rule.column or _WHOLE,
                "rule": rule.id,
                "severity_word": rule.severity,
                "hint": rule.hint,
                "check": found.check,
            },
        ),
        result={"observed_value": found.count},
        exception_info={
            "raised_exception": False,
            "exception_traceback": None,
            "exception_message": None,
        },
    )
