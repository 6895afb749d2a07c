"""For load balancers: does the process live, and can it do its work."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.queries import service
from cop.web import Area, migration_of_code, read

area = Area("health", __name__, url_prefix="/health")


@area.get("/live", access=PUBLIC)
def live() -> ResponseReturnValue:
    return jsonify(status="live")


@area.get("/ready", access=PUBLIC)
def ready() -> ResponseReturnValue:
    """200 when the database answers and its tables are of this version, else 503."""
    is_ready = service.migration(read()) == migration_of_code()
    return jsonify(status="ready" if is_ready else "migrations are missing"), 200 if is_ready else 503
