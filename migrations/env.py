"""Alembic runs inside the application, with its engine and its tables."""

from contextlib import nullcontext
from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

import cop.models  # noqa: F401  all tables
from cop.models.base import Base, Encrypted, UtcDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Migrations name plain column types: they outlive the classes of today's code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Encrypted):
        return "sa.LargeBinary()"
    return False


def run() -> None:
    """Migrate over a connection of its own, or within the transaction of the one that a command hands in."""
    engine = current_app.extensions["migrate"].db.engine
    given = context.config.attributes.get("connection")
    with nullcontext(given) if given is not None else engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
