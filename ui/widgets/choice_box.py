"""A combo box that keeps its values in Python: Qt would turn enums into plain text on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtWidgets import QComboBox

T = TypeVar("T")


class ChoiceBox(QComboBox, Generic[T]):
    """Offers values by their names.

    Parameters
    ----------
    name : str
        Said to screen readers.
    choices : sequence of (str, T)
        Text and value; the first is chosen.
    """

    def __init__(self, name: str, choices: Sequence[tuple[str, T]] = ()) -> None:
        super().__init__()
        self._values: list[T] = []
        self.setAccessibleName(name)
        self.setPlaceholderText(name)  # shown while nothing is offered
        self.offer(choices)

    @property
    def value(self) -> T | None:
        """What is chosen, ``None`` if nothing is."""
        index = self.currentIndex()
        return self._values[index] if 0 <= index < len(self._values) else None

    def choose(self, value: T) -> None:
        """Choose a value that is offered.

        Raises
        ------
        ValueError
            If it is not.
        """
        self.setCurrentIndex(self._values.index(value))

    def choose_or_add(self, text: str, value: T) -> None:
        """Choose a value; one that is not offered is, after the others, until other choices are."""
        if value not in self._values:
            self._values.append(value)
            self.addItem(text)
        self.choose(value)

    def offer(self, choices: Sequence[tuple[str, T]]) -> None:
        """Offer other choices without a signal; what was chosen stays if it is still there.

        The same choices again change nothing: somebody may have the list open.
        """
        texts = [self.itemText(index) for index in range(self.count())]
        if choices and list(choices) == list(zip(texts, self._values, strict=True)):
            return
        chosen = self.value
        was_blocked = self.blockSignals(True)
        self.clear()
        self._values = [value for _, value in choices]
        self.addItems([text for text, _ in choices])
        self.setCurrentIndex(self._values.index(chosen) if chosen in self._values else 0 if self._values else -1)
        self.blockSignals(was_blocked)
