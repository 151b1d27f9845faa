"""The log as flat tables for other programs: one of parts, one of verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.tables import TABLE_FORMATS, Row, TableWriter, open_table
from inspector_app.domain.errors import LogProblem, LogUnavailable, Stopped
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.records import entry_record, utc_text

EXPORT_FORMATS: Final = TABLE_FORMATS

OnProgress = Callable[[int, int], None]

PART_COLUMNS: Final[Mapping[str, str]] = {
    "inspection_id": "text", "part_id": "text", "captured_at": "text", "source": "text", "level": "text",
    "control_version": "whole", "picture": "text", "picture_sha256": "text", "picture_state": "text",
    "prediction": "text", "probability": "real", "regions": "whole", "model": "text", "model_sha256": "text",
    "preprocessing_sha256": "text", "elapsed_ms": "real", "model_judgement": "text", "route": "text",
    "reasons": "text", "presentation": "text", "canary": "flag", "audit": "flag", "audit_probability": "real",
    "audit_u": "real", "first_look": "flag", "disposition": "text", "line_told": "flag", "reference": "text",
    "reference_source": "text", "product": "text", "seed": "text",
}  # fmt: skip
VERDICT_COLUMNS: Final[Mapping[str, str]] = {
    "verdict_id": "text", "inspection_id": "text", "part_id": "text", "by": "text", "answer": "text", "kind": "text",
    "classes": "text", "at": "text", "seconds": "real", "retracted": "flag", "level": "text", "model": "text",
    "model_judgement": "text", "reference": "text", "seed": "text",
}  # fmt: skip
_BATCH: Final = 5_000


def export_log(
    folder: DataFolder,
    which: LogFilter,
    out: Path,
    formats: Sequence[str],
    on_progress: OnProgress,
    cancelled: Callable[[], bool],
) -> tuple[Path, ...]:
    """Write ``parts`` and ``verdicts`` in each format and return the files.

    Parts are read a page at a time, so memory does not grow with the log. Files carry the suffix ``.part`` until they
    are whole.

    Raises
    ------
    LogUnavailable
        If the log cannot be read or the folder not be written.
    Stopped
        If it was stopped; what was begun is removed.
    """
    paths = tuple(out / f"{table}.{kind}" for kind in formats for table in ("parts", "verdicts"))
    begun = tuple(path.with_name(f"{path.name}.part") for path in paths)
    whole = False
    try:
        out.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            writers = [
                stack.enter_context(open_table(at, path.suffix[1:], _COLUMNS[path.stem]))
                for path, at in zip(paths, begun, strict=True)
            ]
            _copy(folder, which, writers[::2], writers[1::2], on_progress, cancelled)
        for path, at in zip(paths, begun, strict=True):
            at.replace(path)
        whole = True
    except OSError as error:
        raise LogUnavailable(LogProblem.READ_ONLY, f"The log cannot be written to {out}: {error.strerror}.") from error
    finally:
        for at in begun if not whole else ():
            if at.exists():
                at.unlink()
    return paths


def _copy(
    folder: DataFolder,
    which: LogFilter,
    parts: Sequence[TableWriter],
    verdicts: Sequence[TableWriter],
    on_progress: OnProgress,
    cancelled: Callable[[], bool],
) -> None:
    total, done = folder.log.reader.count(which), 0
    for batch in _batches(folder.log.reader.entries(which)):
        if cancelled():
            raise Stopped("The export was stopped; nothing was written.")
        part_rows = [part_row(entry) for entry in batch]
        verdict_rows = [row for entry in batch for row in verdict_rows_of(entry)]
        for writer in parts:
            writer.write(part_rows)
        for writer in verdicts:
            writer.write(verdict_rows)
        done += len(batch)
        on_progress(done, max(done, total))


def _batches(entries: Iterator[LogEntry]) -> Iterator[list[LogEntry]]:
    batch: list[LogEntry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def part_row(entry: LogEntry) -> Row:
    """Return a part as a flat row with `PART_COLUMNS`."""
    record = entry_record(entry)
    prediction = record["prediction"] or {}
    model = prediction.get("model") or {}
    audit, first_look, reference = record["audit"] or {}, record["first_look"] or {}, record["reference"] or {}
    picture = record["picture"]
    flat: Row = {name: record[name] for name in PART_COLUMNS if name in record}
    return flat | {
        "picture": picture["path"],
        "picture_sha256": picture["sha256"],
        "picture_state": picture["state"],
        "prediction": prediction.get("status"),
        "probability": prediction.get("probability"),
        "regions": len(prediction["regions"]) if prediction else None,
        "model": f"{model['name']} {model['version']}" if model else None,
        "model_sha256": model.get("sha256"),
        "preprocessing_sha256": model.get("preprocessing_sha256"),
        "elapsed_ms": prediction.get("elapsed_ms"),
        "reasons": ";".join(record["reasons"]),
        "audit": audit.get("drawn"),
        "audit_probability": audit.get("probability"),
        "audit_u": audit.get("u"),
        "first_look": first_look.get("drawn"),
        "reference": reference.get("decision"),
        "reference_source": reference.get("source"),
        "seed": (record["seed"] or {}).get("defect"),
    }


def verdict_rows_of(entry: LogEntry) -> Iterator[Row]:
    """Yield a part's verdicts as flat rows with `VERDICT_COLUMNS`, retracted ones included."""
    part = part_row(entry)
    for verdict in entry.verdicts:
        yield {
            "verdict_id": verdict.verdict_id,
            "by": verdict.by,
            "answer": verdict.answer.value,
            "kind": verdict.kind.value,
            "classes": ";".join(verdict.classes),
            "at": utc_text(verdict.at),
            "seconds": verdict.seconds,
            "retracted": verdict.retracted,
            **{name: part[name] for name in ("inspection_id", "part_id", "level", "model")},
            **{name: part[name] for name in ("model_judgement", "reference", "seed")},
        }


_COLUMNS: Final = {"parts": PART_COLUMNS, "verdicts": VERDICT_COLUMNS}
