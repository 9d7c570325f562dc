"""Airflow's connections and variables from a folder of files, one each, as Docker and Kubernetes mount them.

Airflow's own file backend reads one file with all of them at each look; of a big fleet that takes seconds.
A file is read anew each time, so a rotated password needs no restart.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from airflow.secrets import BaseSecretsBackend

from rostersync.errors import ConfigError

log = logging.getLogger(__name__)

_ID = re.compile(r"\w[\w.-]*", re.ASCII)
_SUFFIXES = ("", ".json")


class FolderBackend(BaseSecretsBackend):
    """Looks up ``<path>/connections/<conn_id>`` and ``<path>/variables/<key>``, or the same with ``.json``.

    ``path``: the folder. A connection's file holds Airflow's URI or JSON object, a variable's its value.

    The file's mode is not looked at: mounts of secrets are 0444 by default, and are kept by who may enter
    the container. Lookups raise ConfigError, by file and never by content, for one that cannot be used; an id
    that is no plain name is of no file here.
    """

    def __init__(self, path: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._folder = Path(path)

    def get_conn_value(self, conn_id: str, team_name: str | None = None) -> str | None:
        """A connection's URI or JSON text, None when it has no file. Raises ConfigError."""
        path, text = self._read("connections", conn_id)
        if text is not None and not _is_connection(text):
            raise _unusable(
                "A connection's file cannot be used",
                file=path,
                expected="a JSON object with conn_type, or a URI such as sftp://user@host",
                next_step="write the file again; docs/connections.md has examples",
            )
        return text

    def get_variable(self, key: str, team_name: str | None = None) -> str | None:
        """A variable's value, None when it has no file. Raises ConfigError."""
        return self._read("variables", key)[1]

    def get_config(self, key: str) -> str | None:
        """None: Airflow's settings are not kept here."""
        return None

    def _read(self, kind: str, key: str) -> tuple[Path | None, str | None]:
        if not _ID.fullmatch(key):
            return None, None
        for suffix in _SUFFIXES:
            path = self._folder / kind / f"{key}{suffix}"
            try:
                return path, path.read_bytes().decode("utf-8").strip()
            except FileNotFoundError:
                continue
            except (OSError, UnicodeDecodeError) as error:
                # `from None`: a decoding error carries the content.
                raise _unusable(
                    "A secret's file cannot be read",
                    file=path,
                    found="not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror,
                    next_step="correct the file, or let Airflow's user read it",
                ) from None
        return None, None


def _unusable(what: str, **where: Any) -> ConfigError:
    """The error, which is also logged: Airflow passes over what a backend raises, at debug level."""
    error = ConfigError(what, **where)
    log.error("%s", error)
    return error


def _is_connection(text: str) -> bool:
    if not text.startswith("{"):
        try:
            return bool(urlsplit(text).scheme) and "://" in text
        except ValueError:
            return False
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value.get("conn_type"), str)
