"""Pictures of the parts that are looked at next, fetched before they are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.ports import StationPort
from inspector_app.domain.review import ReviewItem
from ui.background import Background
from ui.picture.conversion import Picture, picture_of
from ui.picture.outlines import RegionMark, marks_of


@dataclass(frozen=True, slots=True, eq=False)
class PartView:
    """What is shown of a part.

    Attributes
    ----------
    picture : Picture or None
        ``None`` without a usable picture.
    sentence : str or None
        Why there is none.
    marks : tuple of RegionMark
        Of the model, where the inspector may see them.
    """

    picture: Picture | None
    sentence: str | None
    marks: tuple[RegionMark, ...]


class PictureShelf:
    """Fetches and converts pictures in the background and keeps the few that are looked at next.

    A part's picture is fetched and shown in the same steps whatever a model says about it.

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
        self._pictures: dict[str, Picture | None] = {}
        self._on_the_way: set[str] = set()
        self._wanted: tuple[str, Callable[[], None], Callable[[KnownFault], None]] | None = None

    def keep(self, items: tuple[ReviewItem, ...]) -> None:
        """Fetch the pictures of these parts ahead and drop all others."""
        names = {item.inspection_id for item in items}
        self._pictures = {name: picture for name, picture in self._pictures.items() if name in names}
        for item in items:
            self._fetch(item.inspection_id)

    def want(self, item: ReviewItem, ready: Callable[[], None], failed: Callable[[KnownFault], None]) -> None:
        """Call ``ready`` as soon as the part's picture is here; only the newest wish counts."""
        name = item.inspection_id
        if name in self._pictures:
            self._wanted = None
            ready()
            return
        self._wanted = (name, ready, failed)
        self._fetch(name)

    def picture(self, item: ReviewItem) -> Picture | None:
        """Return the picture that is here, ``None`` if the part has none."""
        return self._pictures.get(item.inspection_id)

    def _fetch(self, name: str) -> None:
        if name in self._pictures or name in self._on_the_way:
            return
        self._on_the_way.add(name)

        def job() -> Picture | None:
            pixels = self._station.picture(name)
            return None if pixels is None else picture_of(pixels)

        self._background.run(job, lambda picture: self._arrived(name, picture), lambda fault: self._lost(name, fault))

    def _arrived(self, name: str, picture: Picture | None) -> None:
        self._on_the_way.discard(name)
        self._pictures[name] = picture
        if self._wanted is not None and self._wanted[0] == name:
            ready = self._wanted[1]
            self._wanted = None
            ready()

    def _lost(self, name: str, fault: KnownFault) -> None:
        self._on_the_way.discard(name)
        if self._wanted is not None and self._wanted[0] == name:
            failed = self._wanted[2]
            self._wanted = None
            failed(fault)


def part_view(item: ReviewItem, picture: Picture | None, missing: str) -> PartView:
    """Return what is shown of a part; ``missing`` is the sentence for a picture that is simply not there."""
    if picture is None:
        return PartView(None, item.picture_fault or missing, ())
    if item.model_view is None:
        return PartView(picture, None, ())
    return PartView(picture, None, marks_of(item.model_view.regions, picture.width, picture.height))
