"""Which districts a parse of the DAG files builds, and where a broken YAML is shown.

A DAG file that raises loses all its DAGs. So ``dags/core.py`` (or a shard) passes over a YAML it cannot read,
and ``dags/configuration.py``, which has no DAGs to lose, raises: one district's mistake is an import error in
the UI, with file and keys, and the other districts' nights go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from rostersync import paths
from rostersync.config import (
    DistrictConfig,
    RuleLint,
    district_files,
    load_district,
    load_districts,
    sharing_districts,
)
from rostersync.errors import ConfigError
from rostersync.spec import Domain


def dag_id(domain: Domain, district: str) -> str:
    """``core__springfield``."""
    return f"{domain}__{district}"


def domain_of(dag: str) -> Domain:
    """The domain of a DAG by its id."""
    return Domain(dag.partition("__")[0])


def districts_to_build(domain: Domain, parsed_dag_id: str | None) -> Iterator[DistrictConfig]:
    """The districts whose DAG of a domain this parse is about, by id.

    ``domain``: of the DAG file. ``parsed_dag_id``: ``get_parsing_context().dag_id``: in a task, its DAG's id;
    only that district's YAML is read then, and one that was switched off meanwhile finishes its run. None
    builds all enabled ones.

    Raises ConfigError, in a task, when its own district's YAML is broken.
    """
    if parsed_dag_id is not None:
        prefix = dag_id(domain, "")
        if parsed_dag_id.startswith(prefix):
            yield find_district(parsed_dag_id.removeprefix(prefix))
        return
    yield from (cfg for cfg in enabled_districts() if syncs(cfg, domain))


def enabled_districts(
    is_wanted: Callable[[str], bool] = lambda district: True,
) -> Iterator[DistrictConfig]:
    """All that are on and whose file can be read, by id; :func:`check_districts` shows the others.

    Districts that would read one account or folder are left out, all of them: each would load the other's
    children.

    ``is_wanted``: of a district's id, before its file is read.
    """
    rules = _rules()
    sharing = sharing_districts(paths.districts_folder())
    for path in _files():
        if not is_wanted(path.stem) or path.stem in sharing:
            continue
        try:
            cfg = load_district(path, rules=rules)
        except ConfigError:
            continue
        if cfg.enabled:
            yield cfg


def syncs(cfg: DistrictConfig, domain: Domain) -> bool:
    """Terms and attendance are off where the YAML does not speak of them."""
    return domain is Domain.CORE or getattr(cfg, domain) is not None


def find_district(district: str) -> DistrictConfig:
    """A district's configuration by its id. Raises ConfigError."""
    path = next((p for p in _files() if p.stem == district), None)
    if path is None:
        raise ConfigError(
            "The district has no YAML file",
            district=district,
            folder=paths.districts_folder(),
            next_step="restore the file, or delete the district's DAG in Airflow",
        )
    return load_district(path, rules=_rules())


def check_districts() -> None:
    """Raise ConfigError with every mistake of all districts' files."""
    load_districts(paths.districts_folder(), rules=_rules())


def _rules() -> RuleLint:
    """Of the suites as they are now: a warm worker does not keep them."""
    from rostersync.validation import rule_lint

    return rule_lint(paths.expectations_folder())


def _files() -> list[Path]:
    return district_files(paths.districts_folder())
