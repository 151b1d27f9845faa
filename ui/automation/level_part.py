"""The level on the automation page: the slider, what each level means, the next step's gate, and who looks after it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from inspector_app.domain.control import ControlState, Level
from ui.automation.differences import in_words
from ui.automation.gates_panel import GatesPanel
from ui.automation.level_slider import LevelSlider
from ui.automation.settings_form import SettingsForm
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import column, label, panel, row, set_role
from ui.wording import level_sentence


class LevelPart(QWidget):
    """Shows what is in force and takes a draft; changes nothing.

    Parameters
    ----------
    appearance : Appearance
        The look.

    Signals
    -------
    edited()
        The draft has changed.
    """

    edited = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        self.slider = LevelSlider(appearance)
        self.slider.valueChanged.connect(lambda _value: self.edited.emit())
        self.form = SettingsForm(appearance)
        self.form.edited.connect(self.edited)
        self.gates = GatesPanel(appearance)
        self._cards = [label(level_sentence(level), "small", wrap=True) for level in Level]
        cards = row(0)
        for card in self._cards:
            card.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            card.setContentsMargins(sizes.space_2, 0, sizes.space_2, 0)
            cards.addWidget(card, 1)
        stops = column(sizes.space_1, None, (sizes.space_3,) * 4)
        stops.addWidget(self.slider)
        stops.addLayout(cards)
        settings = column(sizes.space_1, None, (sizes.space_4, sizes.space_3, sizes.space_4, 0))
        settings.addWidget(label(tr("Who looks after the model"), "large"))
        self._in_words = label("", "small", wrap=True)
        held = QWidget()
        fields = column(sizes.space_1, held)
        fields.addWidget(self.form)
        fields.addWidget(self._in_words)
        fields.addStretch(1)
        around = QScrollArea()  # a banner takes the room of the last fields
        around.setAccessibleName(tr("Who looks after the model"))
        around.setWidgetResizable(True)
        around.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        around.setWidget(held)
        settings.addWidget(around, 1)
        across = row(sizes.space_3)
        gates = column(0)
        gates.addWidget(self.gates)
        across.addWidget(panel(gates), 6)
        across.addWidget(panel(settings), 5)
        body = column(sizes.space_3, self)
        body.addWidget(panel(stops))
        body.addLayout(across, 1)

    def show_state(self, state: ControlState) -> None:
        """Put everything to what is in force."""
        self.slider.blockSignals(True)
        self.slider.setValue(state.level.rank)
        self.slider.blockSignals(False)
        self.slider.show_in_force(state.level)
        self.form.show_state(state)

    def draft(self, state: ControlState) -> ControlState | None:
        """Return the state as the fields have it, ``None`` while they do not go together."""
        try:
            return self.form.draft(state, self.slider.level)
        except ValueError:
            return None

    def show_draft(self, draft: ControlState | None) -> None:
        """Say in words what the draft means."""
        for index, card in enumerate(self._cards):
            set_role(card, "role", "card-chosen" if index == self.slider.value() else "small")
        if draft is not None:
            self._in_words.setText(in_words(draft))
