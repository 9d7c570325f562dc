"""docs/cli.md, made from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from rostersync.cli.commands import main as application
from rostersync.environment import ARCHIVE, DEBUG, WAREHOUSE
from rostersync.ledger.results import Outcome

PAGE = "docs/cli.md"

_HEAD = f"""# The command line

<!-- Made by `make docs` from the commands' own help; do not edit. -->

`rostersync` runs the DAGs' own pipeline without Airflow. `make setup` installs it as `.venv/bin/rostersync`.

```console
$ rostersync generate /tmp/upload --students 500 --nights 2
$ rostersync check /tmp/upload/night-1
$ rostersync sync /tmp/upload/night-1 --config include/districts/springfield.yaml --slot 2026-09-01
$ rostersync sync /tmp/upload/night-2 --config include/districts/springfield.yaml --slot 2026-09-02
$ rostersync status
```

## Exit codes

| code | `check` | `sync`, `replay` (its worst slot) | other commands |
| :-- | :-- | :-- | :-- |
| 0 | clean, or warnings only | loaded or identical | done |
| 1 | records would be quarantined | loaded with records quarantined, or held | see the command |
| 2 | a required file or the whole upload would be rejected, or is missing | nothing loaded | nothing landed |
| 3 | usage or internal error | error | error |

A rejected file that is not required counts as 1. Ctrl-C ends with 130; nothing half-written is left.

## Output

The result goes to stdout, progress and errors to stderr. With `--format json` stdout holds one object, also
after a failure. `check` and `sync` print

```text
{{"outcome": "{"|".join(Outcome)}",
 "message": "...",
 "files": {{"students.csv": {{"state": "accepted|identical|missing|stale|empty|header_only|rejected",
   "records": n, "accepted": n, "quarantined": n, "duplicates": n, "rejected": n,
   "findings": [{{"rule", "severity", "column", "count", "lines": [at most 20], "message"}}]}}}},
 "changes": {{"students": {{"added", "changed", "removed", "unchanged", "carried", "held"}}}},
 "holds": [{{"kind", "entity", "scope", "count", "fingerprint"}}],
 "recomputed": ["2026-09-03"],
 "notices": [{{"notice", "date", "slot", "send_after", "pending", "told", "unreachable", "held", ...}}]}}
```

`notices` is there when an attendance sync's day has some. `sync --dry-run` prints what a sync would, with
`"dry_run": true`.

`replay` prints `{{"outcome": "replayed", "district", "slots": {{slot: the object above}}}}`. An error prints

```text
{{"outcome": "error",
 "error": {{"error": class, "what", "where": {{}}, "expected", "found", "next_step", "transient"}}}}
```

and, when it is a district's configuration that is wrong, every mistake in `problems`. No output holds a value
of a person's record, but that of `explain --values`.

## Environment

`{WAREHOUSE.name}` and `{ARCHIVE.name}` say where commands read and write, where no option
does; `{DEBUG.name}=1` shows the traceback of an error. All variables: [environment.md](environment.md).

## Commands
"""


def page() -> str:
    """The page's text."""
    parts = [_HEAD]
    context = click.Context(application, info_name="rostersync")
    parts += _commands(application, context)
    return "\n".join(parts)


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    """Every command of a group, and those of the groups in it."""
    for name, command in sorted(group.commands.items()):
        own = click.Context(command, context, info_name=name)
        yield _command(own, command)
        if isinstance(command, click.Group):
            yield from _commands(command, own)


def _command(context: click.Context, command: click.Command) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    records = [p.get_help_record(context) for p in command.get_params(context)]
    rows = [
        f"| `{name.replace('|', chr(92) + '|')}` | {text} |"
        for name, text in (r for r in records if r is not None)
        if text and "--help" not in name  # an argument has no text, the usage line shows it
    ]
    text = inspect.cleandoc(command.help or "")
    table = "\n".join(["| option | |", "| :-- | :-- |", *rows])
    title = context.command_path.partition(" ")[2]
    return f"### {title}\n\n```text\n{usage}\n```\n\n{text}\n\n{table}\n"
