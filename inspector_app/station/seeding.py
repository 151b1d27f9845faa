"""Seeded parts on their way into the stream: a known defect comes as a part comes, and nobody at the station can tell.

After a part of production a sticky draw says whether a seeded part follows it. If so, an archived defect that has not
been shown lately is given a number like the others, a moment within the takt, and goes the same way as a picture from
the camera: live view, model, policy, log, queue. The line alone never hears of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from inspector_app.automation.seeds import SeedRules, SeedShown, seed_alias, seed_draw, seed_to_show
from inspector_app.domain.errors import KnownFault, LogUnavailable
from inspector_app.domain.frame import Capture, Frame, Judgement, Pixels, Reference, ReferenceSource, may_be_judged
from inspector_app.domain.ids import sticky_uniform
from inspector_app.domain.inspection import Inspection
from inspector_app.domain.ports import Clock
from inspector_app.domain.seed import KnownDefect, Seed, SeedSeen

UNUSABLE = "seed_unusable"
"""Kind of the incident that notes why an archived defect cannot be shown."""

_LONGEST_TAKT = timedelta(seconds=20)
_ALIASES_TRIED = 50
_ALIAS_DAYS = 1


class SeedArchive(Protocol):
    """The pictures of known defects."""

    def defects(self) -> Sequence[KnownDefect]:
        """Return all of them."""
        ...

    def pixels(self, defect: KnownDefect) -> Pixels:
        """Return the picture of one; `KnownFault` if it cannot be read."""
        ...


class SeedHistory(Protocol):
    """What the log knows of seeded parts."""

    def seeds_seen(self, parts: int, since: datetime) -> tuple[SeedSeen, ...]:
        """Return the defects shown both within so many parts of production and since a time (UTC)."""
        ...

    def part_known(self, part_id: str, since: datetime) -> bool:
        """Return True if a part of this number was captured since a time, UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SeedOrders:
    """How parts are seeded.

    Attributes
    ----------
    rules : SeedRules
        How often, how far apart, how many probes.
    salt : str
        Of the draws.
    archive : SeedArchive
        What is shown.
    history : SeedHistory
        What was shown.
    """

    rules: SeedRules
    salt: str
    archive: SeedArchive
    history: SeedHistory


@dataclass(frozen=True, slots=True)
class Planted:
    """A seeded part that comes before every part captured later than its frame."""

    frame: Frame
    seed: Seed


