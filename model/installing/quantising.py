"""An 8-bit network from calibration pictures, made by NNCF in a process of its own.

Of its own, because NNCF prints to standard output, keeps much memory and knows how to call home; and because a process
can be ended.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import Pixels
from model.installing.progress import Watch
from model.manifest import InputSpec
from model.model_files import ModelFiles
from model.openvino_runtime import openvino_runtime, read_network
from model.preprocessing import Tensor, fit_picture, normalise, tiles

_POLL_S = 0.2


def can_quantise() -> bool:
    """Return True if NNCF is installed."""
    return importlib.util.find_spec("nncf") is not None


def calibration_tensors(pictures: Iterable[Pixels], spec: InputSpec) -> list[Tensor]:
    """Return the first tile of each picture as the network takes it."""
    tensors = []
    for pixels in pictures:
        fitted = fit_picture(pixels, spec)
        rows, columns = next(tiles(fitted.shape[0], fitted.shape[1], spec))
        tensors.append(
            normalise(np.ascontiguousarray(fitted[rows.start : rows.stop, columns.start : columns.stop]), spec)
        )
    return tensors


def quantise(files: ModelFiles, tensors: list[Tensor], graph: Path, watch: Watch) -> None:
    """Write the quantised network to ``graph`` (``.xml``) and a file beside it (``.bin``).

    Raises
    ------
    InstallationCancelled
        If asked to stop.
    ModelError
        If NNCF cannot quantise the network.
    """
    with tempfile.TemporaryDirectory(prefix="quantising-") as name:
        folder = Path(name)
        (folder / "network").write_bytes(files.network)
        (folder / "weights").write_bytes(files.weights)
        np.savez(folder / "tensors.npz", allow_pickle=False, **{f"{n:04d}": each for n, each in enumerate(tensors)})
        command = [sys.executable, "-P", "-m", __name__, str(folder), str(graph)]
        with (folder / "said").open("wb") as said:
            worker = subprocess.Popen(command, stdout=said, stderr=said, env=os.environ | {"NNCF_CI": "1"})  # noqa: S603
            try:
                while worker.poll() is None:
                    watch.stop_if_asked()
                    _wait(worker)
            finally:
                worker.kill()
                worker.wait()
        if worker.returncode:
            last = (folder / "said").read_text(errors="replace").strip().splitlines()[-1:]
            raise ModelError(
                f"model {files.manifest.name}: NNCF cannot quantise the network ({' '.join(last)[-300:]})."
            )


def _wait(worker: subprocess.Popen[bytes]) -> None:
    try:
        worker.wait(_POLL_S)
    except subprocess.TimeoutExpired:
        return


def main(folder: Path, graph: Path) -> None:
    """Quantise what `quantise` left in a folder."""
    # NNCF reports each use to a web analytics service where it can import this
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    openvino = openvino_runtime()
    import nncf

    network = read_network(openvino.Core(), (folder / "network").read_bytes(), (folder / "weights").read_bytes())
    with np.load(folder / "tensors.npz", allow_pickle=False) as arrays:
        tensors = [arrays[name] for name in arrays.files]
    made = nncf.quantize(
        network,
        nncf.Dataset(tensors),
        # zero points for activations too: those behind ReLU have no negative half to waste
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(tensors),
    )
    openvino.save_model(made, graph, compress_to_fp16=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
