"""Several views of one part in one picture: which view lies where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ViewPlace:
    """Where one view lies in a part's picture, in px; (x, y) is its top left corner. Its pixels are not scaled."""

    name: str
    x: int
    y: int
    w: int
    h: int

    def holds(self, x: float, y: float) -> bool:
        """Return True if a point of the picture lies in this view."""
        return self.x <= x < self.x + self.w and self.y <= y < self.y + self.h


def view_at(views: Sequence[ViewPlace], x: float, y: float) -> ViewPlace | None:
    """Return the view that a point of the picture lies in, ``None`` between views and in a picture of one view."""
    return next((view for view in views if view.holds(x, y)), None)


def cut_views(views: Sequence[ViewPlace], x: int, y: int, w: int, h: int) -> tuple[ViewPlace, ...]:
    """Return where the views lie once this region is cut out of the picture; a view outside of it is gone."""
    left = []
    for view in views:
        right, bottom = min(view.x + view.w, x + w), min(view.y + view.h, y + h)
        start, top = max(view.x, x), max(view.y, y)
        if right > start and bottom > top:
            left.append(replace(view, x=start - x, y=top - y, w=right - start, h=bottom - top))
    return tuple(left)
