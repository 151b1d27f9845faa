"""What an examination has found: one row a check, by shape, word and colour, with the way to mend it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from inspector_app.domain.commissioning import Check, Finding, Grade
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import Glyph, column, label, row

_SHAPES = {
    Grade.GOOD: ("state-ok", "text"),
    Grade.WARNING: ("state-warn", "warn"),
    Grade.BAD: ("state-bad", "bad"),
    Grade.SKIPPED: ("state-off", "muted"),
}


def grade_word(grade: Grade) -> str:
    """Return a grade as a word for people."""
    return {
        Grade.GOOD: tr("Good"),
        Grade.WARNING: tr("Look at it"),
        Grade.BAD: tr("Mend it"),
        Grade.SKIPPED: tr("Not tried"),
    }[grade]


def check_name(check: Check) -> str:
    """Return what is examined, for people."""
    return {
        Check.SETTINGS: tr("Settings"),
        Check.COMPUTER: tr("Computer"),
        Check.FOLDER: tr("Data folder"),
        Check.DISK: tr("Disk"),
        Check.CLOCK: tr("Clock"),
        Check.LOG: tr("Log"),
        Check.PEOPLE: tr("Supervisors"),
        Check.CAMERA: tr("Camera"),
        Check.MODEL: tr("Model"),
        Check.SERVER: tr("Server"),
        Check.LINE: tr("Line"),
        Check.WINDOW: tr("Window"),
    }[check]


class FindingRow(QWidget):
    """One finding on its own: shape, word, sentence, and what to do.

    Parameters
    ----------
    appearance : Appearance
        The look.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        self._glyph = Glyph(appearance, "state-off")
        self._word = label("", "strong")
        self._sentence = label("", wrap=True)
        self._remedy = label("", "muted", wrap=True)
        head = row(sizes.space_2)
        head.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._word, 0, Qt.AlignmentFlag.AlignTop)
        words = column(sizes.space_1)
        words.addWidget(self._sentence)
        words.addWidget(self._remedy)
        head.addLayout(words, 1)
        self.setLayout(head)
        self.setVisible(False)

    def show_finding(self, finding: Finding | None) -> None:
        """Show a finding, or nothing."""
        self.setVisible(finding is not None)
        if finding is None:
            return
        self._glyph.show_icon(*_SHAPES[finding.grade])
        self._word.setText(grade_word(finding.grade))
        self._sentence.setText(finding.sentence)
        self._remedy.setText(finding.remedy)
        self._remedy.setVisible(bool(finding.remedy) and finding.grade is not Grade.GOOD)

    @property
    def sentence(self) -> str:
        """What is shown, empty if nothing is."""
        return "" if self.isHidden() else self._sentence.text()


class FindingsView(QScrollArea):
    """A growing list of findings, each in a row of its own.

    Parameters
    ----------
    appearance : Appearance
        The look.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._findings: list[Finding] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clear()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is shown, in order."""
        return tuple(self._findings)

    def clear(self) -> None:
        """Show nothing."""
        self._findings = []
        inside = QWidget()
        inside.setObjectName("page")
        sizes = self._appearance.theme.sizes
        self._grid = QGridLayout(inside)
        self._grid.setHorizontalSpacing(sizes.space_3)
        self._grid.setVerticalSpacing(sizes.space_2)
        self._grid.setContentsMargins(0, 0, sizes.space_2, 0)
        self._grid.setColumnStretch(3, 1)
        self.setWidget(inside)

    def add(self, finding: Finding) -> None:
        """Add a finding below the others."""
        at = 2 * len(self._findings)
        self._grid.setRowStretch(at, 0)
        self._findings.append(finding)
        top = Qt.AlignmentFlag.AlignTop
        glyph = Glyph(self._appearance, *_SHAPES[finding.grade])
        grade = label(grade_word(finding.grade), {Grade.BAD: "bad", Grade.WARNING: "warn"}.get(finding.grade, "muted"))
        self._grid.addWidget(glyph, at, 0, top)
        self._grid.addWidget(label(check_name(finding.check), "strong"), at, 1, top)
        self._grid.addWidget(grade, at, 2, top)
        self._grid.addWidget(label(finding.sentence, wrap=True), at, 3, top)
        if finding.remedy and finding.grade is not Grade.GOOD:
            self._grid.addWidget(label(finding.remedy, "muted", wrap=True), at + 1, 3, top)
        self._grid.setRowStretch(at + 2, 1)
