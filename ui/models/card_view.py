"""A model's card, as its maker wrote it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextFormat, QTextOption, QTextTable
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
        self._drop_empty_headings()
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().nonBreakableLines():
                wrapped = block.blockFormat()
                wrapped.setNonBreakableLines(False)  # commands are longer than the card is wide
                QTextCursor(block).setBlockFormat(wrapped)
            if block.blockFormat().headingLevel():
                cursor = QTextCursor(block)
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                size = QTextCharFormat()
                size.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
                cursor.mergeCharFormat(size)
            block = block.next()

    def _drop_empty_headings(self) -> None:
        """Take the first row out of tables without headings: Markdown has none without."""
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable) and not any(
                frame.cellAt(0, at).firstCursorPosition().block().text().strip() for at in range(frame.columns())
            ):
                frame.removeRows(0, 1)
