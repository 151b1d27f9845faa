"""Supervisors' PINs and every try to sign with one: append-only, links of the audit chain."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from db import mapping
from db.audit_chain import AuditChain
from db.mapping import Read
from db.schema import RecordKind, pins, signatures
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.supervisors import KeptPin, SignatureTry

_TRIES_READ = 64
"""More wrong tries in a row lock for no longer."""


class SqlPinBook:
    """`inspector_app.domain.supervisors.PinBook` on a database; a person has one PIN for all stations of a log.

    Parameters
    ----------
    chain : AuditChain
        Gives the transactions; every record becomes a link of it.
    """

    def __init__(self, chain: AuditChain) -> None:
        self._chain = chain

    def pin(self, name: str) -> KeptPin | None:
        """Return a person's newest PIN, ``None`` without one."""
        newest = select(pins).where(pins.c.name == mapping.printable(name)).order_by(pins.c.number.desc()).limit(1)
        with self._chain.database.reading() as connection:
            row = connection.execute(newest).mappings().first()
        return None if row is None else _kept(row)

    def names(self) -> tuple[str, ...]:
        """Return everybody who has a PIN, sorted."""
        with self._chain.database.reading() as connection:
            return tuple(sorted(connection.execute(select(pins.c.name).distinct()).scalars()))

    def set_pin(self, pin: KeptPin) -> None:
        """Record a new PIN; earlier ones no longer count."""
        with self._chain.appending() as append:
            row = append.place | {
                "name": mapping.printable(pin.name),
                "salt": pin.salt,
                "hash": pin.hash,
                "cost": int(pin.cost),
                "block_size": int(pin.block_size),
                "parallelism": int(pin.parallelism),
                "set_by": mapping.printable(pin.set_by),
                "at_us": mapping.to_us(pin.at),
            }
            append.connection.execute(insert(pins), row)
            append.seal(RecordKind.PIN, row["name"], row)

    def tries(self, name: str) -> tuple[SignatureTry, ...]:
        """Return a person's newest tries, oldest first."""
        with self._chain.database.reading() as connection:
            return _tries(connection, name, _TRIES_READ)

    def record_try(self, entered: SignatureTry, after: SignatureTry | None) -> None:
        """Record a try; `ControlRefused` if the newest one is not ``after``."""
        with self._chain.appending() as append:
            newest = _tries(append.connection, entered.name, 1)
            if (newest[-1] if newest else None) != after:
                raise ControlRefused(f"Somebody else enters a PIN of {entered.name} at the same time; try again.")
            row = append.place | {
                "name": mapping.printable(entered.name),
                "good": bool(entered.good),
                "purpose": mapping.printable(entered.purpose),
                "at_us": mapping.to_us(entered.at),
            }
            append.connection.execute(insert(signatures), row)
            append.seal(RecordKind.SIGNATURE, row["name"], row)


def _tries(connection: Connection, name: str, most: int) -> tuple[SignatureTry, ...]:
    query = select(signatures).where(signatures.c.name == mapping.printable(name))
    rows = connection.execute(query.order_by(signatures.c.number.desc()).limit(most)).mappings().all()
    return tuple(
        SignatureTry(row["name"], bool(row["good"]), row["purpose"], mapping.from_us(row["at_us"]))
        for row in reversed(rows)
    )


def _kept(row: Read) -> KeptPin:
    return KeptPin(
        name=row["name"],
        salt=row["salt"],
        hash=row["hash"],
        cost=row["cost"],
        block_size=row["block_size"],
        parallelism=row["parallelism"],
        set_by=row["set_by"],
        at=mapping.from_us(row["at_us"]),
    )
