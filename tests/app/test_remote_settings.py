"""The prediction server in the settings: what is allowed, and one sentence for the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector_app.bootstrap.remote import server_of, server_options
from inspector_app.bootstrap.settled import SettledFolder
from inspector_app.domain.errors import SettingsError
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.settings import load_settings

URLS = '[remote]\nurls = ["grpc://localhost"]\n'


def settled(folder: Path, text: str) -> SettledFolder:
    (folder / "station.toml").write_text(text, encoding="utf-8")
    return SettledFolder(folder, load_settings(folder))


def test_without_a_url_no_server_is_asked(tmp_path: Path) -> None:
    assert server_of(settled(tmp_path, "[remote]\ndeadline_ms = 500.0\n")) is None


def test_a_server_is_made_for_the_model_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token")
    folder = settled(tmp_path, URLS + 'token_file = "token"\npicture = "jpeg"\njpeg_quality = 90\n')
    connect = server_of(folder)
    assert connect is not None
    identity = ModelIdentity("glass", "1", "a" * 64, "b" * 64)
    served = connect(identity)
    assert (served.model, served.server, served.picture) == (identity, "grpc://localhost:8001", "jpeg 90")
    assert not served.connected
    served.close()


def test_marks_are_measured_by_the_scale_that_the_camera_was_taught(tmp_path: Path) -> None:
    class Measured(SettledFolder):
        mm_per_px = 0.25

    settings = settled(tmp_path, URLS + "[camera]\nmm_per_px = 0.5\n").settings
    connect = server_of(Measured(tmp_path, settings))
    assert connect is not None
    served = connect(ModelIdentity("glass", "1", "a" * 64, "b" * 64))
    assert served._mm_per_px == 0.25  # type: ignore[attr-defined]
    served.close()


def test_the_command_line_names_another_server(tmp_path: Path) -> None:
    connect = server_of(settled(tmp_path, URLS), "grpc://127.0.0.1:9001")
    assert connect is not None
    served = connect(ModelIdentity("glass", "1", "a" * 64, "b" * 64))
    assert served.server == "grpc://127.0.0.1:9001"
    served.close()


def test_times_and_thresholds_reach_the_station(tmp_path: Path) -> None:
    text = URLS.replace("]\nurls", "]\nhedge_after_ms = 60.0\nfailures = 5\npause_s = 1.0\nurls")
    options = server_options(settled(tmp_path, text).settings.remote)
    assert (options.deadline_s, options.hedge_after_s, options.connect_s) == (0.25, 0.06, 2.0)
    assert (options.breaker.failures, options.breaker.backoff.first_s) == (5, 1.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (URLS + "deadline_ms = 250.0\n[model]\ndeadline_ms = 250.0\n", "no time"),
        (URLS + "deadline_ms = 300.0\n", "no part appears later"),
        (URLS + 'tls_cert = "a.pem"\n', "tls_cert and tls_key go together"),
        (URLS + "failures = 30\n", "failures is at most window"),
        (URLS + 'picture = "gif"\n', "remote.picture"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settled(tmp_path, text)
    assert words in str(caught.value)
    assert "station.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[remote]\nurls = ["edge:8001"]\n', "grpc://HOST:PORT"),
        ('[remote]\nurls = ["grpc://edge"]\n', "say plaintext"),
        (URLS + 'token_file = "token"\n', "token cannot be read"),
    ],
)
def test_what_only_shows_when_it_is_used_names_the_key_too(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        server_of(settled(tmp_path, text))
    assert words in str(caught.value)
    assert '"remote"' in str(caught.value)


def test_a_long_deadline_is_allowed_where_parts_appear_at_once(tmp_path: Path) -> None:
    settled(tmp_path, URLS + "deadline_ms = 1000.0\n[station]\nappear_after_s = 0.0\n")
