"""Questions that a supervisor answers with name, reason and, for what moves right, the PIN."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ui.dialogs.question import Question
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import Glyph, label, row


class SignedQuestion(Question):
    """Asks who and why; nothing happens without both, nor without a PIN where one is needed.

    It stays open until what was signed is done: a wrong PIN is said here, and entered again here.

    Parameters
    ----------
    appearance, parent, title, action
        As of `Question`.
    supervisors : tuple of str
        Names to choose from; empty: any name may be typed.
    pin : bool
        True: the supervisor's PIN is asked for as well.

    Signals
    -------
    signed()
        Everything is entered and the action was chosen; answer with `done_with` or `refuse`.
    """

    signed = Signal()

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
        self._waits = False
        self._refusal = label("", "strong", wrap=True)
        self._refused = QWidget()
        line = row(appearance.theme.sizes.space_3, self._refused)
        line.addWidget(Glyph(appearance, "state-bad", "bad"))
        line.addWidget(self._refusal, 1)
        self._refused.hide()

    @property
    def refusal(self) -> str:
        """Why it was refused, empty if it was not."""
        return "" if self._refused.isHidden() else self._refusal.text()

    def accept(self) -> None:
        """Hand over what was entered, once, and wait for what comes of it."""
        if self._waits or not self._is_complete():
            return
        self._waits = True
        self._refused.hide()
        self._check()
        self.signed.emit()

    def done_with(self) -> None:
        """Close: what was signed is done."""
        super().accept()

    def refuse(self, sentence: str) -> bool:
        """Say why it was not done and let it be tried again, the PIN entered anew; False if it was closed meanwhile."""
        if not self.isVisible():
            return False
        self._waits = False
        self._refusal.setText(sentence)
        self._refused.show()
        if self.pin_edit is not None:
            self.pin_edit.clear()
        self._check()
        (self.action if self.pin_edit is None else self.pin_edit).setFocus()
        return True

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
        self.body.addWidget(self._refused)
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
        self.action.setEnabled(self._is_complete() and not self._waits)

    def _is_complete(self) -> bool:
        """Return True if everything is entered that it needs."""
        return bool(self.user and self.reason and (self.pin_edit is None or self.pin_edit.text()))
