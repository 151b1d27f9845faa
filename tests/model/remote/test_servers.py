"""One suite for every server: a station may be pointed at ours, at a plain one, at NVIDIA Triton."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import frozen_pixels
from inspector_app.domain.prediction import PredictionStatus
from model.remote.pictures import SentPicture


@pytest.fixture
def client(connect, served):
    def make(**options):
        return connect(served.url, **{"model": served.model, "version": served.version} | options)

    return make


@pytest.mark.parametrize("form", ["raw", "png"])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_answer_is_that_of_the_local_model_to_the_last_bit(client, local, picture, form, channels):
    pixels = picture if channels == 3 else frozen_pixels(np.ascontiguousarray(picture[:, :, 0]))
    remote = client(picture=SentPicture(form), mm_per_px=0.02)
    remote.warm_up(*pixels.shape[:2])
    mine, theirs = local.predict(pixels), remote.predict(pixels)
    assert mine.regions
    in_mm = tuple(region.on_part(0.02) for region in mine.regions)
    assert replace(theirs, elapsed_ms=0.0) == replace(mine, elapsed_ms=0.0, regions=in_mm)
    assert remote.picture == form


def test_jpeg_is_taken_and_named(client, picture):
    remote = client(picture=SentPicture("jpeg", 95))
    remote.warm_up(*picture.shape[:2])
    assert remote.predict(picture).status is PredictionStatus.OK
    assert remote.picture == "jpeg 95"


def test_another_model_than_the_one_named_is_refused_before_the_first_part(client, local, picture):
    remote = client(identity=replace(local.model, sha256="e" * 64))
    with pytest.raises(KnownFault, match=r"serves another model: top-hat 1.0 .* in place of top-hat 1.0"):
        remote.warm_up(*picture.shape[:2])
    assert not remote.connected
    with pytest.raises(KnownFault, match="not connected"):
        remote.predict(picture)


def test_a_model_that_is_not_there_is_one_sentence(client, picture):
    remote = client(model="nothing", version="")
    with pytest.raises(KnownFault, match="It does not serve the model"):
        remote.warm_up(*picture.shape[:2])


def test_after_closing_nothing_is_asked(client, picture):
    remote = client()
    remote.warm_up(*picture.shape[:2])
    remote.close()
    remote.close()
    with pytest.raises(KnownFault):
        remote.predict(picture)
    with pytest.raises(KnownFault, match="let go"):
        remote.warm_up(*picture.shape[:2])
