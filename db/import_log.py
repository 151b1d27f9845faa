"""Decisions from outside: files and their rows, append-only, never among the station's own records.

A file's row is a record with its own link in the audit chain. It holds a digest of all of the file's decisions, so
that a decision that was changed, removed or added later is found without a link for each.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from sqlalchemy import ColumnElement, func, insert, select

from db.audit_chain import AuditChain
from db.engine import Database
from db.mapping import Read, Row, canonical_json, from_us, printable, to_us
from db.schema import RecordKind, imported_decisions, imported_files
from inspector_app.domain.errors import ImportRefused
from inspector_app.domain.frame import Judgement
from inspector_app.domain.imports import ImportedDecision, ImportedFile
from inspector_app.domain.logquery import ImportedCount, LogFilter
from inspector_app.domain.verdict import Answer

_AT_ONCE = 2_000
_DIGESTED = ("line", "part", "answer", "model_judgement", "reference", "inspector", "model_version", "at_us")
_GROUP = ("model_version", "inspector", "answer", "model_judgement", "reference")


class SqlImportLog:
    """Imported decisions, append-only and apart from the station's own records.

    Parameters
    ----------
    chain : AuditChain
        Gives the transactions; every file becomes a link of it.
    """

    def __init__(self, chain: AuditChain) -> None:
        self._chain = chain

    def files(self) -> tuple[ImportedFile, ...]:
        """Return the files brought in, oldest first."""
        query = select(imported_files).order_by(imported_files.c.number)
        with self._chain.database.reading() as connection:
            return tuple(_file(row) for row in connection.execute(query).mappings())

    def add(self, file: ImportedFile, decisions: Iterable[ImportedDecision]) -> ImportedFile:
        """Commit a file with all of its decisions in one transaction, and return it with rows counted and digested.

        Raises
        ------
        ImportRefused
            If a file of this content is in the log.
        LogUnavailable
            If the log cannot take it; nothing was written.
        """
        with self._chain.appending() as append:
            connection = append.connection
            known = select(imported_files.c.name, imported_files.c.at_us).where(imported_files.c.sha256 == file.sha256)
            found = connection.execute(known).first()
            if found is not None:
                when = from_us(found[1])
                raise ImportRefused(f"{file.name} was brought in already, as {found[0]} on {when:%Y-%m-%d %H:%M} UTC.")
            row = append.place | _file_row(replace(file, rows=0, rows_sha256=""))
            key = connection.execute(insert(imported_files).returning(imported_files.c.number), row).scalar_one()
            digest, count = hashlib.sha256(), 0
            rows = (_decision_row(file.sha256, decision) for decision in decisions)
            while batch := list(islice(rows, _AT_ONCE)):
                connection.execute(insert(imported_decisions), batch)
                for each in batch:
                    digest.update(_digestible(each))
                count += len(batch)
            whole = replace(file, rows=count, rows_sha256=digest.hexdigest())
            counted = {"rows": whole.rows, "rows_sha256": whole.rows_sha256}
            connection.execute(imported_files.update().where(imported_files.c.number == key).values(counted))
            append.seal(RecordKind.IMPORT, file.sha256, row | counted)
        return whole

    def counts(self, which: LogFilter) -> tuple[ImportedCount, ...]:
        """Count decisions by combination; those without a time belong to every period.

        Of the filter, period, inspector, model, answer, judgement and truth apply; any other condition that is set is
        one that decisions from outside cannot meet, so that none are counted.
        """
        if (
            which.station
            or which.level
            or which.disposition
            or which.route
            or which.kinds
            or which.part
            or which.product
        ):
            return ()
        labels = {file.sha256: file.label for file in self.files()}
        columns = [imported_decisions.c[name] for name in ("file", *_GROUP)]
        query = select(*columns, func.count()).where(*_clauses(which)).group_by(*columns)
        with self._chain.database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(_count(labels[row[0]], tuple(row)[1:]) for row in sorted(rows, key=str))


def changed_files(database: Database) -> Iterator[tuple[str, int, str]]:
    """Yield station, link and name of the files whose decisions are no longer those that were brought in."""
    query = select(imported_files).order_by(imported_files.c.number)
    with database.reading() as connection:
        for file in connection.execute(query).mappings().all():
            digest, count = hashlib.sha256(), 0
            decisions = select(imported_decisions).where(imported_decisions.c.file == file["sha256"])
            for row in connection.execute(decisions.order_by(imported_decisions.c.number)).mappings():
                digest.update(_digestible(row))
                count += 1
            if (count, digest.hexdigest()) != (file["rows"], file["rows_sha256"]):
                yield file["station_id"], file["seq"], file["name"]


def _clauses(which: LogFilter) -> list[ColumnElement[bool]]:
    table = imported_decisions.c
    clauses: list[ColumnElement[bool]] = []
    if which.since is not None:
        clauses.append((table.at_us >= to_us(which.since)) | table.at_us.is_(None))
    if which.until is not None:
        clauses.append((table.at_us < to_us(which.until)) | table.at_us.is_(None))
    chosen = (
        (table.inspector, which.inspector),
        (table.model_version, which.model_version),
        (table.answer, which.answer),
        (table.model_judgement, which.judgement),
        (table.reference, which.reference),
    )
    clauses += [column == str(value) for column, value in chosen if value is not None]
    return clauses


def _digestible(row: Read) -> bytes:
    return canonical_json([row[name] for name in _DIGESTED]).encode() + b"\n"


def _count(source: str, values: tuple[object, ...]) -> ImportedCount:
    version, inspector, answer, judgement, reference, n = values
    return ImportedCount(
        source=source,
        model_version=None if version is None else str(version),
        inspector=None if inspector is None else str(inspector),
        answer=Answer(str(answer)),
        model_judgement=None if judgement is None else Judgement(str(judgement)),
        reference=None if reference is None else Judgement(str(reference)),
        n=int(str(n)),
    )


def _file_row(file: ImportedFile) -> Row:
    return {
        "name": printable(file.name),
        "sha256": file.sha256,
        "rows": int(file.rows),
        "rows_sha256": file.rows_sha256,
        "mapping": canonical_json([[field, printable(heading)] for field, heading in file.mapping]),
        "by": printable(file.by),
        "at_us": to_us(file.at),
    }


def _file(row: Read) -> ImportedFile:
    return ImportedFile(
        name=row["name"],
        sha256=row["sha256"],
        rows=row["rows"],
        rows_sha256=row["rows_sha256"],
        mapping=tuple((field, heading) for field, heading in json.loads(row["mapping"])),
        by=row["by"],
        at=from_us(row["at_us"]),
    )


def _decision_row(file: str, decision: ImportedDecision) -> Row:
    return {
        "file": file,
        "line": int(decision.line),
        "part": printable(decision.part),
        "answer": decision.human.value,
        "model_judgement": None if decision.model is None else decision.model.value,
        "reference": None if decision.reference is None else decision.reference.value,
        "inspector": None if decision.inspector is None else printable(decision.inspector),
        "model_version": None if decision.model_version is None else printable(decision.model_version),
        "at_us": None if decision.at is None else to_us(decision.at),
    }
