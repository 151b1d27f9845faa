"""The prediction server that the station asks before its own model."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from inspector_app.bootstrap.settled import SettledFolder
from inspector_app.domain.errors import SettingsError
from inspector_app.domain.ports import ConnectServer, ServedClassifier
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.settings import RemoteSection
from inspector_app.station.options import Backoff, BreakerLimits, ServerOptions

if TYPE_CHECKING:
    from model.remote.classifier import RemoteOptions

_MB = 1024 * 1024


def server_of(folder: SettledFolder, url: str | None = None) -> ConnectServer | None:
    """Return what connects to the prediction server of the settings, or to the one named in its place.

    ``None``: no server is asked.

    Raises
    ------
    SettingsError
        If URL, certificates or token are wrong; the sentence says what is allowed. Whether the server is there is
        not asked here: the station starts without it.
    """
    section = folder.settings.remote
    if url is None and not section.urls:
        return None
    lacking = remote_lacks()
    if lacking is not None:
        raise SettingsError(lacking)
    if url is not None:
        options = _options(section, (url,), folder.path)
    else:
        with folder.naming_the_key("remote"):
            options = _options(section, section.urls, folder.path)
    from model.remote.classifier import RemoteClassifier

    mm_per_px = folder.mm_per_px  # read once: it stands in the log, which may be away when a model is put to work

    def connect(model: ModelIdentity) -> ServedClassifier:
        return RemoteClassifier(model, options, mm_per_px)

    return connect


def server_options(section: RemoteSection) -> ServerOptions:
    """Return how long the settings let the prediction server be waited for."""
    return ServerOptions(
        deadline_s=section.deadline_ms / 1000.0,
        hedge_after_s=None if section.hedge_after_ms is None else section.hedge_after_ms / 1000.0,
        connect_s=max(1, len(section.urls)) * section.connect_ms / 1000.0,
        breaker=BreakerLimits(
            section.failures,
            section.window,
            section.probes,
            backoff=Backoff(section.pause_s, section.longest_pause_s),
        ),
    )


def remote_lacks() -> str | None:
    """Return one sentence about what a client of a prediction server needs and is not installed."""
    if importlib.util.find_spec("grpc") is None or importlib.util.find_spec("google.protobuf") is None:
        return 'A prediction server is asked over gRPC: pip install "inspection-station[server]".'
    return None


def _options(section: RemoteSection, urls: tuple[str, ...], folder: Path) -> RemoteOptions:
    from model.protocol.place import Shown, server_url
    from model.remote.classifier import RemoteOptions
    from model.remote.pictures import SentPicture

    token, authority, certificate, key = (
        folder / name if name else None
        for name in (section.token_file, section.tls_ca, section.tls_cert, section.tls_key)
    )
    shown = Shown(token, authority, certificate, key, section.plaintext)
    places = tuple(server_url(text) for text in urls)
    for place in places:
        shown.check(place)
    return RemoteOptions(
        urls=places,
        shown=shown,
        model=section.model,
        version=section.version,
        picture=SentPicture(section.picture, section.jpeg_quality),
        deadline_s=section.deadline_ms / 1000.0,
        connect_s=section.connect_ms / 1000.0,
        most_sent_bytes=int(section.max_message_mb * _MB),
    )
