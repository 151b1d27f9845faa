"""Which pictures of several views belong to one part: decided from keys and times alone."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_OPEN = 16
"""Parts that may be open at once; with one more the oldest goes on without its missing views."""


class Pairing(StrEnum):
    """How pictures of the views find each other.

    ``ORDER``: by each source's own count, for files; ``NAME``: by the part's name; ``TIME``: taken within a short time
    of each other.
    """

    ORDER = "order"
    NAME = "name"
    TIME = "time"


@dataclass(slots=True)
class Group(Generic[T]):
    """Pictures of one part, by the number of their view; ``since_s``: when the first one was in hand."""

    key: Hashable
    since_s: float
    pictures: dict[int, T] = field(default_factory=dict)


class ViewGroups(Generic[T]):
    """Collects pictures into parts and gives the parts out in order; each picture is in exactly one part.

    Parameters
    ----------
    views : int
        How many make a part complete.
    wait_s : float
        How long a part waits for its missing views.
    """

    def __init__(self, views: int, wait_s: float) -> None:
        self._views = views
        self._wait_s = wait_s
        self._open: list[Group[T]] = []

    def __len__(self) -> int:
        """Return the number of open parts."""
        return len(self._open)

    @property
    def wanted(self) -> frozenset[int]:
        """The views that the oldest open part lacks; all views where none is open."""
        held: Mapping[int, T] = self._open[0].pictures if self._open else {}
        return frozenset(range(self._views)) - held.keys()

    def add(self, view: int, picture: T, key: Hashable, now_s: float) -> None:
        """Put a picture to the part with its key, or begin a new part.

        A second picture of one view for one key begins a part of its own: two pictures are two parts.
        """
        for group in self._open:
            if group.key == key and view not in group.pictures:
                group.pictures[view] = picture
                return
        self._open.append(Group(key, now_s, {view: picture}))

    def add_timed(self, view: int, picture: T, at_s: float, window_s: float, now_s: float) -> None:
        """Put a picture to the oldest part that lacks its view and began within ``window_s`` of it."""
        for group in self._open:
            if view not in group.pictures and isinstance(group.key, float) and abs(at_s - group.key) <= window_s:
                group.pictures[view] = picture
                return
        self._open.append(Group(at_s, now_s, {view: picture}))

    def ready(self, now_s: float) -> dict[int, T] | None:
        """Take out the oldest part if it is complete, or will not be.

        That is so once it is overdue, overtaken by a complete one, or one of too many.
        """
        if not self._open:
            return None
        oldest = self._open[0]
        complete = len(oldest.pictures) == self._views
        overtaken = any(len(group.pictures) == self._views for group in self._open[1:])
        overdue = now_s - oldest.since_s >= self._wait_s
        if complete or overtaken or overdue or len(self._open) > MOST_OPEN:
            return self._open.pop(0).pictures
        return None

    def left(self) -> dict[int, T] | None:
        """Take out the oldest part, however complete; ``None`` if there is none."""
        return self._open.pop(0).pictures if self._open else None
