"""Who judges: a name, typed or chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QWidget

from inspector_app.domain.people import known_spelling
from ui.dialogs.question import Question
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label

_OFFERED = 8


class SignInDialog(Question):
    """Asks for the inspector's name; every verdict carries it.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    names : tuple of str
        Names offered for choice, most recent first; more come with `offer`.
    signed_in : bool
        Whether somebody may sign out.

    Signals
    -------
    sign_out_asked()
        Nobody is to judge.

    A name that is on record in other capitals or with other blanks is taken as it is on record: one person who types it
    in two ways would be counted as two, and could take a third look at a part of their own.
    """

    sign_out_asked = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget, names: tuple[str, ...], signed_in: bool) -> None:
        super().__init__(appearance, parent, tr("Who is judging?"), tr("Sign in"))
        self.body.addWidget(label(tr("Every verdict is recorded under this name."), "muted", wrap=True))
        self._name = QLineEdit()
        self._name.setPlaceholderText(tr("Name or staff number"))
        self._name.setMaxLength(80)
        self._name.textChanged.connect(self._check)
        self.add_field(tr("Name"), self._name)
        self._as_known = label("", "small", wrap=True)
        self.body.addWidget(self._as_known)
        self._known: tuple[str, ...] = ()
        self._chips = QGridLayout()
        self._chips.setSpacing(appearance.theme.sizes.space_2)
        self._recent = QWidget()
        recent = column(appearance.theme.sizes.space_2, self._recent)
        recent.addWidget(label(tr("On record here"), "strong"))
        recent.addLayout(self._chips)
        self.body.addWidget(self._recent)
        self.sign_out = IconButton(appearance, "", tr("Sign out"))
        self.sign_out.clicked.connect(self._on_sign_out)
        self.sign_out.setVisible(signed_in)
        self.foot.insertWidget(0, self.sign_out)
        self.offer(names)
        self._check()
        self._name.setFocus()

    def offer(self, names: Sequence[str]) -> None:
        """Offer more names, behind those that are there."""
        fresh = [name for name in dict.fromkeys(names) if name not in self._known]
        for name in fresh[: max(0, _OFFERED - len(self._known))]:
            chip = QPushButton(name)
            chip.clicked.connect(lambda _checked=False, n=name: self._choose(n))
            place = self._chips.count()
            self._chips.addWidget(chip, place // 2, place % 2)
        self._known = (*self._known, *fresh)
        self._recent.setVisible(bool(self._known))
        self._check()

    @property
    def name(self) -> str:
        """The name as it is on record, else as it was typed, without needless blanks."""
        return known_spelling(self._name.text(), self._known)

    def _on_sign_out(self) -> None:
        self.sign_out_asked.emit()
        self.reject()

    def _choose(self, name: str) -> None:
        self._name.setText(name)
        self.accept()

    def _check(self) -> None:
        self.action.setEnabled(bool(self.name))
        other = self.name != " ".join(self._name.text().split())
        self._as_known.setText(
            tr("On record as {name}, and so is every verdict now.").format(name=self.name) if other else ""
        )
