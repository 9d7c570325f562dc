"""Worlds and histories: what a small district may have sent, and in which order it arrived.

A world is a pool of landings by slot; its diffs are computed once, however many histories go through it. A
history is one way of living through some of them: which came, in which order, what was decided when, where
the machine failed, and when the receiver was upgraded to a release in which the contract has grown.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

from rostersync.fold import EMPTY_FINGERPRINT, EVERYWHERE, Restored, Settled, Slice
from rostersync.spec import Domain, entities_of
from tests.support.landings import Upload, user_member
from tests.warehouse.dice import Dice
from tests.warehouse.uploads import SCHOOLS, random_district, random_upload

Event = tuple[str, int]
"""(slot, landing number)."""

STAGES = ("locked", "copied", "merged", "recorded", "before_commit", "archive")
"""Where a step may fail: at a stage of the load, or while an artefact is written to the archive."""

NUMBERS = ((1, 2, 1), (2, 1, 1), (1, 1, 2), (1, 1, 1), (1, 1, 1, 1))
"""Landings of each slot."""

_ALL_FILES = tuple(dict.fromkeys(e.file for e in entities_of(Domain.CORE)))


@dataclass(frozen=True)
class Landing:
    """One upload of a slot. ``held``: what waits when it comes; ``settled``: what it is computed with in
    the end, which differs when a person has decided. ``drawn``: what was drawn for it, and how often."""

    upload: Upload
    held: tuple[Slice, ...] = ()
    settled: Settled = Settled()  # noqa: RUF009 - frozen
    drawn: Counter[str] = field(default_factory=Counter, compare=False)

    @property
    def is_decided(self) -> bool:
        """True when somebody approved some of what waited."""
        return self.settled != Settled(held=self.held)


@dataclass(frozen=True)
class World:
    """``landings``: everything the district may have sent, by slot and number.

    ``with_more``: those that have what only the grown contract knows; they come after the upgrade.
    """

    seed: int
    landings: dict[Event, Landing]
    with_more: frozenset[Event] = frozenset()


@dataclass(frozen=True)
class Step:
    """One thing that happens. ``land``: the landing arrives, with its decisions known (a replay) unless it
    ``waits``; ``decide``: a person decides about the newest slot; ``remove``: the slot is taken out;
    ``return``: and put back.

    ``fails``: the stage at which the first try fails, and at which passing of it. ``later``: the second try
    comes as a step of its own.
    """

    kind: Literal["land", "decide", "remove", "return"]
    event: Event
    waits: bool = False
    fails: tuple[str, int] | None = None
    later: bool = False

    def __str__(self) -> str:
        how = " held" if self.waits else ""
        failing = f" (fails at {self.fails[0]} {self.fails[1]})" if self.fails else ""
        return f"{self.kind} {self.event[0]}/{self.event[1]}{how}{failing}"


@dataclass(frozen=True)
class History:
    """The steps in the order they happen. ``grows_at``: the first step after the upgrade."""

    steps: tuple[Step, ...]
    grows_at: int = 0

    @property
    def final(self) -> tuple[Event, ...]:
        """Each slot's highest landing, in slot order, without one that is out at the end: the fold."""
        newest: dict[str, int] = {}
        out: set[str] = set()
        for step in self.steps:
            slot, landing = step.event
            newest[slot] = max(landing, newest.get(slot, 0))
            if step.kind in ("remove", "return"):
                out ^= {slot}
        return tuple(sorted((s, n) for s, n in newest.items() if s not in out))

    def drawn(self, world: World) -> Counter[str]:
        """What it went through, and how often."""
        found: Counter[str] = Counter()
        newest: dict[str, int] = {}
        for step in self.steps:
            slot, number = step.event
            if step.fails:
                found["a step that failed"] += 1
            found["a slot taken out"] += step.kind == "remove"
            found["a slot put back"] += step.kind == "return"
            if step.kind != "land":
                continue
            found += world.landings[step.event].drawn
            if slot not in newest:
                found["a late slot"] += any(slot < other for other in newest)
            elif number > newest[slot]:
                found["a correction"] += 1
            else:
                found["a landing run again"] += 1
            newest[slot] = max(number, newest.get(slot, 0))
        found["an upgrade"] += self.grows_at > 0
        return found

    def __str__(self) -> str:
        lines = list(map(str, self.steps))
        lines.insert(self.grows_at, "the contract grows")
        return "\n".join(lines)


