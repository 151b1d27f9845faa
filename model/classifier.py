"""A model run on this machine's processor by OpenVINO."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus, unusable_prediction
from model.judging import verdict
from model.manifest import ModelManifest
from model.model_files import ModelFiles
from model.on_device import SHAPES_KEPT, OnDeviceNetwork
from model.openvino_runtime import openvino_runtime
from model.precision import Precision
from model.preprocessing import Maps, UnusableOutput, picture_maps

_MOST_THREADS = 8


def default_threads() -> int:
    """Return how many threads infer unless told: all but one of the cores this process may use, at most 8.

    One core stays free for window and camera; of two cores both are used, and the operating system shares them.
    """
    cores = cores_here()
    return cores if cores <= 2 else min(cores - 1, _MOST_THREADS)


def cores_here() -> int:
    """Return how many cores this process may use."""
    # not on macOS and Windows
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class OpenVinoClassifier:
    """`inspector_app.domain.ports.Classifier` on OpenVINO; one thread at a time.

    The same picture gives the same bytes on the same machine, number of threads and precision, at any time. bf16
    and f32 differ in the third digit of a probability; a record holds what was computed, so it replays either way.

    Parameters
    ----------
    files : ModelFiles
        Manifest and the very bytes whose hash was checked.
    threads : int or None
        Threads that infer, at least 1; ``None``: `default_threads`. Python's lock is free while they do.
    precision : Precision
        ``BF16`` on a processor without it is slow, not wrong.
    clock : callable
        Seconds, monotonic.
    mm_per_px : float or None
        Size of a pixel on the part; with it regions carry their length and width in mm.

    Raises
    ------
    ModelError
        If OpenVINO cannot read the network or it does not fit its manifest.
    """

    def __init__(
        self,
        files: ModelFiles,
        threads: int | None = None,
        precision: Precision = Precision.AUTO,
        clock: Callable[[], float] = time.perf_counter,
        mm_per_px: float | None = None,
    ) -> None:
        if threads is not None and threads < 1:
            raise ModelError(f"threads for the model: at least 1, not {threads}.")
        self._manifest = files.manifest
        self._clock = clock
        self._mm_per_px = mm_per_px
        core = openvino_runtime().Core()
        capabilities = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        self._precision = _settled(precision, files, "BF16" in capabilities)
        self._threads = threads or default_threads()
        settings: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": _hint(self._precision, "BF16" in capabilities),
            "INFERENCE_NUM_THREADS": self._threads,
            "NUM_STREAMS": "1",
            # a pinned thread cannot step aside for the window
            "ENABLE_CPU_PINNING": False,
        }
        self._network = OnDeviceNetwork(files, settings, core)
        self._warm: tuple[tuple[int, int], ...] = ()
        self._closed = False
        self._check_network()

    @property
    def model(self) -> ModelIdentity:
        """Which model this is."""
        return self._manifest.identity

    @property
    def manifest(self) -> ModelManifest:
        """The model's card."""
        return self._manifest

    @property
    def precision(self) -> Precision:
        """``F32``, ``BF16`` or ``INT8``, never ``AUTO``."""
        return self._precision

    @property
    def threads(self) -> int:
        """Threads that infer."""
        return self._threads

    def predict(self, pixels: Pixels) -> Prediction:
        """Judge one picture of any size, ``(H, W)`` or ``(H, W, 3)`` BGR uint8; it is not changed.

        An output that is not finite or has another shape than promised gives ``FAILED``. Whatever OpenVINO raises
        is passed on.
        """
        started = self._clock()
        try:
            maps = self._seen(pixels)
        except UnusableOutput as fault:
            return unusable_prediction(PredictionStatus.FAILED, self.model, self._since_ms(started), str(fault))
        seen = verdict(pixels, maps, self._manifest)
        regions = seen.regions
        if self._mm_per_px is not None:
            regions = tuple(region.on_part(self._mm_per_px) for region in regions)
        return Prediction(PredictionStatus.OK, seen.probability, regions, self.model, self._since_ms(started))

    def maps(self, pixels: Pixels) -> Maps:
        """Return the probability maps of a picture, see `model.preprocessing.picture_maps`.

        Raises
        ------
        UnusableOutput
            If the network's output has another shape than promised or is not finite.
        ModelError
            If the classifier is closed.
        """
        return self._seen(pixels).copy()

    def warm_up(self, height: int, width: int) -> None:
        """Compile the network for pictures of this size, so that the first one is not slower than the others.

        Returns at once for the sizes of the last pictures.
        """
        if (height, width) in self._warm:
            return
        self._seen(np.zeros((height, width), np.uint8))
        self._warm = (*self._warm, (height, width))[-SHAPES_KEPT:]

    def close(self) -> None:
        """Free what it holds; idempotent."""
        self._closed = True
        self._network.close()

    def _seen(self, pixels: Pixels) -> Maps:
        """Return the maps of a picture, which the next one overwrites."""
        if self._closed:
            raise ModelError(f"model {self._manifest.name} is closed.")
        return picture_maps(pixels, self._manifest, self._network)

    def _check_network(self) -> None:
        """Run the smallest picture through; nothing else proves that network and manifest fit."""
        side = self._manifest.input.stride
        try:
            self._seen(np.zeros((side, side), np.uint8))
        except UnusableOutput as fault:
            raise ModelError(f"model {self._manifest.name} does not fit its manifest: {fault}.") from fault
        except RuntimeError as fault:
            reason = " ".join(str(fault).split())[-300:]
            raise ModelError(
                f"model {self._manifest.name}: OpenVINO cannot run the network as its manifest says ({reason})."
            ) from fault
        self._network.forget()

    def _since_ms(self, started: float) -> float:
        return (self._clock() - started) * 1000.0


def _settled(wanted: Precision, files: ModelFiles, has_bf16: bool) -> Precision:
    """Return the arithmetic to run in: as told, else as measured at installation, else as the processor suggests."""
    if (wanted is Precision.INT8) != (files.precision is Precision.INT8) and wanted is not Precision.AUTO:
        raise ModelError(f"model {files.manifest.name}: these files are not for precision {wanted.value}.")
    if wanted is not Precision.AUTO:
        return wanted
    if files.precision is Precision.AUTO or (files.precision is Precision.BF16 and not has_bf16):
        return Precision.BF16 if has_bf16 else Precision.F32
    return files.precision


def _hint(precision: Precision, has_bf16: bool) -> str:
    """Return OpenVINO's hint; what a quantised network leaves unquantised is computed in the processor's quickest."""
    if precision is Precision.INT8:
        return "bf16" if has_bf16 else "f32"
    return precision.value
