"""Data Docs under ``/rostersync/data-docs``, below it the archive's own names: links between pages hold.

Every part of a name is matched as a whole and the name is put together by the archive's layout: nothing else
of the archive can be asked for.
"""

from __future__ import annotations

import re
from html import escape
from typing import Annotated, Literal

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, Response

from rostersync.archive import Layout
from rostersync.spec import Domain
from rostersync.ui.archive import District, open_archive

router = APIRouter(prefix="/data-docs")

DomainName = Literal["core", "terms", "attendance"]
Slot = Annotated[str, Path(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{4})?$")]
Landing = Annotated[str, Path(pattern=r"^landing-[0-9]{4,9}$")]
Docs = Annotated[str, Path(pattern=r"^docs-[0-9a-f]{12}$")]
Page = Annotated[str, Path(pattern=r"^[a-z_]{1,64}\.html$")]
Version = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]
StyleSheet = Annotated[str, Path(pattern=r"^[a-z][a-z.-]{0,63}\.css$")]

_HEADERS = {
    # bootstrap's marks are images in the style sheet itself; Great Expectations' tables have style attributes
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PRIVATE = {**_HEADERS, "Cache-Control": "no-store"}
_FOR_EVER = {**_HEADERS, "Cache-Control": "private, max-age=31536000, immutable"}


def _may_read(request: Request, district: District, domain: DomainName, user: GetUserDep) -> None:
    """Who may read the task's runs may read what it found: both are counts."""
    allowed = requires_access_dag("GET", DagAccessEntity.TASK_INSTANCE, f"{domain}__{district}")
    allowed(request, user)


@router.get("/docs-static/{version}/{name}")
def style_sheet(version: Version, name: StyleSheet) -> Response:
    """A style sheet all pages of a version share."""
    content = _read(f"{Layout.docs_static(version)}/{name}")
    if content is None:
        raise HTTPException(404, "The archive has no such style sheet.")
    return Response(content, media_type="text/css; charset=utf-8", headers=_FOR_EVER)


@router.get(
    "/{district}/{domain}/{slot}/{landing}/{docs}/{page}", dependencies=[Depends(_may_read)]
)
def page(
    district: District, domain: DomainName, slot: Slot, landing: Landing, docs: Docs, page: Page
) -> HTMLResponse:
    """A page of the Data Docs of one validation."""
    number, pin = int(landing.removeprefix("landing-")), docs.removeprefix("docs-")
    folder = Layout(district, Domain(domain), slot).docs(number, pin)
    content = _read(f"{folder}/{page}")
    if content is None:
        text = _gone(district, domain, slot, number)
        return HTMLResponse(text, status_code=404, headers=_PRIVATE)
    return HTMLResponse(content, headers=_PRIVATE)


def _read(name: str) -> bytes | None:
    try:
        with open_archive().reading(name) as f:
            content: bytes = f.read()
    except FileNotFoundError:
        return None
    return content


def _gone(district: str, domain: str, slot: str, landing: int) -> str:
    said = re.sub(r"(T\d\d)(\d\d)$", r"\1:\2", slot)  # as commands take it
    command = (
        f"rostersync data-docs --district {district} --domain {domain} --slot {said}"
        f" --landing {landing}"
    )
    return (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>No Data Docs</title>'
        "<body style='font-family: sans-serif; max-width: 45rem; margin: 3rem auto'>"
        "<h1>These pages are not in the archive (any more)</h1>"
        "<p>They are removed after the district's <code>data_docs: {keep_days: …}</code>; what was found is"
        " kept. To build them again, clear task <b>validate</b> of the run, or run</p>"
        f"<pre>{escape(command)}</pre></body></html>"
    )
