"""Which version of the tables this code was written for."""

from pathlib import Path

from alembic.script import ScriptDirectory
from flask import current_app


def migration_of_code() -> str | None:
    return ScriptDirectory(Path(current_app.root_path).parent / "migrations").get_current_head()
