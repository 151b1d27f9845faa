"""NVIDIA Triton with the model of a folder behind its Python backend; runs in Triton's own environment.

``python triton_model.py FOLDER``: prints ``ready PORT`` (gRPC) and ends with its standard input.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

from inspector_app.domain.frame import frozen_pixels
from model.classifier import open_classifier
from model.precision import Precision
from model.protocol.contract import INPUTS, OUTPUTS
from model.protocol.predictions import prediction_tensors
from model.protocol.tensors import BYTES, UINT8, one_content, one_number

TYPES = {BYTES: bytes, UINT8: np.uint8, "FP64": np.float64}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    # Triton's ports are options of its own, so free ones are looked for first.
    grpc, http, metrics = free_port(), free_port(), free_port()
    classifier = open_classifier(Path(sys.argv[1]), precision=Precision.F32)

    def judged(data: dict[str, Any]) -> dict[str, Any]:
        if "pixels" in data:
            pixels = np.ascontiguousarray(data["pixels"])
            pixels = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
        else:
            pixels = cv2.imdecode(np.frombuffer(data["picture"][0], np.uint8), cv2.IMREAD_ANYCOLOR)
        tensors = prediction_tensors(classifier.predict(frozen_pixels(np.ascontiguousarray(pixels))))
        return {
            tensor.name: np.array([one_content(tensor)], object)
            if tensor.datatype == BYTES
            else np.array([one_number(tensor)])
            for tensor in tensors
        }

    config = TritonConfig(
        grpc_port=grpc, http_port=http, metrics_port=metrics, grpc_address="127.0.0.1", http_address="127.0.0.1"
    )
    with Triton(config=config) as triton:
        triton.bind(
            model_name="top_hat",
            infer_func=lambda requests: [judged(request.data) for request in requests],
            inputs=[Tensor(name=s.name, dtype=TYPES[s.datatype], shape=s.shape, optional=True) for s in INPUTS],
            outputs=[Tensor(name=s.name, dtype=TYPES[s.datatype], shape=s.shape) for s in OUTPUTS],
            config=ModelConfig(batching=False),
        )
        triton.run()
        print(f"ready {grpc}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
