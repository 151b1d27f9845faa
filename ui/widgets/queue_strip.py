"""Under the picture: how many parts wait, for how long, and which come next."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QFrame

from inspector_app.domain.review import ReviewItem
from ui.look.appearance import Appearance
from ui.texts import duration, tr
from ui.widgets.basics import ElidedLabel, Glyph, label, row

_NAMED = 8


class QueueStrip(QFrame):
    """Count, oldest age and the next part ids.

    Parameters
    ----------
    appearance : Appearance
        For icons and sizes.
    keys : str
        Keys worth knowing, in a few words.
    """

    def __init__(self, appearance: Appearance, keys: str) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        self.setProperty("role", "panel")
        self.setFixedHeight(sizes.strip)
        self._count = label("", "strong")
        self._age = label("", "muted")
        self._next = ElidedLabel("", "muted")
        body = row(sizes.space_4, self, (sizes.space_4, 0, sizes.space_4, 0))
        body.addWidget(Glyph(appearance, "queue", "muted"))
        body.addWidget(self._count)
        body.addWidget(self._age)
        body.addWidget(self._next, 1)
        body.addWidget(label(keys, "small"))

    def show_queue(self, waiting: tuple[ReviewItem, ...], current: ReviewItem | None, now: datetime) -> None:
        """Show the parts that wait besides the one in view."""
        shown = current.inspection_id if current else None
        others = [item for item in waiting if item.inspection_id != shown]
        words = tr("{n} more waiting") if current else tr("{n} waiting")
        self._count.setText(words.format(n=len(others)) if others else tr("None waiting"))
        if not others:
            self._age.setText("")
            self._next.setText("")
            return
        age = (now - min(item.captured_at for item in others)).total_seconds()
        self._age.setText(tr("oldest {age}").format(age=duration(age)))
        self._next.setText(tr("next: {parts}").format(parts=" · ".join(item.part_id for item in others[:_NAMED])))
