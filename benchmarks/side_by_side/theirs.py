"""Teach one of anomalib's models, export it to OpenVINO, judge with the export. Runs in anomalib's environment.

    PYTHON benchmarks/side_by_side/theirs.py FOLDER-OF-JOB MODEL

Pictures are brought to size by area averaging before anomalib sees them, the same way for learning and judging, so
that its export, which resizes without it, cannot disagree with what was learned. Scores and maps are the models' own,
without anomalib's normalisation, which would cut them off at 0 and 1.
"""

# ruff: noqa: E402 - torchvision needs help before it is imported

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

# WORKAROUND: torchvision of PyPI is linked against CUDA; beside a torch for the CPU it misses these, see
# model/training/torchvision_loading.py, which this environment does not have
_OPERATORS = torch.library.Library("torchvision", "DEF")
if "+cpu" in torch.__version__ and not hasattr(torch.ops.torchvision, "nms"):
    for _name in ("nms", "qnms"):
        _OPERATORS.define(_name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from anomalib.data import ImageBatch, ImageItem
from anomalib.deploy import OpenVINOInferencer
from anomalib.engine import Engine
from anomalib.models import Dfkde, Padim, Patchcore, Stfpm, Supersimplenet
from anomalib.pre_processing import PreProcessor
from backbones import LITE, SMALL, WIDE, Backbone, first_at_hand
from job import NETWORK, Answers, Job, map_file, read_job
from lightning.pytorch import Callback, seed_everything
from timm.models import get_pretrained_cfg
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms.v2 import Normalize

PARTS_OF_TEACHER = (
    "EfficientAD's teacher (efficientad_pretrained_weights.zip) and the ImageNette pictures that it needs"
)
BATCH = 8
TRAINED = frozenset({"stfpm", "supersimplenet"})
"""By gradient; the others only look at the pictures."""


def main() -> int:
    """Run one model."""
    folder, name = Path(sys.argv[1]).resolve(), sys.argv[2]
    job = read_job(folder / "job.json")
    out = folder / name
    (out / "maps").mkdir(parents=True, exist_ok=True)
    os.chdir(out)  # anomalib leaves caches where it stands
    seed_everything(job.seed, verbose=False)
    answered(name, job, out).write(out)
    return 0


def answered(name: str, job: Job, out: Path) -> Answers:
    """Return what a model says, or why it says nothing."""
    if name not in MODELS:
        return Answers(name, f"{PARTS_OF_TEACHER} cannot be had without its downloads")
    choices, build = MODELS[name]
    try:
        backbone = first_at_hand(choices, job.weights, out.parent.parent)
    except FileNotFoundError as fault:
        return Answers(name, str(fault))
    supervised = name == "supersimplenet" and bool(job.abnormal)
    pictures = Pictures(job, supervised)
    least = 17 if name == "dfkde" else 1  # more than its 16 principal components
    if len(job.normal) < least:
        return Answers(
            name, f"it learns from at least {least} pictures without a reason to reject, not {len(job.normal)}"
        )
    model = build(job, backbone, supervised)
    started = time.perf_counter()
    learn(name, model, pictures, job, out)
    seconds = time.perf_counter() - started
    # one picture at a time: with a free batch size PatchCore's export takes nothing but pairs
    fixed = {"opset_version": 18, "dynamic_shapes": None, "verbose": False}
    size = (job.height, job.width)
    Engine(default_root_dir=out).export(model, "openvino", export_root=out, input_size=size, onnx_kwargs=fixed)
    exported = next(out.rglob(NETWORK))
    for suffix in (".xml", ".bin"):
        exported.with_suffix(suffix).replace((out / NETWORK).with_suffix(suffix))
    scores, maps = judge(name, job, out)
    setting = {
        "backbone": backbone.name,
        "size": f"{job.width}x{job.height}",
        "good": len(job.normal),
        "rejects": len(job.abnormal) if supervised else 0,
        **({"epochs": job.epochs} if name in TRAINED else {}),
        **({"bank": job.bank} if name == "patchcore" else {}),
    }
    return Answers(name, None, setting, seconds, scores, maps)


def _pre_processor(backbone: Backbone) -> PreProcessor:
    """Return the normalisation that the backbone was trained with."""
    trained = get_pretrained_cfg(backbone.name)
    return PreProcessor(transform=Normalize(mean=trained.mean, std=trained.std))


def _patchcore(job: Job, backbone: Backbone, supervised: bool) -> Any:
    del supervised
    patches = len(job.normal) * -(-job.height // 8) * -(-job.width // 8)
    share = min(1.0, job.bank / patches)
    return Patchcore(
        backbone.name,
        backbone.layers[1:3],
        coreset_sampling_ratio=share,
        pre_processor=_pre_processor(backbone),
        **_PLAIN,
    )


def _padim(job: Job, backbone: Backbone, supervised: bool) -> Any:
    del job, supervised
    layers = list(backbone.layers[:3])
    return Padim(backbone.name, layers, n_features=100, pre_processor=_pre_processor(backbone), **_PLAIN)


def _stfpm(job: Job, backbone: Backbone, supervised: bool) -> Any:
    del job, supervised
    return Stfpm(backbone.name, backbone.layers[:3], pre_processor=_pre_processor(backbone), **_PLAIN)


def _dfkde(job: Job, backbone: Backbone, supervised: bool) -> Any:
    del job, supervised
    return Dfkde(backbone.name, backbone.layers[3:], pre_processor=_pre_processor(backbone), **_PLAIN)


def _supersimplenet(job: Job, backbone: Backbone, supervised: bool) -> Any:
    del job
    layers = list(backbone.layers[1:3])
    return Supersimplenet(
        backbone=backbone.name,
        layers=layers,
        supervised=supervised,
        pre_processor=_pre_processor(backbone),
        **_PLAIN,
    )


_PLAIN = {"post_processor": False, "evaluator": False, "visualizer": False}
MODELS: dict[str, tuple[Sequence[Backbone], Callable[[Job, Backbone, bool], Any]]] = {
    "padim": ((SMALL, LITE), _padim),
    "patchcore": ((WIDE, LITE), _patchcore),
    "dfkde": ((SMALL, LITE), _dfkde),
    "stfpm": ((SMALL, LITE), _stfpm),
    "supersimplenet": ((WIDE, LITE), _supersimplenet),
}
"""Backbones in order of preference, the published one first; and how a model is made."""


class Pictures(Dataset):
    """Pictures to learn from, in size, RGB, 0 … 1."""

    def __init__(self, job: Job, supervised: bool) -> None:
        self._job = job
        self._known = [(path, None) for path in job.normal]
        if supervised:
            self._known += list(job.abnormal)

    def __len__(self) -> int:
        return len(self._known)

    def __getitem__(self, index: int) -> ImageItem:
        path, mask = self._known[index]
        size = (self._job.height, self._job.width)
        marked = torch.zeros(size, dtype=torch.bool)
        if mask is not None:
            grey = cv2.imread(mask, cv2.IMREAD_GRAYSCALE)
            # a thin mark must not vanish with the size
            marked = torch.from_numpy(cv2.resize(grey, size[::-1], interpolation=cv2.INTER_AREA) > 0)
        return ImageItem(
            image=torch.from_numpy(in_size(path, self._job)).permute(2, 0, 1).contiguous(),
            gt_mask=marked,
            gt_label=torch.tensor(mask is not None),
            image_path=path,
        )


def in_size(path: str, job: Job) -> np.ndarray:
    """Return a picture as ``(h, w, 3)`` float32 RGB, 0 … 1."""
    picture = cv2.imread(path, cv2.IMREAD_COLOR)
    small = cv2.resize(picture, (job.width, job.height), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2RGB).astype(np.float32) / 255.0


class Told(Callback):
    """Says how far learning is, every ten seconds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._last = time.monotonic()

    def on_train_batch_end(self, trainer: Any, *others: Any) -> None:
        """Count."""
        del others
        if time.monotonic() - self._last > 10:
            self._last = time.monotonic()
            total = trainer.max_epochs * trainer.num_training_batches
            print(f"  {self._name}: learned {trainer.global_step or trainer.total_batch_idx} of {total}", flush=True)


def learn(name: str, model: Any, pictures: Pictures, job: Job, out: Path) -> None:
    """Teach a model by anomalib's engine."""
    loader = DataLoader(
        pictures, BATCH, shuffle=True, collate_fn=ImageBatch.collate, drop_last=len(pictures) > BATCH and job.epochs > 1
    )
    epochs = {"max_epochs": job.epochs} if name in TRAINED else {}
    if not epochs:
        loader = DataLoader(pictures, BATCH, collate_fn=ImageBatch.collate)
    quiet = {"enable_progress_bar": False, "enable_model_summary": False}
    engine = Engine(
        callbacks=[Told(name)], default_root_dir=out / "results", accelerator="cpu", devices=1, **epochs, **quiet
    )
    engine.fit(model, train_dataloaders=loader)


def judge(name: str, job: Job, out: Path) -> tuple[tuple[float, ...], bool]:
    """Judge with the export, in single precision; write the maps."""
    inferencer = OpenVINOInferencer(out / NETWORK, device="CPU", config={"INFERENCE_PRECISION_HINT": "f32"})
    scores: list[float] = []
    maps = False
    for number, path in enumerate(job.judged):
        # Not by `predict`: where a tensor has two names, it takes either, as the hashes of this process fall.
        found = inferencer.model({inferencer.input_blob.any_name: inferencer.pre_process(in_size(path, job))})
        scores.append(float(np.ravel(found["pred_score"])[0]))
        if any("anomaly_map" in names for names in found.names()):
            maps = True
            np.save(map_file(out, number), np.squeeze(found["anomaly_map"]).astype(np.float32))
        if number % 20 == 19:
            print(f"  {name}: judged {number + 1} of {len(job.judged)}", flush=True)
    return tuple(scores), maps


if __name__ == "__main__":
    sys.exit(main())
