"""Where people reach Airflow. Every task loads it: no heavy import here."""

from __future__ import annotations

from airflow.sdk.configuration import conf


def base_url() -> str:
    """``[api] base_url`` without its last slash; "" where Airflow was not told."""
    return str(conf.get("api", "base_url", fallback="") or "").rstrip("/")
