"""Brings in files of historical decisions: CSV, mapped columns, everything or nothing."""

from __future__ import annotations

import csv
import getpass
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.settled import utc_now
from inspector_app.domain.errors import ImportRefused, Stopped
from inspector_app.domain.frame import Judgement
from inspector_app.domain.imports import ImportedDecision, ImportedFile
from inspector_app.domain.verdict import Answer

FIELDS: Final = ("part", "human", "model", "truth", "inspector", "version", "at")
REQUIRED: Final = ("part", "human", "model")
ACCEPTS: Final = frozenset({"accept", "accepted", "good", "ok", "pass", "io"})
REJECTS: Final = frozenset({"reject", "rejected", "bad", "nok", "ng", "fail", "defect", "nio"})
UNSURE: Final = frozenset({"unsure"})
_EVERY: Final = 10_000

OnProgress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Words:
    """What a file says for accept and for reject, in small letters."""

    accept: frozenset[str] = ACCEPTS
    reject: frozenset[str] = REJECTS

    def judgement(self, text: str) -> Judgement | None:
        """Return what a word means, ``None`` if nothing."""
        word = text.strip().lower()
        if word in self.accept:
            return Judgement.ACCEPT
        return Judgement.REJECT if word in self.reject else None


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A file to be brought in.

    Attributes
    ----------
    path : Path
        CSV with a heading, UTF-8.
    columns : mapping of str to str
        Field to heading where they differ.
    words : Words
        What the file says for accept and reject.
    """

    path: Path
    columns: Mapping[str, str]
    words: Words = Words()


def import_decisions(
    folder: DataFolder, request: ImportRequest, on_progress: OnProgress, cancelled: Callable[[], bool]
) -> ImportedFile:
    """Read a file twice: once to check every line, once to commit all of them in one transaction.

    Raises
    ------
    ImportRefused
        With one sentence: which file, which line, what is allowed. Nothing was written.
    Stopped
        If it was stopped; nothing was written.
    """
    unknown = [field for field in request.columns if field not in FIELDS]
    if unknown:
        raise ImportRefused(f"{unknown[0]!r} is nothing that can be mapped; allowed are {', '.join(FIELDS)}.")
    digest = _digest(request.path)
    columns = _check(request, on_progress, cancelled)
    file = ImportedFile(request.path.name, digest, 0, "", tuple(columns.items()), getpass.getuser(), utc_now())
    return folder.log.imports.add(file, _stoppable(_decisions(request, columns), cancelled))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}.") from error


def _check(request: ImportRequest, on_progress: OnProgress, cancelled: Callable[[], bool]) -> dict[str, str]:
    """Check every line; returns heading by field."""
    seen: dict[int, int] = {}
    count = 0
    columns = _columns(request)
    for decision in _stoppable(_decisions(request, columns), cancelled):
        key = hash((decision.part, decision.inspector, decision.at, decision.model_version))
        first = seen.setdefault(key, decision.line)
        if first != decision.line:
            raise ImportRefused(
                f"{request.path}: line {decision.line} repeats line {first} (part {decision.part!r} with the same "
                "inspector, time and model version)."
            )
        count += 1
        if count % _EVERY == 0:
            on_progress(count)
    if not count:
        raise ImportRefused(f"{request.path} holds no decision.")
    return columns


def _stoppable(decisions: Iterator[ImportedDecision], cancelled: Callable[[], bool]) -> Iterator[ImportedDecision]:
    for number, decision in enumerate(decisions):
        if number % _EVERY == 0 and cancelled():
            raise Stopped("The import was stopped; nothing was brought in.")
        yield decision


def _columns(request: ImportRequest) -> dict[str, str]:
    """Return heading by field for the fields that the file has."""
    with _opened(request.path) as lines:
        headings = next(lines, [])
    wanted = {field: request.columns.get(field, field) for field in FIELDS}
    found = {field: heading for field, heading in wanted.items() if heading in headings}
    missing = [field for field in (*REQUIRED, *request.columns) if field not in found]
    if missing:
        there = ", ".join(repr(heading) for heading in headings) or "nothing"
        raise ImportRefused(
            f"{request.path} has no column {wanted[missing[0]]!r} for {missing[0]}; its heading has {there} "
            f"(--map {missing[0]}=HEADING)."
        )
    twice = [heading for heading in found.values() if headings.count(heading) > 1]
    if twice:
        raise ImportRefused(f"{request.path} has the column {twice[0]!r} more than once.")
    return found


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[list[str]]]:
    """Open a CSV file and give its lines, a byte-order mark left out."""
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}.") from error
    with file:
        reader = csv.reader(file, strict=True)
        try:
            yield reader
        except (csv.Error, UnicodeDecodeError) as error:
            raise ImportRefused(f"{path} is no CSV in UTF-8 after line {reader.line_num}: {error}.") from error


def _decisions(request: ImportRequest, columns: Mapping[str, str]) -> Iterator[ImportedDecision]:
    with _opened(request.path) as lines:
        headings = next(lines)
        places = {field: headings.index(heading) for field, heading in columns.items()}
        for number, line in enumerate(lines, start=2):
            if not line:
                continue
            if len(line) != len(headings):
                raise ImportRefused(
                    f"{request.path}: line {number} has {len(line)} cells, the heading has {len(headings)}."
                )
            yield _decision(request, number, {field: line[at].strip() for field, at in places.items()})


def _decision(request: ImportRequest, number: int, cells: Mapping[str, str]) -> ImportedDecision:
    where = f"{request.path}: line {number}"
    if not cells["part"]:
        raise ImportRefused(f"{where} names no part.")
    return ImportedDecision(
        line=number,
        part=cells["part"],
        human=_answer(request.words, where, cells["human"]),
        model=_judgement(request.words, where, "model", cells["model"]),
        reference=_judgement(request.words, where, "truth", cells.get("truth", "")),
        inspector=cells.get("inspector") or None,
        model_version=cells.get("version") or None,
        at=_time(where, cells.get("at", "")),
    )


def _answer(words: Words, where: str, text: str) -> Answer:
    if text.lower() in UNSURE:
        return Answer.UNSURE
    judgement = words.judgement(text)
    if judgement is None:
        raise ImportRefused(f"{where}: human is {text!r}; allowed are {_allowed(words)}, unsure.")
    return Answer(judgement.value)


def _judgement(words: Words, where: str, field: str, text: str) -> Judgement | None:
    judgement = words.judgement(text)
    if judgement is None and text:
        raise ImportRefused(f"{where}: {field} is {text!r}; allowed are {_allowed(words)}, or nothing.")
    return judgement


def _allowed(words: Words) -> str:
    return ", ".join([*sorted(words.accept), *sorted(words.reject)])


def _time(where: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ImportRefused(f"{where}: at is {text!r}, which is no time in ISO 8601.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def words_of(accept: Sequence[str], reject: Sequence[str]) -> Words:
    """Return the words of a file, given in place of the usual ones; `ImportRefused` if one means both."""
    words = Words(
        frozenset(word.strip().lower() for word in accept) or ACCEPTS,
        frozenset(word.strip().lower() for word in reject) or REJECTS,
    )
    both = sorted(words.accept & words.reject)
    if both:
        raise ImportRefused(f"{both[0]!r} cannot mean both accept and reject.")
    return words
