"""NVIDIA Triton with a model behind its Python backend, in Triton's environment; for tests and `benchmarks.serving`.

``python triton_model.py NAME [--folder FOLDER] [--copies N] [--threads N] [--precision P]``: prints ``ready GRPC_PORT
HTTP_PORT`` and ends with its standard input. NAME is the model's on Triton; without a folder it is the bundled one.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

from inspector_app.domain.frame import frozen_pixels
from model.classifier import OpenVinoClassifier
from model.model_files import read_model_files
from model.precision import Precision
from model.protocol.contract import INPUTS, OUTPUTS, PICTURE, PIXELS
from model.protocol.predictions import prediction_tensors
from model.protocol.tensors import BYTES, FP64, UINT8, one_content, one_number
from model.registry import load_bundled

TYPES = {BYTES: bytes, UINT8: np.uint8, FP64: np.float64}


def copy_of_the_model(choice: argparse.Namespace) -> Callable[[Any], list[dict[str, Any]]]:
    """Return what Triton calls for one of the model's instances."""
    files = read_model_files(choice.folder) if choice.folder else load_bundled()
    classifier = OpenVinoClassifier(files, choice.threads, choice.precision)

    def judged(data: dict[str, Any]) -> dict[str, Any]:
        if PIXELS.name in data:
            pixels = data[PIXELS.name]
            pixels = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
        else:
            pixels = cv2.imdecode(np.frombuffer(data[PICTURE.name][0], np.uint8), cv2.IMREAD_ANYCOLOR)
        tensors = prediction_tensors(classifier.predict(frozen_pixels(np.ascontiguousarray(pixels, np.uint8))))
        return {
            each.name: np.array([one_content(each)], object) if each.datatype == BYTES else np.array([one_number(each)])
            for each in tensors
        }

    return lambda requests: [judged(request.data) for request in requests]


def free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago; Triton takes no 0."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def asked_for() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--precision", type=Precision, default=Precision.AUTO)
    return parser.parse_args()


def main() -> None:
    """Serve until standard input ends."""
    choice = asked_for()
    # Triton's log is printed; who started this reads one line
    told, sys.stdout = sys.stdout, sys.stderr
    grpc, http, metrics = free_ports(3)
    config = TritonConfig(
        grpc_port=grpc, http_port=http, metrics_port=metrics, grpc_address="127.0.0.1", http_address="127.0.0.1"
    )
    with Triton(config=config) as triton:
        triton.bind(
            model_name=choice.name,
            infer_func=[copy_of_the_model(choice) for _ in range(choice.copies)],
            inputs=[Tensor(name=s.name, dtype=TYPES[s.datatype], shape=s.shape, optional=True) for s in INPUTS],
            outputs=[Tensor(name=s.name, dtype=TYPES[s.datatype], shape=s.shape) for s in OUTPUTS],
            config=ModelConfig(batching=False),
        )
        triton.run()
        print(f"ready {grpc} {http}", file=told, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
