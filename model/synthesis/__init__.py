"""Seeded glass parts with pixel truth: training material, synthetic camera, demo."""

from model.synthesis.dataset_writer import write_dataset
from model.synthesis.generator import (
    FULL_FRAME,
    draw_seed,
    generate_crop,
    generate_part,
    paint_part,
    plan_part,
    render_part,
)
from model.synthesis.part import Label, Look, Scratch, SyntheticPart

__all__ = [
    "FULL_FRAME",
    "Label",
    "Look",
    "Scratch",
    "SyntheticPart",
    "draw_seed",
    "generate_crop",
    "generate_part",
    "paint_part",
    "plan_part",
    "render_part",
    "write_dataset",
]
