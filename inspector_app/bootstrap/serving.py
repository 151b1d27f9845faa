"""The prediction server of a data folder: its models and its settings."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.devices import picture_limits
from inspector_app.bootstrap.served_names import following, named_models
from inspector_app.bootstrap.settled import SettledFolder, open_settings
from inspector_app.cameras.reading import PictureLimits, PictureRefused, decode_picture
from inspector_app.domain.errors import SettingsError
from inspector_app.domain.frame import Pixels
from inspector_app.log import start_logging
from inspector_app.settings import ServerSection
from model.classifier import OpenVinoClassifier, cores_here, default_threads
from model.precision import Precision

if TYPE_CHECKING:
    from model.serving.access import Access
    from model.serving.held import HeldModel
    from model.serving.limits import ServingLimits
    from model.serving.repository import ModelRepository
    from model.serving.server import ServerOptions
    from model.serving.service import PredictionService

_LIBRARIES = ("grpc", "google.protobuf", "fastapi", "uvicorn", "prometheus_client", "swagger_ui_bundle")


def serving_lacks() -> str | None:
    """Return one sentence about what serving needs and is not installed, ``None`` if all is here."""
    for name in _LIBRARIES:
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            return 'The prediction server needs more libraries: pip install "inspection-station[server]".'
    return None


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """What a command says in place of the settings; ``None``: as they say.

    Attributes are those of `ServerSection`, files as paths.
    """

    host: str | None = None
    http_port: int | None = None
    grpc_port: int | None = None
    models: tuple[str, ...] | None = None
    workers: int | None = None
    token_file: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    plaintext: bool | None = None
    may_load: bool | None = None

    def applied(self, section: ServerSection, folder: Path) -> ServerSection:
        """Return the settings with what the command says in their place; files become absolute.

        Raises
        ------
        SettingsError
            If the two together make no sense.
        """
        values = section.model_dump()
        for name in ("token_file", "tls_cert", "tls_key", "client_ca"):
            values[name] = str(folder / values[name]) if values[name] else ""
        for name in self.__dataclass_fields__:
            said = getattr(self, name)
            if said is not None:
                values[name] = str(said.absolute()) if isinstance(said, Path) else said
        try:
            return ServerSection.model_validate(values)
        except ValueError as error:
            raise SettingsError(
                "Certificate and key go together (--tls-cert, --tls-key); --client-ca needs both."
            ) from error


def serve(
    chosen: Path | None,
    request: ServeRequest,
    *,
    on_ready: Callable[[str, str], None],
    say: Callable[[str], None],
    stop_asked: threading.Event,
) -> None:
    """Serve the models of a data folder until asked to stop.

    Parameters
    ----------
    chosen : Path or None
        Data folder.
    request : ServeRequest
        What the command says in place of the settings.
    on_ready : callable
        Told the addresses of HTTP and gRPC once both answer.
    say : callable
        Gets warnings, from several threads.
    stop_asked : Event
        Ends the server.

    Raises
    ------
    KnownFault
        If something is wrong before the first request: settings, model, port.
    """
    lacking = serving_lacks()
    if lacking is not None:
        raise SettingsError(lacking)
    from model.serving.server import check_options, run_server

    settled = open_settings(chosen)
    section = request.applied(settled.settings.server, settled.path)
    options = _options(section)
    warning = check_options(options)
    if warning is not None:
        say(warning)
    start_logging(settled.path if settled.path.is_dir() else None)
    with _models(settled, section, say) as repository:
        service = prediction_service(settled, repository, section)
        run_server(service, options, stop_asked, lambda where: on_ready(where.http, where.grpc))


def prediction_service(folder: SettledFolder, repository: ModelRepository, section: ServerSection) -> PredictionService:
    """Return the service that answers for the models of a repository."""
    from model.serving.service import PredictionService

    limits = _limits(folder, section)
    return PredictionService(
        repository, limits, _reader(picture_limits(folder.settings.camera)), workers(folder, section)
    )


def workers(folder: SettledFolder, section: ServerSection) -> int:
    """Return how many pictures are in work at once: as the settings say, else two threads for each core.

    Each picture may use all threads of the model; with twice as many threads as cores one picture is decoded and its
    regions are found while another's network runs (measured in ``benchmarks/serving.py``).
    """
    threads = folder.settings.model.threads or default_threads()
    return section.workers or max(1, round(2 * cores_here() / threads))


def make_repository(folder: SettledFolder, copies: int) -> ModelRepository:
    """Return the models of a data folder, none of them loaded yet."""
    from model.serving.held import HeldModel
    from model.serving.repository import ModelRepository

    model = folder.settings.model

    def load(wanted: str) -> HeldModel:
        files = folder.model_files(wanted)
        # Lengths stay in px: the size of a pixel is known where the camera is, at the client.
        return HeldModel(lambda: OpenVinoClassifier(files, model.threads or None, Precision(model.precision)), copies)

    def known() -> list[tuple[str, str, str | None]]:
        return [
            (each.manifest.name, each.manifest.version, each.problem)
            for each in folder.registry().models()
            if each.manifest is not None
        ]

    return ModelRepository(load, known)


@contextmanager
def _models(folder: SettledFolder, section: ServerSection, say: Callable[[str], None]) -> Iterator[ModelRepository]:
    """Yield the loaded models; unless some are named they follow the control state in the data folder's log."""
    repository = make_repository(folder, workers(folder, section))
    try:
        if section.models:
            others, names = named_models(section.models)
            repository.point(names)
            for wanted in others:
                repository.load(wanted)
            yield repository
            return
        has_log = bool(folder.settings.log.url) or (folder.path / "station.db").is_file()
        with open_data(folder.path) if has_log else nullcontext() as data, following(folder, data, repository, say):
            yield repository
    finally:
        repository.close()


def _options(section: ServerSection) -> ServerOptions:
    from model.serving.server import ServerOptions

    return ServerOptions(
        host=section.host,
        http_port=section.http_port,
        grpc_port=section.grpc_port,
        access=_access(section),
        plaintext_allowed=section.plaintext,
        may_load=section.may_load,
        drain_s=section.drain_s,
        version=version("inspection-station"),
    )


def _access(section: ServerSection) -> Access:
    from model.serving.access import Access, TlsFiles, read_token

    authority = Path(section.client_ca) if section.client_ca else None
    tls = TlsFiles(Path(section.tls_cert), Path(section.tls_key), authority) if section.tls_cert else None
    return Access(read_token(Path(section.token_file)) if section.token_file else None, tls)


def _limits(folder: SettledFolder, section: ServerSection) -> ServingLimits:
    from model.serving.limits import ServingLimits

    camera = picture_limits(folder.settings.camera)
    return ServingLimits(
        body_bytes=int(section.max_message_mb * 1024 * 1024),
        max_pixels=camera.max_pixels,
        min_side_px=camera.min_side_px,
        rate_per_s=section.rate_per_s,
        waiting=section.waiting,
    )


def _reader(limits: PictureLimits) -> Callable[[bytes], Pixels]:
    """Return what decodes a picture file as the station does; `ServingFault` with the station's sentence."""
    from model.serving.faults import Refusal, ServingFault

    def read(content: bytes) -> Pixels:
        found = decode_picture(content, "The picture", limits)
        if isinstance(found, PictureRefused):
            raise ServingFault(Refusal.INVALID, found.sentence)
        return found.pixels

    return read
