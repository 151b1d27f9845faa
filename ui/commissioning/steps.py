"""The questions that a new station asks, one step each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from inspector_app.domain.commissioning import Check, CommissioningRoom, Finding, FoundCamera, Grade
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Pixels
from ui.background import Background, LatestJob
from ui.commissioning.findings_view import FindingRow
from ui.look.appearance import Appearance
from ui.picture.conversion import Picture, picture_of
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label, row
from ui.widgets.choice_box import ChoiceBox
from ui.widgets.picture_pane import PicturePane

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


class CameraStep(Step):
    """Where pictures come from; a picture can be taken to see."""

    def __init__(self, appearance: Appearance, room: CommissioningRoom, background: Background) -> None:
        super().__init__(
            appearance,
            tr("Camera"),
            tr("Where do pictures come from?"),
            tr("Choose a camera that was found, a folder of pictures, or type an address; then take a picture."),
        )
        self._room = room
        self._looking, self._trying = LatestJob(background), LatestJob(background)
        self._looked = False
        self.box = ChoiceBox[str](tr("Source"))
        self.box.currentIndexChanged.connect(self._on_chosen)
        self.edit = QLineEdit("synthetic:")
        self.edit.textChanged.connect(self._on_typed)
        self.folder_button = IconButton(appearance, "", tr("Folder …"))
        self.folder_button.clicked.connect(self._ask_folder)
        self.try_button = IconButton(appearance, "camera", tr("Take a picture"))
        self.try_button.clicked.connect(self.try_it)
        self.finding = FindingRow(appearance)
        self.pane = PicturePane(appearance)
        self.pane.offer_marks(False)
        self._show_picture(None)
        self.add_field(tr("Found on this computer"), self.box)
        across = row(appearance.theme.sizes.space_2)
        across.addWidget(self.edit, 1)
        across.addWidget(self.folder_button)
        across.addWidget(self.try_button)
        caption = label(tr("Address of the source"), "strong")
        caption.setBuddy(self.edit)
        self.edit.setAccessibleName(tr("Address of the source"))
        self.body.addWidget(caption)
        self.body.addLayout(across)
        self.body.addWidget(self.finding)
        self.body.addWidget(self.pane, 1)
        self._offer(())

    @property
    def value(self) -> str:
        """The URI."""
        return self.edit.text().strip()

    @property
    def lacking(self) -> str:
        """What is missing."""
        return "" if self.value else tr("Name a source of pictures.")

    def entered(self) -> None:
        """Look for cameras, the first time."""
        if not self._looked:
            self._looked = True
            self.box.offer([(tr("Looking for cameras …"), "")])
            self._looking.run(self._room.cameras, self._offer, lambda _fault: self._offer(()))

    def try_it(self) -> None:
        """Take a picture with what is named."""
        uri, room = self.value, self._room
        self.try_button.setEnabled(False)
        self.pane.say(tr("Waiting for a picture …"))

        def job() -> tuple[Finding, Picture | None]:
            finding, pixels = room.try_camera(uri)
            return finding, _drawn(pixels)

        self._trying.run(job, lambda found: self._show(*found), self._on_fault)

    def _offer(self, cameras: tuple[FoundCamera, ...]) -> None:
        """Offer what was found, and what is always there."""
        offers = [(" ".join(filter(None, (each.title, each.place))), each.uri) for each in cameras]
        if not cameras:
            offers.append((tr("No camera was found"), ""))
        self.box.offer([*offers, (tr("A folder of pictures"), "folder:"), (tr("Made-up parts"), "synthetic:")])
        if cameras and self.value == "synthetic:":
            self.edit.setText(cameras[0].uri)
        elif not cameras:
            self.box.choose("synthetic:")

    def _on_chosen(self) -> None:
        if self.box.value:
            self.edit.setText(self.box.value)

    def _on_typed(self) -> None:
        self._trying.forget()
        self.try_button.setEnabled(bool(self.value))
        self.finding.show_finding(None)
        self._show_picture(None)
        self.changed.emit()

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self.window(), tr("Folder of pictures"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda path: self.edit.setText(f"folder:{path}"))
        dialog.open()

    def _show(self, finding: Finding, picture: Picture | None) -> None:
        self.try_button.setEnabled(True)
        self.finding.show_finding(finding)
        self._show_picture(picture)

    def _show_picture(self, picture: Picture | None) -> None:
        self.pane.canvas.show_picture(picture)
        self.pane.show_tools(picture is not None)
        self.pane.say("" if picture is not None else tr("No picture has been taken yet."))

    def _on_fault(self, fault: KnownFault) -> None:
        self._show(Finding(Check.CAMERA, Grade.BAD, str(fault)), None)


def _drawn(pixels: Pixels | None) -> Picture | None:
    return None if pixels is None else picture_of(pixels)


@dataclass(frozen=True, slots=True)
class LineOffer:
    """A kind of line output: its name, what it is, and an address to be changed."""

    name: str
    explanation: str
    example: str


def line_offers(data_folder: Path) -> tuple[LineOffer, ...]:
    """Return the kinds of line output, the safest to begin with first."""
    return (
        LineOffer(
            tr("None yet"),
            tr("No line is told. Parts are inspected and recorded, nothing is switched."),
            "",
        ),
        LineOffer(
            tr("Remote I/O module (Modbus TCP)"),
            tr("Accept switches a coil; with every coil off parts are rejected: a dead station lets nothing through."),
            "modbus://192.168.0.10:502/?accept=0&reject=1",
        ),
        LineOffer(
            tr("A PLC asks this station (Modbus TCP)"),
            tr("The station serves ready, pass, fail, hold, counts and heartbeat; the PLC polls them."),
            "modbus-server://0.0.0.0:1502/",
        ),
        LineOffer(
            tr("MQTT broker"),
            tr("Every disposition is published with acknowledgement; for dashboards and controllers that listen."),
            "mqtt://192.168.0.20/plant/line-1",
        ),
        LineOffer(
            tr("File"),
            tr("One line of JSON a part, synced: for a program on this computer that reads along."),
            f"file:{data_folder / 'line.jsonl'}",
        ),
    )


class LineStep(Step):
    """Who is told accept, reject or hold; the connection can be tried."""

    def __init__(
        self, appearance: Appearance, room: CommissioningRoom, background: Background, offers: tuple[LineOffer, ...]
    ) -> None:
        super().__init__(
            appearance,
            tr("Line"),
            tr("Who is told accept, reject or hold?"),
            tr("Silence always means hold. The guide describes wiring, registers and topics for the integrator."),
        )
        self._room = room
        self._trying = LatestJob(background)
        self.box = ChoiceBox[LineOffer](tr("Kind"), [(offer.name, offer) for offer in offers])
        self.box.currentIndexChanged.connect(self._on_chosen)
        self._explanation = label("", "muted", wrap=True)
        self.edit = QLineEdit()
        self.edit.textChanged.connect(self._on_typed)
        self.try_button = IconButton(appearance, "line", tr("Try the connection"))
        self.try_button.clicked.connect(self.try_it)
        self.finding = FindingRow(appearance)
        self.add_field(tr("Kind"), self.box)
        self.body.addWidget(self._explanation)
        self._fields = QWidget()
        across = row(appearance.theme.sizes.space_2, self._fields)
        across.addWidget(self.edit, 1)
        across.addWidget(self.try_button)
        self.edit.setAccessibleName(tr("Address"))
        self.body.addWidget(self._fields)
        self.body.addWidget(self.finding)
        self.body.addStretch(1)
        self._on_chosen()

    @property
    def value(self) -> tuple[str, ...]:
        """Specifications of line outputs."""
        text = self.edit.text().strip()
        return (text,) if text else ()

    @property
    def lacking(self) -> str:
        """What is missing."""
        offer = self.box.value
        wanted = offer is not None and bool(offer.example)
        return tr("Type the address, or choose that there is none yet.") if wanted and not self.value else ""

    def try_it(self) -> None:
        """Connect what is named."""
        if not self.value:
            return
        spec, room = self.value[0], self._room
        self.try_button.setEnabled(False)
        self._trying.run(lambda: room.try_line(spec), self._show, self._on_fault)

    def _on_chosen(self) -> None:
        offer = self.box.value
        if offer is None:
            return
        self._explanation.setText(offer.explanation)
        self._fields.setVisible(bool(offer.example))
        self.edit.setText(offer.example)

    def _on_typed(self) -> None:
        self._trying.forget()
        self.finding.show_finding(None)
        self.try_button.setEnabled(bool(self.value))
        self.changed.emit()

    def _show(self, finding: Finding) -> None:
        self.try_button.setEnabled(True)
        self.finding.show_finding(finding)

    def _on_fault(self, fault: KnownFault) -> None:
        self._show(Finding(Check.LINE, Grade.BAD, str(fault)))


class PeopleStep(Step):
    """Who may move the level."""

    def __init__(self, appearance: Appearance) -> None:
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
                tr('Each of them then sets a PIN on this computer: inspector-app level pin set --by "NAME".'),
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
