"""A new station is asked where its pictures come from."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog, QLineEdit

from inspector_app.domain.commissioning import Check, CommissioningRoom, Finding, FoundCamera, Grade
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Pixels
from ui.background import Background, LatestJob
from ui.commissioning.findings_view import FindingRow
from ui.commissioning.steps import Step
from ui.look.appearance import Appearance
from ui.picture.conversion import Picture, picture_of
from ui.texts import tr
from ui.widgets.basics import IconButton, label, row
from ui.widgets.choice_box import ChoiceBox
from ui.widgets.picture_pane import PicturePane


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
