"""For load balancers: does the process live, and can it do its work."""

from pathlib import Path

from alembic.script import ScriptDirectory
from flask import current_app, jsonify
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.queries import service
from cop.web import Area, read

area = Area("health", __name__, url_prefix="/health")


@area.get("/live", access=PUBLIC)
def live() -> ResponseReturnValue:
    return jsonify(status="live")


@area.get("/ready", access=PUBLIC)
def ready() -> ResponseReturnValue:
    """200 when the database answers and its tables are of this version, else 503."""
    found = service.migration(read())
    wanted = ScriptDirectory(Path(current_app.root_path).parent / "migrations").get_current_head()
    is_ready = found == wanted
    return jsonify(status="ready" if is_ready else "migrations are missing"), 200 if is_ready else 503
