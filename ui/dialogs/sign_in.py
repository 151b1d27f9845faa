"""Who judges: a name, typed or chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QWidget

from ui.dialogs.question import Question
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import label

_OFFERED = 8


class SignInDialog(Question):
    """Asks for the inspector's name; every verdict carries it.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    names : tuple of str
        Names offered for choice, most recent first.
    """

    def __init__(self, appearance: Appearance, parent: QWidget, names: tuple[str, ...]) -> None:
        super().__init__(appearance, parent, tr("Who is judging?"), tr("Sign in"))
        self.body.addWidget(label(tr("Every verdict is recorded under this name."), "muted", wrap=True))
        self._name = QLineEdit()
        self._name.setPlaceholderText(tr("Name or staff number"))
        self._name.setMaxLength(80)
        self._name.textChanged.connect(self._check)
        self.add_field(tr("Name"), self._name)
        if names:
            grid = QGridLayout()
            grid.setSpacing(appearance.theme.sizes.space_2)
            for index, name in enumerate(names[:_OFFERED]):
                chip = QPushButton(name)
                chip.setAutoDefault(False)
                chip.clicked.connect(lambda _checked=False, n=name: self._choose(n))
                grid.addWidget(chip, index // 2, index % 2)
            self.add_field(tr("Recently here"), grid)
        self._check()
        self._name.setFocus()

    @property
    def name(self) -> str:
        """The name, without blanks around it."""
        return self._name.text().strip()

    def _choose(self, name: str) -> None:
        self._name.setText(name)
        self.accept()

    def _check(self) -> None:
        self.action.setEnabled(bool(self.name))
