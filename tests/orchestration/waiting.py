"""A trigger that waits for an upload, and the upload."""

from __future__ import annotations

import asyncio
import json
import time

from rostersync.orchestration.trigger import UploadTrigger

NAMES = ("schools", "students", "parents", "staff", "sections", "rosters")
FILES = {n: f"{n}.csv" for n in (*NAMES, "groups")}


def fill(drop, *names, content=b"x\n"):
    for name in names or NAMES:
        (drop / f"{name}.csv").write_bytes(content)


def make(**changes) -> UploadTrigger:
    place = {"conn_id": "sftp_springfield", "folder": "/", "poll": 0.05}
    place |= {name: changes.pop(name) for name in tuple(place) if name in changes}
    plan = {"files": FILES, "deadline": time.time() + 30, "quiet": 0.2, **changes}
    built = UploadTrigger(plan=plan, **place)
    path, kwargs = built.serialize()
    assert path == f"{UploadTrigger.__module__}.{UploadTrigger.__qualname__}"
    return UploadTrigger(**json.loads(json.dumps(kwargs)))  # as the triggerer does


async def events(trigger) -> list[dict]:
    return [e.payload async for e in trigger.run()]


def wait(trigger, *meanwhile) -> dict:
    """Run the trigger with coroutines beside it; its one event."""

    async def both():
        running = asyncio.create_task(events(trigger))
        for coroutine in meanwhile:
            await coroutine
        return await asyncio.wait_for(running, 20)

    (payload,) = asyncio.run(both())
    json.dumps(payload)
    return payload
