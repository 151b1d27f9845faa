"""Predictions for a folder of pictures as one table: through the server's own service, or from a server."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from inspector_app.bootstrap.batch_journal import open_journal
from inspector_app.bootstrap.serving import make_repository, prediction_service, serving_lacks, workers
from inspector_app.bootstrap.settled import SettledFolder, open_settings
from inspector_app.bootstrap.tables import TABLE_FORMATS, Row, check_table, open_table
from inspector_app.cameras.listing import PictureFile
from inspector_app.cameras.picture_folder import PictureFolder
from inspector_app.domain.errors import KnownFault, SettingsError, Stopped
from inspector_app.domain.prediction import ModelIdentity, Prediction
from inspector_app.domain.records import identity_record, prediction_record
from model.protocol.contract import DEFAULT_MODEL

BATCH_COLUMNS: Final = {
    "image": "text", "status": "text", "probability": "real", "regions": "whole", "worst_class": "text",
    "worst_score": "real", "marks": "text", "model": "text", "version": "text", "model_sha256": "text",
    "preprocessing_sha256": "text", "elapsed_ms": "real", "detail": "text",
}  # fmt: skip
UNUSABLE: Final = "unusable"
"""Status of a file that gives no picture."""

_TIMEOUT_S: Final = 120.0
_AT_SERVER: Final = 4
"""Pictures under way to a server at once."""

Judge = Callable[[bytes], "Future[Prediction]"]


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What is to be judged, and by whom.

    Attributes
    ----------
    folder : Path
        Pictures; a data set's layout is understood.
    out : Path
        ``.csv`` or ``.parquet``.
    model : str or None
        ``NAME VERSION``; on a server the name that it has there. ``None``: the station's own, the server's default.
    server : str or None
        ``grpc://HOST:PORT`` or ``grpcs://HOST:PORT``; ``None``: in this process.
    token_file, authority, certificate, key : Path or None
        What the server wants to see.
    restart : bool
        Begin anew, whatever was done before.
    """

    folder: Path
    out: Path
    model: str | None = None
    server: str | None = None
    token_file: Path | None = None
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    restart: bool = False


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """A finished batch: pictures in the table, those taken over from before, and how many have each status."""

    out: Path
    pictures: int
    kept: int
    statuses: dict[str, int]

    def lines(self) -> tuple[str, ...]:
        """Return it as lines for people."""
        counts = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        before = f", {self.kept} of them from before" if self.kept else ""
        return (f"{self.out}: {self.pictures} pictures{before} ({counts}).",)

    def record(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "event": "Finished",
            "out": str(self.out),
            "pictures": self.pictures,
            "kept": self.kept,
            "statuses": self.statuses,
        }