def random_world(seed: int) -> World:
    """Three or four slots with one to three landings each."""
    rng = random.Random(seed)
    district = random_district(rng)
    numbers = rng.choice(NUMBERS)
    landings = {}
    for night, count in enumerate(numbers, 1):
        for number in range(1, count + 1):
            dice = Dice(rng)
            upload = random_upload(dice, district, night)
            landings[(f"2026-09-{night:02}", number)] = _random_landing(dice, upload)
    return World(seed, landings)


def with_unsent(world: World) -> World:
    """The world in which, in about every tenth landing, a school that is gone from students.csv waits."""
    rng = random.Random(f"{world.seed}/unsent")
    landings = dict(world.landings)
    for event, landing in landings.items():
        if rng.random() < 0.1:
            one = Slice("students", "unsent", rng.choice(SCHOOLS))
            held = tuple(sorted({*landing.held, one}))
            still = {*landing.settled.held, one} if rng.random() < 0.6 else landing.settled.held
            settled = replace(landing.settled, held=tuple(sorted(still)))
            landings[event] = replace(landing, held=held, settled=settled)
    return replace(world, landings=landings)


def with_half(world: World) -> World:
    """The world in which, in about every seventh landing, nothing but what comes waits."""
    rng = random.Random(f"{world.seed}/half")
    landings = dict(world.landings)
    for event, landing in landings.items():
        if rng.random() < 0.15 and not landing.held:
            entities = rng.sample(("students", "staff", "parents", "sections", "rosters"), 2)
            held = tuple(sorted(Slice(e, "added", rng.choice(("", *SCHOOLS))) for e in entities))
            drawn = landing.drawn + Counter(["additions that wait alone"])
            landings[event] = replace(landing, held=held, settled=Settled(held=held), drawn=drawn)
    return replace(world, landings=landings)


def with_contacts(world: World) -> World:
    """The world in which some members are known by an email alone, and some parents' emails are invalid."""
    rng = random.Random(f"{world.seed}/contacts")
    landings = dict(world.landings)
    for event, landing in landings.items():
        upload = landing.upload
        files, warnings = dict(upload.files), list(upload.warnings)
        if members := files.get("group_user_members"):
            emails = ("a@example.org", "b@example.org", "t2@example.org")
            known = [user_member("g", email=e) for e in emails]
            files["group_user_members"] = [*members, *rng.sample(known, rng.randint(0, 2))]
        if "group_user_members" in files or rng.random() < 0.1:
            files["parents"] = [dict(row) for row in files["parents"]]
            wrong = {line for file, line, *_ in upload.errors if file == "parents"}
            for line, row in enumerate(files["parents"], 2):
                if rng.random() < 0.3 and line not in wrong:
                    row |= {"email": None, "mobile": "2145550101"}
                    warnings.append(("parents", line, "parents.email.valid", "email"))
        upload = replace(upload, files=files, warnings=warnings)
        landings[event] = replace(landing, upload=upload)
    return replace(world, landings=landings)


def with_restores(world: World, earlier: dict[str, str]) -> World:
    """The world in which a person restored, of some landings, some files and schools as they once were."""
    rng = random.Random(f"{world.seed}/restores")
    landings = dict(world.landings)
    for event, landing in landings.items():
        if rng.random() < 0.3:
            files = rng.choice((("students",), ("parents", "staff"), ("sections",), _ALL_FILES))
            scope = rng.choice((EVERYWHERE, *SCHOOLS))
            restored = tuple(
                Restored(e.name, scope, earlier.get(e.name, EMPTY_FINGERPRINT))
                for e in entities_of(Domain.CORE)
                if e.file in files
            )
            settled = replace(landing.settled, restored=restored)
            drawn = landing.drawn + Counter(["restored"])
            landings[event] = replace(landing, settled=settled, drawn=drawn)
    return replace(world, landings=landings)


def with_more(world: World) -> World:
    """The world in which some parents have a second address, in about every fifth landing."""
    rng = random.Random(f"{world.seed}/more")
    landings = dict(world.landings)
    chosen = frozenset(event for event in landings if rng.random() < 0.2)
    for event in chosen:
        upload = landings[event].upload
        rows = [
            {**row, "second_email": rng.choice((None, "a@example.org", "b@example.org"))}
            for row in upload.files["parents"]
        ]
        files = {**upload.files, "parents": rows}
        landings[event] = replace(landings[event], upload=replace(upload, files=files))
    return replace(world, landings=landings, with_more=chosen)


