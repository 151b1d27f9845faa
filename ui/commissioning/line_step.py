"""A new station is asked who is told accept, reject or hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QWidget

from inspector_app.domain.commissioning import Check, CommissioningRoom, Finding, Grade
from inspector_app.domain.errors import KnownFault
from ui.background import Background, LatestJob
from ui.commissioning.findings_view import FindingRow
from ui.commissioning.steps import Step
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import IconButton, label, row
from ui.widgets.choice_box import ChoiceBox


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
