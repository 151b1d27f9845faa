"""Questions that a supervisor answers with name, reason and, for what moves right, the PIN."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ui.dialogs.question import Question
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import Glyph, label, row


class SignedQuestion(Question):
    """Asks who and why; nothing happens without both, nor without a PIN where one is needed.

    Parameters
    ----------
    appearance, parent, title, action
        As of `Question`.
    supervisors : tuple of str
        Names to choose from; empty: any name may be typed.
    pin : bool
        True: the supervisor's PIN is asked for as well.
    """

    def __init__(
        self,
        appearance: Appearance,
        parent: QWidget,
        title: str,
        action: str,
        supervisors: tuple[str, ...],
        *,
        pin: bool,
    ) -> None:
        super().__init__(appearance, parent, title, action)
        self.user_box = QComboBox()
        self.user_box.addItems(list(supervisors))
        self.user_box.setEditable(not supervisors)
        self.user_box.setCurrentIndex(-1)
        self.user_box.currentTextChanged.connect(self._check)
        self.reason_edit = QLineEdit()
        self.reason_edit.setMaxLength(400)
        self.reason_edit.setPlaceholderText(tr("Why? It is recorded with the change."))
        self.reason_edit.textChanged.connect(self._check)
        self.pin_edit = QLineEdit() if pin else None
        if self.pin_edit is not None:
            self.pin_edit.setEchoMode(QLineEdit.EchoMode.Password)
            self.pin_edit.setMaxLength(64)
            self.pin_edit.textChanged.connect(self._check)

    def add_sentence(self, icon: str, sentence: str, tint: str = "text") -> None:
        """Add a sentence with an icon before it."""
        line = row(self._appearance.theme.sizes.space_3)
        line.addWidget(Glyph(self._appearance, icon, tint))
        line.addWidget(label(sentence, wrap=True), 1)
        self.body.addLayout(line)

    def ask_signature(self) -> None:
        """Add the fields for name, reason and PIN, below what was added so far."""
        self.add_field(tr("Supervisor"), self.user_box)
        self.add_field(tr("Reason"), self.reason_edit)
        if self.pin_edit is not None:
            self.add_field(tr("PIN"), self.pin_edit)
        self._check()
        self.user_box.setFocus()

    @property
    def user(self) -> str:
        """Who wants it."""
        return self.user_box.currentText().strip()

    @property
    def reason(self) -> str:
        """Why."""
        return self.reason_edit.text().strip()

    @property
    def pin(self) -> str | None:
        """The PIN as entered, ``None`` where none is asked for."""
        return None if self.pin_edit is None else self.pin_edit.text()

    def _check(self) -> None:
        self.action.setEnabled(bool(self.user and self.reason and (self.pin_edit is None or self.pin_edit.text())))
