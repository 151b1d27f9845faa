"""The whole log of a station, opened in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from db.audit_chain import AuditChain, ChainHead
from db.camera_log import SqlCameraLog
from db.certificate_log import SqlCertificateLog
from db.control_log import SqlControlLog
from db.engine import Database, in_file
from db.findings import VerifyReport
from db.import_log import SqlImportLog
from db.inspection_log import SqlInspectionLog
from db.loading import ControlStates
from db.picture_store import FilePictureStore
from db.pins import SqlPinBook
from db.queries import SqlLogReader
from db.report_queries import SqlReportReader
from db.schema import HEAD
from db.seed_queries import SqlSeedHistory
from db.study_log import SqlStudyLog
from db.third_looks import SqlThirdLooks
from db.upgrade import revision, upgrade
from db.verification import verify
from db.watched_parts import SqlGuardHistory
from inspector_app.domain.ports import Clock


@dataclass(frozen=True, slots=True)
class Log:
    """The open log: one object for each of its uses, on one database and one data folder."""

    inspections: SqlInspectionLog
    control: SqlControlLog
    certificates: SqlCertificateLog
    cameras: SqlCameraLog
    reader: SqlLogReader
    reports: SqlReportReader
    imports: SqlImportLog
    third_looks: SqlThirdLooks
    pins: SqlPinBook
    guards: SqlGuardHistory
    seeds: SqlSeedHistory
    pictures: FilePictureStore
    studies: SqlStudyLog
    database: Database
    chain: AuditChain

    def verify(
        self,
        anchors: Sequence[ChainHead] = (),
        on_progress: Callable[[int, int], None] = lambda _done, _total: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> VerifyReport:
        """Check everything that can be checked without replaying decisions: see `db.verification.verify`."""
        return verify(
            self.database,
            self.chain.station_id,
            self.pictures.check,
            anchors=anchors,
            on_progress=on_progress,
            cancelled=cancelled,
        )

    def head(self) -> ChainHead:
        """Return the newest link of this station's audit chain, to be printed in reports."""
        return self.chain.head()

    def close(self) -> None:
        """Close all connections; idempotent."""
        self.database.close()


class LogStanding(StrEnum):
    """What there is where a log should be: nothing, one that has to be brought up to date, or one ready for use."""

    ABSENT = "absent"
    OTHER_SCHEMA = "other_schema"
    READY = "ready"


def log_standing(url: str, data_folder: Path) -> tuple[LogStanding, str]:
    """Look at a log without making or changing anything; return how it stands, and where, in an operator's words.

    Parameters and errors are those of `open_log`.
    """
    database = _database(url, data_folder)
    try:
        if database.file is not None and not database.file.exists():
            return LogStanding.ABSENT, database.where
        with database.reading() as connection:
            found = revision(connection)
    finally:
        database.close()
    if found is None:
        return LogStanding.ABSENT, database.where
    return LogStanding.READY if found == HEAD else LogStanding.OTHER_SCHEMA, database.where


def _database(url: str, data_folder: Path) -> Database:
    return Database(url or in_file(data_folder / "station.db"))


def open_log(url: str, data_folder: Path, station_id: str, clock: Clock) -> Log:
    """Open a log, made or brought up to this program's schema first.

    Parameters
    ----------
    url : str
        SQLAlchemy URL; empty means ``station.db`` in the data folder.
    data_folder : Path
        Existing folder; pictures go to its ``images``.
    station_id : str
        Whose records are written; the read side sees all stations.
    clock : Clock
        Times the links of the audit chain.

    Raises
    ------
    LogUnavailable
        With the kind of trouble, ``NEWER_SCHEMA`` included.
    SettingsError
        If the URL is none.
    """
    database = _database(url, data_folder)
    try:
        upgrade(database)
        chain = AuditChain(database, station_id, clock)
        chain.begin()
    except BaseException:
        database.close()
        raise
    states = ControlStates()
    return Log(
        inspections=SqlInspectionLog(chain, states),
        control=SqlControlLog(chain, states),
        certificates=SqlCertificateLog(chain),
        cameras=SqlCameraLog(chain),
        reader=SqlLogReader(database, states),
        reports=SqlReportReader(database, states),
        imports=SqlImportLog(chain),
        third_looks=SqlThirdLooks(database, states),
        pins=SqlPinBook(chain),
        guards=SqlGuardHistory(database, station_id),
        seeds=SqlSeedHistory(database, station_id),
        pictures=FilePictureStore(data_folder),
        studies=SqlStudyLog(chain),
        database=database,
        chain=chain,
    )
