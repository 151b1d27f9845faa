"""A model's card, as its maker wrote it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextFormat, QTextOption
from PySide6.QtWidgets import QTextBrowser

from ui.texts import tr


class CardView(QTextBrowser):
    """Shows Markdown in the size of the page; links are not followed, for a card may come from anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Card of the model"))
        self.setOpenLinks(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def show_card(self, markdown: str) -> None:
        """Show a card from its beginning; its headings are set off by weight, not by size."""
        self.setMarkdown(markdown)
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel():
                cursor = QTextCursor(block)
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                size = QTextCharFormat()
                size.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
                cursor.mergeCharFormat(size)
            block = block.next()
