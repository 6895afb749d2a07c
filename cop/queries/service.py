"""What the service knows about itself."""

from sqlalchemy import text

from cop.core.work import Reading


def migration(read: Reading) -> str | None:
    """The migration that the database is at; None in an empty one."""
    if read.session.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    found: str | None = read.session.scalar(text("SELECT version_num FROM alembic_version"))
    return found
