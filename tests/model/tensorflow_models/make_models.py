"""Makes the two small TensorFlow models beside this file, and what TensorFlow says about a few pictures.

Run with TensorFlow 2.21 in an environment of its own: ``python tests/model/tensorflow_models/make_models.py``.

`redness` is a Keras classifier of 64 x 64 px RGB pictures (channels last): good or stained, by how much redder than
blue a picture is, so that swapped channels turn every answer round. `bright_lines` is a segmentation of any size,
likewise RGB and channels last: a pixel is a scratch where it is brighter than its 9 x 9 px surroundings.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent


def redness() -> keras.Model:
    """Return the classifier, with weights set by hand."""
    picture = keras.Input((64, 64, 3))
    grey = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(picture)
    scores = keras.layers.Dense(2, activation="softmax")(keras.layers.GlobalAveragePooling2D()(grey))
    network = keras.Model(picture, scores)
    rng = np.random.default_rng(4)
    kernel = rng.normal(0, 0.05, (3, 3, 3, 4)).astype(np.float32)
    kernel[1, 1, :, 0] += (1.0, 0.0, -1.0)
    kernel[1, 1, :, 1] += (-1.0, 0.0, 1.0)
    dense = np.array([[-9, 9], [9, -9], [0.1, 0.2], [0.2, -0.1]], np.float32)
    network.set_weights([kernel, np.zeros(4, np.float32), dense, np.zeros(2, np.float32)])
    return network


class BrightLines(tf.Module):
    """The segmentation; its output are the logits of background and scratch at half resolution."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = tf.Variable(tf.constant([[[[0.0, 30.0]]]]))

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.float32)])
    def __call__(self, picture: tf.Tensor) -> tf.Tensor:
        """(N, H, W, 3) 0 … 1 in, (N, H/2, W/2, 2) out."""
        grey = tf.reduce_sum(picture * tf.constant([0.5, 0.3, 0.2]), axis=3, keepdims=True)
        above = grey - tf.nn.avg_pool2d(grey, 9, 1, "SAME")
        halved = tf.nn.max_pool2d(above, 2, 2, "VALID")
        return tf.nn.conv2d(halved, self.weights, 1, "SAME") - tf.constant([0.0, 6.0])


def pictures() -> dict[str, np.ndarray]:
    """Return RGB pictures of 64 x 64 px by name."""
    rng = np.random.default_rng(9)
    red = rng.integers(0, 80, (64, 64, 3), dtype=np.uint8)
    red[..., 0] += 120
    blue = red[..., ::-1].copy()
    line = np.full((64, 64, 3), (40, 60, 90), np.uint8)
    line[30:32, 8:56] = (250, 200, 150)
    return {"red": red, "blue": blue, "line": line}


def main() -> None:
    """Write the models and the reference."""
    for name in ("redness", "bright_lines"):
        shutil.rmtree(HERE / name, ignore_errors=True)
    classifier, segmentation = redness(), BrightLines()
    classifier.export(HERE / "redness" / "model", verbose=False)
    tf.saved_model.save(segmentation, HERE / "bright_lines" / "model")
    for name, rgb in pictures().items():
        tensor = tf.constant(rgb[None].astype(np.float32) / 255.0)
        for folder, network in (("redness", classifier), ("bright_lines", segmentation)):
            reference = HERE / folder / "reference"
            reference.mkdir(exist_ok=True)
            (reference / f"{name}.png").write_bytes(tf.io.encode_png(rgb).numpy())
            np.save(reference / f"{name}.npy", np.asarray(network(tensor), np.float32))
    for stray in HERE.rglob("fingerprint.pb"):
        stray.unlink()


if __name__ == "__main__":
    main()
