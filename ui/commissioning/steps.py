"""What every question of a new station has in common, and the two that ask only for names."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import column, label

_NAME_LENGTH = 80


class Step(QWidget):
    """One question.

    Parameters
    ----------
    appearance : Appearance
        The look.
    name, title, explanation : str
        In the list of steps; above the question; what it is for.

    Signals
    -------
    changed()
        The answer is another one.
    """

    changed = Signal()

    def __init__(self, appearance: Appearance, name: str, title: str, explanation: str) -> None:
        super().__init__()
        self.name = name
        self.body = column(appearance.theme.sizes.space_3, self)
        self.body.addWidget(label(title, "title", wrap=True))
        self.body.addWidget(label(explanation, "muted", wrap=True))

    @property
    def lacking(self) -> str:
        """One sentence on what is missing before the next step; empty if nothing is."""
        return ""

    def entered(self) -> None:
        """Act on coming into view."""

    def left(self) -> None:
        """Act on going out of view."""

    def add_field(self, name: str, field: QWidget) -> None:
        """Add a named field."""
        caption = label(name, "strong")
        caption.setBuddy(field)
        field.setAccessibleName(name)
        self.body.addWidget(caption)
        self.body.addWidget(field)


class NameStep(Step):
    """What the station is called."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(
            appearance,
            tr("Name"),
            tr("What is this station called?"),
            tr("The name stands in every record and report. One station is one camera, one place at the line."),
        )
        self.edit = QLineEdit("station-1")
        self.edit.setMaxLength(_NAME_LENGTH)
        self.edit.textChanged.connect(self.changed)
        self.add_field(tr("Name of the station"), self.edit)
        self.body.addStretch(1)

    @property
    def value(self) -> str:
        """The name."""
        return self.edit.text().strip()

    @property
    def lacking(self) -> str:
        """What is missing."""
        return "" if self.value else tr("Give the station a name.")

    def entered(self) -> None:
        """Let the name be typed."""
        self.edit.setFocus()
        self.edit.selectAll()


class PeopleStep(Step):
    """Who may move the level.

    Parameters
    ----------
    appearance : Appearance
        The look.
    pin_command : str
        With which each of them sets a PIN.
    """

    def __init__(self, appearance: Appearance, pin_command: str) -> None:
        super().__init__(
            appearance,
            tr("Supervisors"),
            tr("Who may give the model more to decide?"),
            tr(
                "Supervisors move the level, sign with a PIN, and answer for escapes. Without names anybody may move "
                "it, unsigned. The station begins with human only: the model decides nothing until somebody moves it."
            ),
        )
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(tr("Names with commas: Ana, Bo"))
        self.edit.textChanged.connect(self.changed)
        self.add_field(tr("Supervisors"), self.edit)
        self.body.addWidget(
            label(
                tr("Each of them then sets a PIN on this computer: {command}").format(command=pin_command),
                "muted",
                wrap=True,
            )
        )
        self.body.addStretch(1)

    @property
    def value(self) -> tuple[str, ...]:
        """Their names, each once."""
        return tuple(dict.fromkeys(name for part in re.split("[,;\n]", self.edit.text()) if (name := part.strip())))

    def entered(self) -> None:
        """Let names be typed."""
        self.edit.setFocus()
