"""The frame of every dialog: what it is about, its content, one action and the way back."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QLayout, QWidget

from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label, row


class Question(QDialog):
    """A modal dialog in the look of the window.

    Parameters
    ----------
    appearance : Appearance
        The look.
    parent : QWidget
        The window.
    title : str
        What it is about.
    action : str
        What the one action does, as its button says it.
    """

    def __init__(self, appearance: Appearance, parent: QWidget, title: str, action: str) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setWindowTitle(title)
        self.setModal(True)
        sizes = appearance.theme.sizes
        self.body = column(sizes.space_3)
        self.action = IconButton(appearance, "accept", action, "primary")
        self.action.setDefault(True)
        self.action.clicked.connect(self.accept)
        back = IconButton(appearance, "", tr("Cancel"))  # Enter presses it while it has the focus
        back.clicked.connect(self.reject)
        self.foot = row(sizes.space_4)
        self.foot.addStretch(1)
        self.foot.addWidget(back)
        self.foot.addWidget(self.action)
        # A frame of its own: over a window without a window manager there is none around a dialog.
        edge = QFrame()
        edge.setObjectName("question")
        column(0, self).addWidget(edge)
        frame = column(sizes.space_4, edge, (sizes.space_5,) * 4)
        frame.addWidget(label(title, "title", wrap=True))
        frame.addLayout(self.body)
        frame.addStretch(1)
        frame.addLayout(self.foot)
        self.setMinimumWidth(round(520 * appearance.theme.scale))

    def showEvent(self, event: QShowEvent) -> None:
        """Make room for all of the text: Qt guesses the height of wrapped lines before it knows their width."""
        super().showEvent(event)
        self._make_room()

    def event(self, event: QEvent) -> bool:
        """Make room again whenever something has been added or has grown."""
        handled = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and self.isVisible():
            self._make_room()
        return handled

    def _make_room(self) -> None:
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))

    def add_field(self, name: str, field: QWidget | QLayout) -> None:
        """Add a named field."""
        caption = label(name, "strong")
        self.body.addWidget(caption)
        if isinstance(field, QWidget):
            field.setAccessibleName(name)
            caption.setBuddy(field)
            self.body.addWidget(field)
        else:
            self.body.addLayout(field)
