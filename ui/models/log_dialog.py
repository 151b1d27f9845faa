"""What the last work of a kind has said, to be read and copied."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.dialogs.question import Question
from ui.look.appearance import Appearance
from ui.texts import tr


class LogDialog(Question):
    """Shows a log from its end.

    Parameters
    ----------
    appearance, parent
        As of `Question`.
    title, text : str
        Whose log, and what it says.
    """

    def __init__(self, appearance: Appearance, parent: QWidget, title: str, text: str) -> None:
        super().__init__(appearance, parent, title, tr("Close"))
        scale = appearance.theme.scale
        self.resize(round(900 * scale), round(560 * scale))
        self.text_edit = QPlainTextEdit(text or tr("Nothing yet."))
        self.text_edit.setReadOnly(True)
        self.text_edit.setAccessibleName(title)
        self.text_edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.body.addWidget(self.text_edit, 1)
        self.text_edit.verticalScrollBar().setValue(self.text_edit.verticalScrollBar().maximum())
