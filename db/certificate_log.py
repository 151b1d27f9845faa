"""Certificates of thresholds: append-only, each a link of the station's audit chain."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from db.audit_chain import AuditChain
from db.mapping import canonical_json, to_us
from db.schema import RecordKind, certificates


class SqlCertificateLog:
    """The certificates of one station.

    Parameters
    ----------
    chain : AuditChain
        Gives the transactions; every certificate becomes a link of it.
    """

    def __init__(self, chain: AuditChain) -> None:
        self._chain = chain

    def add(self, record: dict[str, Any], at: datetime) -> None:
        """Commit a certificate (`automation.certificate.certificate_record`); nothing happens if it is there."""
        certificate_id = str(record["certificate_id"])
        if self.get(certificate_id) is not None:
            return
        with self._chain.appending() as append:
            row = append.place | {
                "certificate_id": certificate_id,
                "at_us": to_us(at),
                "record": canonical_json(record),
            }
            append.connection.execute(insert(certificates), row)
            append.seal(RecordKind.CERTIFICATE, certificate_id, row)

    def get(self, certificate_id: str) -> dict[str, Any] | None:
        """Return a certificate, ``None`` if there is none of this id."""
        with self._chain.database.reading() as connection:
            text = connection.execute(self._which(certificate_id)).scalar()
        return None if text is None else json.loads(text)

    def all(self) -> tuple[dict[str, Any], ...]:
        """Return all certificates of this station, oldest first."""
        query = select(certificates.c.record).where(certificates.c.station_id == self._chain.station_id)
        with self._chain.database.reading() as connection:
            return tuple(
                json.loads(text) for text in connection.execute(query.order_by(certificates.c.number)).scalars()
            )

    def _which(self, certificate_id: str) -> Any:
        return select(certificates.c.record).where(
            certificates.c.station_id == self._chain.station_id, certificates.c.certificate_id == certificate_id
        )