def upgraded(rng: random.Random, world: World, history: History) -> History:
    """The history, in which the upgrade comes somewhere before the first landing that needs it.

    So does one whose rows are restored from a state that only the later release can have left.
    """
    is_later = min(world.landings) in world.with_more  # what is restored is the earliest state
    later = {e for e, landing in world.landings.items() if is_later and landing.settled.restored}
    needs = (n for n, step in enumerate(history.steps) if step.event in world.with_more | later)
    last = next(needs, len(history.steps))
    return replace(history, grows_at=rng.randint(min(1, last), last))


def random_history(rng: random.Random, world: World) -> History:
    """Some of the world's landings in a random order with repeats; a slot's arrive as numbered."""
    landings = list(world.landings)
    slots = sorted({slot for slot, _ in landings})
    chosen_slots = rng.sample(slots, rng.randint(2, len(slots)))
    chosen: dict[str, list[int]] = {}
    for slot in chosen_slots:
        numbers = [n for s, n in landings if s == slot]
        chosen[slot] = sorted(rng.sample(numbers, rng.randint(1, len(numbers))))
    order = [slot for slot, numbers in chosen.items() for _ in numbers]
    rng.shuffle(order)
    arrivals = [(slot, chosen[slot].pop(0)) for slot in order]
    for _ in range(rng.randint(0, 3)):
        at = rng.randrange(len(arrivals))
        arrivals.insert(rng.randint(at + 1, len(arrivals)), arrivals[at])
    return History(tuple(_failing(rng, _deciding(rng, world, arrivals))))


def _deciding(rng: random.Random, world: World, arrivals: list[Event]) -> list[Step]:
    """Where a landing is the newest slot's when it comes, half of the decisions are made live, after it."""
    steps: list[Step] = []
    pending: Event | None = None
    seen: dict[str, int] = {}
    for event in arrivals:
        slot, number = event
        is_new = number > seen.get(slot, 0)
        if (
            pending and is_new and slot >= pending[0]
        ):  # after this nobody could decide about it any more
            steps.append(Step("decide", pending))
            pending = None
        elif pending and rng.random() < 0.5:
            steps.append(Step("decide", pending))
            pending = None
        newest = all(slot >= s for s in seen)
        waits = is_new and newest and world.landings[event].is_decided and rng.random() < 0.6
        steps.append(Step("land", event, waits=waits))
        seen[slot] = max(number, seen.get(slot, 0))
        if waits:
            pending = event
    return [*steps, Step("decide", pending)] if pending else steps


def _failing(rng: random.Random, steps: list[Step]) -> list[Step]:
    """About every fourth step fails once; it is tried again at once, or (of a replay) after others."""
    done: list[Step] = []
    for n, step in enumerate(steps):
        if rng.random() < 0.25:
            fails = (rng.choice(STAGES), rng.randint(1, 3))
            later = step.kind == "land" and not step.waits and rng.random() < 0.4
            done.append(replace(step, fails=fails, later=later))
            if later:
                steps.insert(rng.randint(n + 1, len(steps)), step)
        else:
            done.append(step)
    return done


def _random_landing(dice: Dice, upload: Upload) -> Landing:
    if dice.rng.random() < 0.7:
        return Landing(upload, drawn=dice.drawn)
    held = _random_slices(dice.rng)
    dice.count("slices held that no limit asked for")
    return Landing(upload, held, random_decision(dice, held), dice.drawn)


def _random_slices(rng: random.Random) -> tuple[Slice, ...]:
    """One or two entities of which something waits; what was added and what was removed wait together."""
    slices = set()
    for _ in range(rng.randint(1, 2)):
        entity = rng.choice(("students", "staff", "sections", "parents", "rosters", "schools"))
        scope = rng.choice(("", *SCHOOLS))
        kinds = rng.choice((("changed",), ("added", "removed")))
        if entity == "students" and rng.random() < 0.5:
            kinds = ("reused",)
        slices |= {Slice(entity, kind, scope) for kind in kinds}
    return tuple(sorted(slices))


def random_decision(dice: Dice, held: tuple[Slice, ...]) -> Settled:
    """Nobody decides, or some slices are approved; now and then a school that is gone may go.

    Whatever else people decide and a slot records (:class:`Settled`) belongs here.
    """
    rng = dice.rng
    if dice.draw("discarded", 0.3):
        return Settled(held=held)
    still = tuple(s for s in held if rng.random() < 0.5)
    dice.count("approved in part" if still and still != held else "approved")
    gone = (rng.choice(SCHOOLS),) if rng.random() < 0.3 else ()
    rekeyed = rng.choice(((), ("",), SCHOOLS[:1]))
    return Settled(held=still, gone=gone, rekeyed=rekeyed)
