"""How a process comes by its settings: from the environment, or with the embedded database started for it."""

from collections.abc import Mapping

from cop.core.settings import Settings, data_dir, settings_from


def settings_of_this_process(environ: Mapping[str, str]) -> Settings:
    """Settings from ``environ``; without DATABASE_URL the data folder's own PostgreSQL is started or joined."""
    if environ.get("DATABASE_URL"):
        return settings_from(environ)
    from cop import embedded  # noqa: PLC0415  with a PostgreSQL server, for which others have no use

    return settings_from(environ, database_url=embedded.start(data_dir(environ)))
