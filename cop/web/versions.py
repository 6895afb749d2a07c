"""Which version of the tables this code was written for."""

from pathlib import Path

from flask import current_app


def migration_of_code() -> str:
    """The newest migration, by the number with which its file begins: Alembic would take 11 MB to say the same."""
    folder = Path(current_app.root_path).parent / "migrations" / "versions"
    return max(file.name.partition("_")[0] for file in folder.glob("[0-9]*.py"))
