"""The pictures that an installation looks at: a plant's labelled ones, or made ones where none are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from inspector_app.domain.errors import DataSetError, KnownFault
from inspector_app.domain.frame import Judgement, Pixels, frozen_pixels
from model.dataset import DataSet, DataSetImage
from model.installing.runtimes import ReadPixels
from model.synthesis.generator import FULL_FRAME, render_part

CALIBRATION_PICTURES = 32
MADE_PARTS = 12
"""Generated parts of full size that precisions are compared on where no data set is given."""

_GOLDEN, _GOLDEN_PX = 4, 384
_CALIBRATION_SEED, _COMPARING_SEED = 3_000_000, 4_000_000
_HALF_FRAME = (FULL_FRAME[0] // 2, FULL_FRAME[1] // 2)


@dataclass(frozen=True, slots=True)
class InstallPictures:
    """Where pictures come from; those that cannot be read are left out.

    Attributes
    ----------
    dataset : DataSet or None
        ``None``: generated parts.
    read : ReadPixels
        Reads its files.
    """

    dataset: DataSet | None
    read: ReadPixels

    @property
    def labelled(self) -> bool:
        """True if good parts and rejects are among the judged ones."""
        return self.dataset is not None and len({image.judgement for image in self._judged_images(self.dataset)}) == 2

    @property
    def basis(self) -> str:
        """What the judged pictures are, in words."""
        if self.dataset is None:
            return "generated parts, without labels"
        splits = ", ".join(sorted({image.split for image in self._judged_images(self.dataset)}))
        seen = "" if "train" in self.dataset.splits and splits != "train" else ", on which int8 was calibrated too"
        return f"{self.dataset.folder.name} ({splits})" + ("" if self.labelled else ", of one kind only") + seen

    @property
    def count(self) -> int:
        """How many will be judged at most."""
        return MADE_PARTS if self.dataset is None else len(self._judged_images(self.dataset))

    def golden(self) -> dict[str, Pixels]:
        """Return the middles of a few of the plant's own pictures, spread over the set; empty without one."""
        if self.dataset is None:
            return {}
        chosen = islice(self._readable(_spread(self.dataset.images, _GOLDEN)), _GOLDEN)
        return {image.name: _middle(pixels, _GOLDEN_PX) for image, pixels in chosen}

    def calibration(self) -> Iterator[Pixels]:
        """Yield pictures to quantise on: of training where that is a split of its own, else of all."""
        if self.dataset is None:
            for number in range(CALIBRATION_PICTURES):
                yield render_part(_CALIBRATION_SEED + number, _HALF_FRAME).pixels
            return
        images = self.dataset.part("train").images if "train" in self.dataset.splits else self.dataset.images
        for _, pixels in islice(self._readable(_spread(images, CALIBRATION_PICTURES)), CALIBRATION_PICTURES):
            yield pixels

    def judged(self) -> Iterator[tuple[Pixels, bool]]:
        """Yield the pictures to compare precisions on, and whether each is a reject."""
        if self.dataset is None:
            for number in range(MADE_PARTS):
                part = render_part(_COMPARING_SEED + number, defective=number % 2 == 0)
                yield part.pixels, not part.good
            return
        for image, pixels in self._readable(self._judged_images(self.dataset)):
            yield pixels, image.judgement is Judgement.REJECT

    def timed(self) -> Pixels:
        """Return the picture to time: the first one.

        Raises
        ------
        DataSetError
            If none can be read.
        """
        for pixels, _ in self.judged():
            return pixels
        where = "" if self.dataset is None else f"{self.dataset.folder}: "
        raise DataSetError(f"{where}no picture can be read.")

    def _judged_images(self, dataset: DataSet) -> Sequence[DataSetImage]:
        """Return the pictures that calibration has not seen, where there are any."""
        return [image for image in dataset.images if image.split != "train"] or dataset.images

    def _readable(self, images: Sequence[DataSetImage]) -> Iterator[tuple[DataSetImage, Pixels]]:
        for image in images:
            try:
                pixels = self.read(image.path)
            except KnownFault:
                continue
            yield image, pixels


def _spread(images: Sequence[DataSetImage], count: int) -> Sequence[DataSetImage]:
    return images[:: max(1, len(images) // count)]


def _middle(pixels: Pixels, side: int) -> Pixels:
    top, left = (max(0, (length - side) // 2) for length in pixels.shape[:2])
    return frozen_pixels(pixels[top : top + side, left : left + side].copy())