def run_batch(
    chosen: Path | None,
    request: BatchRequest,
    on_row: Callable[[Row], None],
    on_progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> BatchOutcome:
    """Judge the pictures of a folder and write the table.

    What is done is kept beside the table until that is whole, so that the same command goes on after any end. A file
    that is no picture is a row with the status ``unusable``.

    Parameters
    ----------
    chosen : Path or None
        Data folder.
    request : BatchRequest
        What to do.
    on_row : callable
        Gets each row as it becomes known, in the order of the pictures.
    on_progress : callable
        Told pictures done and all.
    cancelled : callable
        True ends it after what is in work.

    Raises
    ------
    Stopped
        If it was cancelled; what is done is kept.
    KnownFault
        If folder, model, server or output cannot be used.
    """
    kind = request.out.suffix[1:]
    if kind not in TABLE_FORMATS:
        raise SettingsError(f"{request.out}: a table ends in .csv or .parquet.")
    check_table(kind)
    if not request.out.absolute().parent.is_dir():
        raise KnownFault(f"There is no folder {request.out.absolute().parent} for the table.")
    journal_path = request.out.with_name(f"{request.out.name}.journal")
    if request.restart:
        journal_path.unlink(missing_ok=True)
    elif request.out.exists():
        raise KnownFault(f"{request.out} is there already; name another file, or say --restart.")
    files = PictureFolder(request.folder).files()
    images = {str(file.path.relative_to(request.folder)): file for file in files}
    marks = {image: _mark(file) for image, file in images.items()}
    settled = open_settings(chosen)
    with _judge(settled, request) as (judge, ahead, asked):
        work = {"folder": str(request.folder.resolve()), **asked}
        with open_journal(journal_path, work, marks) as journal:
            kept = len(journal.rows)
            on_progress(kept, len(images))
            left = [image for image in images if image not in journal.rows]
            for image, row in _rows(left, images, judge, ahead, settled.settings.camera.mm_per_px, cancelled):
                journal.add(image, marks[image], row)
                on_row(row)
                on_progress(len(journal.rows), len(images))
            if len(journal.rows) < len(images):
                raise Stopped(
                    f"The batch was stopped: {len(journal.rows)} of {len(images)} pictures are done and kept in"
                    f" {journal_path}; the same command goes on."
                )
            rows = [journal.rows[image] for image in images]
            _write(request.out, kind, rows)
    journal_path.unlink(missing_ok=True)
    statuses = [row["status"] for row in rows]
    return BatchOutcome(request.out, len(rows), kept, {status: statuses.count(status) for status in set(statuses)})


def _rows(
    left: Sequence[str],
    images: dict[str, PictureFile],
    judge: Judge,
    ahead: int,
    mm_per_px: float | None,
    cancelled: Callable[[], bool],
) -> Iterator[tuple[str, Row]]:
    """Yield a row for each picture, in order, with a few in work at once; when cancelled those still come."""
    waiting: deque[tuple[str, Future[Prediction] | KnownFault]] = deque()
    coming = iter(left)
    while True:
        while len(waiting) < ahead and not cancelled():
            image = next(coming, None)
            if image is None:
                break
            waiting.append((image, _asked(images[image], judge)))
        if not waiting:
            return
        image, asked = waiting.popleft()
        yield image, _row(image, asked, mm_per_px)


def _asked(file: PictureFile, judge: Judge) -> Future[Prediction] | KnownFault:
    try:
        return judge(file.path.read_bytes())
    except OSError as error:
        return KnownFault(f"The file cannot be read: {error.strerror or error}.")


def _row(image: str, asked: Future[Prediction] | KnownFault, mm_per_px: float | None) -> Row:
    """Return a picture's row; what is wrong with the picture itself is a row, anything else ends the batch."""
    from model.protocol.asker import PictureNotTaken
    from model.serving.faults import Refusal, ServingFault

    empty: Row = dict.fromkeys(BATCH_COLUMNS)
    if isinstance(asked, KnownFault):
        return empty | {"image": image, "status": UNUSABLE, "detail": str(asked)}
    try:
        prediction = asked.result()
    except PictureNotTaken as fault:
        return empty | {"image": image, "status": UNUSABLE, "detail": str(fault)}
    except ServingFault as fault:
        if fault.refusal not in {Refusal.INVALID, Refusal.TOO_LARGE}:
            raise
        return empty | {"image": image, "status": UNUSABLE, "detail": str(fault)}
    if mm_per_px is not None:
        prediction = replace(prediction, regions=tuple(region.on_part(mm_per_px) for region in prediction.regions))
    return _flat(image, prediction)


def _flat(image: str, prediction: Prediction) -> Row:
    record = prediction_record(prediction)
    worst = max(prediction.regions, key=lambda region: region.score, default=None)
    model = record["model"] or {}
    return {
        "image": image,
        "status": record["status"],
        "probability": record["probability"],
        "regions": len(prediction.regions),
        "worst_class": worst and worst.class_name,
        "worst_score": worst and worst.score,
        "marks": json.dumps(record["regions"], ensure_ascii=False),
        "model": model.get("name"),
        "version": model.get("version"),
        "model_sha256": model.get("sha256"),
        "preprocessing_sha256": model.get("preprocessing_sha256"),
        "elapsed_ms": record["elapsed_ms"],
        "detail": record["detail"],
    }


@contextmanager
def _judge(folder: SettledFolder, request: BatchRequest) -> Iterator[tuple[Judge, int, dict[str, Any]]]:
    """Yield what judges a picture file's content, how many may be in work, and what the batch's answers depend on."""
    lacking = serving_lacks()
    if lacking is not None:
        raise SettingsError(lacking)
    if request.server is not None:
        with _server(request) as (judge, identity):
            yield judge, _AT_SERVER, _depends(identity, folder)
        return
    section = folder.settings.server
    ahead = 2 * workers(folder, section)
    repository = make_repository(folder, workers(folder, section))
    try:
        repository.point({DEFAULT_MODEL: request.model or folder.settings.model.name})
        service = prediction_service(folder, repository, section.model_copy(update={"waiting": 10 * ahead}))
        try:
            yield lambda content: service.predict("", "", content), ahead, _depends(repository.find(""), folder)
        finally:
            service.stop()
    finally:
        repository.close()


def _depends(identity: ModelIdentity, folder: SettledFolder) -> dict[str, Any]:
    return {"model": identity_record(identity), "mm_per_px": folder.settings.camera.mm_per_px}


@contextmanager
def _server(request: BatchRequest) -> Iterator[tuple[Judge, ModelIdentity]]:
    """Yield what a server judges with, and its model; an answer of any other model ends the batch."""
    import numpy as np

    from model.protocol.asker import Asker
    from model.protocol.pictures import file_tensor, pixels_tensor
    from model.protocol.place import Shown, server_url
    from model.protocol.wire import InferRequest

    url = server_url(request.server or "")
    asker = Asker(url, Shown(request.token_file, request.authority, request.certificate, request.key))
    name, _, version = (request.model or DEFAULT_MODEL).partition(" ")

    def ask(tensor: Any) -> Prediction:
        return asker.ask(InferRequest(name, version, (tensor,)), _TIMEOUT_S)

    def checked(content: bytes) -> Prediction:
        prediction = ask(file_tensor(content))
        if prediction.model != identity:
            raise KnownFault(
                f"The server {url.target} has changed its model under way; the same command goes on with it."
            )
        return prediction

    pool = ThreadPoolExecutor(_AT_SERVER, thread_name_prefix="ask")
    try:
        probe = ask(pixels_tensor(np.zeros((64, 64), np.uint8)))
        if probe.model is None:
            raise KnownFault(f"The server {url.target} does not say which model it runs.")
        identity = probe.model
        yield lambda content: pool.submit(checked, content), identity
    finally:
        pool.shutdown(cancel_futures=True)
        asker.close()


def _mark(file: PictureFile) -> list[int]:
    """Return size and time of a file; zeros for one that is gone."""
    try:
        found = file.path.stat()
    except OSError:
        return [0, 0]
    return [found.st_size, found.st_mtime_ns]


def _write(out: Path, kind: str, rows: Sequence[Row]) -> None:
    draft = out.with_name(f"{out.name}.part")
    try:
        with open_table(draft, kind, BATCH_COLUMNS) as table:
            table.write(rows)
        draft.replace(out)
    except OSError as error:
        raise KnownFault(f"{out} cannot be written: {error.strerror or error}.") from error
    finally:
        draft.unlink(missing_ok=True)
