"""Pictures of the parts that are looked at next, fetched before they are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inspector_app.domain.ports import StationPort
from inspector_app.domain.review import ReviewItem
from ui.background import Background
from ui.picture.conversion import Picture, picture_of
from ui.picture.outlines import RegionMark, marks_of
from ui.texts import tr


@dataclass(frozen=True, slots=True, eq=False)
class PartView:
    """What is shown of a part.

    Attributes
    ----------
    picture : Picture or None
        ``None`` without a picture.
    sentence : str or None
        Why there is none, or what is wrong with it.
    marks : tuple of RegionMark
        Of the model, where the inspector may see them.
    """

    picture: Picture | None
    sentence: str | None
    marks: tuple[RegionMark, ...]


class PictureShelf:
    """Fetches and converts pictures in the background and keeps the few that are looked at next.

    A part is fetched and shown in the same steps whatever a model says about it; only the marks that the inspector
    may see are drawn besides, in the background too.

    Parameters
    ----------
    station : StationPort
        Where pictures come from.
    background : Background
        Where they are fetched.
    """

    def __init__(self, station: StationPort, background: Background) -> None:
        self._station = station
        self._background = background
        self._views: dict[tuple[str, bool], PartView] = {}
        self._on_the_way: set[tuple[str, bool]] = set()
        self._wanted: tuple[tuple[str, bool], Callable[[PartView], None]] | None = None

    def keep(self, items: tuple[ReviewItem, ...]) -> None:
        """Fetch these parts ahead and drop all others."""
        names = {item.inspection_id for item in items}
        self._views = {key: view for key, view in self._views.items() if key[0] in names}
        for item in items:
            self._fetch(item)

    def want(self, item: ReviewItem, ready: Callable[[PartView], None]) -> None:
        """Call ``ready`` as soon as the part can be shown; only the newest wish counts."""
        view = self._views.get(_key(item))
        if view is not None:
            self._wanted = None
            ready(view)
            return
        self._wanted = (_key(item), ready)
        self._fetch(item)

    def _fetch(self, item: ReviewItem) -> None:
        key = _key(item)
        if key in self._views or key in self._on_the_way:
            return
        self._on_the_way.add(key)
        blind = self._views.get((item.inspection_id, False))
        known = blind.picture if blind is not None else None

        def job() -> PartView:
            if known is not None:  # the second stage of a second look: the picture is the same
                return part_view(item, known)
            pixels = self._station.picture(item.inspection_id)
            return part_view(item, None if pixels is None else picture_of(pixels))

        self._background.run(
            job,
            lambda view: self._arrived(key, view, keep=True),
            lambda fault: self._arrived(key, PartView(None, str(fault), ()), keep=False),
        )

    def _arrived(self, key: tuple[str, bool], view: PartView, *, keep: bool) -> None:
        self._on_the_way.discard(key)
        if keep:  # a fault may be over when the part is looked at again
            self._views[key] = view
        if self._wanted is not None and self._wanted[0] == key:
            ready = self._wanted[1]
            self._wanted = None
            ready(view)


def _key(item: ReviewItem) -> tuple[str, bool]:
    return item.inspection_id, item.revealed


def part_view(item: ReviewItem, picture: Picture | None) -> PartView:
    """Return what is shown of a part; call off the GUI thread."""
    if picture is None:
        return PartView(None, item.picture_fault or tr("There is no picture of this part."), ())
    if item.model_view is None:
        return PartView(picture, item.picture_fault, ())
    return PartView(picture, None, marks_of(item.model_view.regions, picture.width, picture.height))
