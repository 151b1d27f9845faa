"""How Alembic runs here: on the connection and inside the transaction that ``db.upgrade`` gives it."""

from __future__ import annotations

from alembic import context

from db.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
    transactional_ddl=False,  # the transaction is the caller's: all migrations or none
)
context.run_migrations()