@dataclass(slots=True)
class Seeder:
    """Decides what is shown and when. Used by the inspection thread alone.

    Parameters
    ----------
    orders : SeedOrders or None
        ``None``: no part is seeded.
    clock : Clock
        UTC now.
    note : callable
        Keeps an incident (kind, sentence) for the log.
    """

    orders: SeedOrders | None
    clock: Clock
    note: Callable[[str, str], None]
    _library: tuple[KnownDefect, ...] = ()
    _shown: dict[str, SeedShown] = field(default_factory=dict)
    _unfit: set[str] = field(default_factory=set)
    _parts: int = 0
    _planted: Planted | None = None
    _last: datetime | None = None
    _takt: timedelta = timedelta()

    def open(self) -> None:
        """Read archive and history again; `LogUnavailable`."""
        if self.orders is None:
            return
        rules, now = self.orders.rules, self.clock()
        self._library = tuple(self.orders.archive.defects())
        seen = self.orders.history.seeds_seen(rules.apart_parts, now - timedelta(days=rules.apart_days))
        self._parts, self._planted, self._last, self._takt = 0, None, None, timedelta()
        self._unfit.clear()
        self._shown = {}
        for each in reversed(seen):
            self._shown[each.name] = SeedShown(-each.parts_since, each.at)

    def follow(self, inspection: Inspection, capture: Capture) -> None:
        """Take note of a part of production, which a seeded part may follow."""
        self._parts += 1
        if self._last is not None:
            self._takt = max(timedelta(), min(capture.captured_at - self._last, _LONGEST_TAKT))
        self._last = capture.captured_at
        orders = self.orders
        # What a part without a usable picture looks like says nothing of the line's pictures.
        if orders is None or not isinstance(capture, Frame) or not may_be_judged(capture) or self._planted is not None:
            return
        drawn = seed_draw(orders.rules, orders.salt, inspection.part_id)
        if not drawn.drawn:
            return
        found = self._choose(orders, inspection.part_id, capture)
        if found is None:
            return
        defect, pixels = found
        share = 0.25 + 0.5 * sticky_uniform(f"{orders.salt}:moment", inspection.part_id)
        frame = Frame(
            pixels=pixels,
            captured_at=capture.captured_at + share * self._takt,
            source=capture.source,
            sequence=capture.sequence,
            # Where the source numbers its parts the station gives the next number, as to any other part.
            name=None if capture.name is None else self._alias(orders, capture.name, defect),
            reference=Reference(Judgement.REJECT, ReferenceSource.SEEDED),
            # Its picture has the size of the line's, so its views lie where the line's do; without them it would show.
            views=capture.views,
        )
        self._planted = Planted(frame, Seed(defect, inspection.part_id, orders.salt, drawn))

    def due(self, before: datetime | None) -> Planted | None:
        """Return the seeded part that comes before a picture captured then (UTC), once; ``None``: in any case."""
        planted = self._planted
        if planted is None or (before is not None and planted.frame.captured_at > before):
            return None
        self._planted = None
        return planted

    def wait_s(self, most: float) -> float:
        """Return how long to wait for the next picture, at most until the seeded part's moment."""
        if self._planted is None:
            return most
        return max(0.0, min(most, (self._planted.frame.captured_at - self.clock()).total_seconds()))

    def recorded(self, seed: Seed) -> None:
        """Take note that a seeded part is in the log."""
        self._shown[seed.defect.name] = SeedShown(self._parts, self.clock())

    def _choose(self, orders: SeedOrders, part_id: str, like: Frame) -> tuple[KnownDefect, Pixels] | None:
        """Return a defect that may come and whose picture is like the line's; what does not fit is noted once."""
        while True:
            library = {each.name: each for each in self._library if each.name not in self._unfit}
            now = SeedShown(self._parts, self.clock())
            name = seed_to_show(orders.rules, orders.salt, part_id, tuple(library), self._shown, now)
            if name is None:
                return None
            try:
                pixels = orders.archive.pixels(library[name])
            except KnownFault as fault:
                self._leave_out(name, str(fault))
                continue
            if pixels.shape == like.pixels.shape:
                return library[name], pixels
            there, here = _size(pixels), _size(like.pixels)
            self._leave_out(name, f"Its picture is {there}, and those of the line are {here}.")

    def _leave_out(self, name: str, why: str) -> None:
        self._unfit.add(name)
        self.note(UNUSABLE, f"The known defect {name} is not shown. {why}")

    def _alias(self, orders: SeedOrders, like: str, defect: KnownDefect) -> str:
        since = self.clock() - timedelta(days=_ALIAS_DAYS)
        tried = (seed_alias(orders.salt, like, defect.name, attempt) for attempt in range(_ALIASES_TRIED))
        return first_unknown(tried, lambda alias: alias == like or orders.history.part_known(alias, since))


def first_unknown(aliases: Iterable[str], known: Callable[[str], bool]) -> str:
    """Return the first number that no part has; the last one if they all have one."""
    alias = ""
    for alias in aliases:
        try:
            if not known(alias):
                return alias
        except LogUnavailable as fault:
            logging.getLogger(__name__).warning("numbers of seeded parts cannot be compared: %s", fault)
            return alias
    return alias


def _size(pixels: Pixels) -> str:
    height, width = pixels.shape[:2]
    return f"{width} × {height} px {'grey' if pixels.ndim == 2 else 'colour'}"
