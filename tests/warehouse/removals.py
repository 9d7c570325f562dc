"""A slot is taken out of the fold in the middle of a history, and may come back."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.warehouse.histories import History, Step

SHARE = 0.2
"""Of so many histories a slot is taken out; those of slots that stay out cost diffs that no other needs."""


def with_removal(rng: random.Random, history: History) -> History:
    """The history, or the one in which a slot is out for some of its steps, or for good.

    It goes when it is in the fold, and comes back before anything arrives for it, as nothing may meanwhile.
    """
    if rng.random() >= SHARE:
        return history
    steps = list(history.steps)
    slot = rng.choice(sorted({step.event[0] for step in steps}))
    own = [n for n, step in enumerate(steps) if step.event[0] == slot]
    # one that is tried again later may not have come through yet
    after = rng.choice([n for n in own if not steps[n].later])
    following = next((n for n in own if n > after), None)
    out = rng.randint(after + 1, len(steps) if following is None else following)
    history = _with_step(rng, history, out, "remove", steps[after])
    if following is None and rng.random() < 0.5:
        return history
    last = len(history.steps) if following is None else following + 1
    return _with_step(rng, history, rng.randint(out + 1, last), "return", steps[after])


def _with_step(rng: random.Random, history: History, at: int, kind: str, of: Step) -> History:
    """The history with a step more. Now and then it fails once, and is tried again at once."""
    fails = (rng.choice(("locked", "copied", "recorded", "before_commit", "archive")), 1)
    step = Step(
        "remove" if kind == "remove" else "return",
        of.event,
        fails=fails if rng.random() < 0.25 else None,
    )
    steps = (*history.steps[:at], step, *history.steps[at:])
    return replace(history, steps=steps, grows_at=history.grows_at + (at < history.grows_at))
