"""Long work that somebody asked for: how far it is, what came of it, and a way to stop it."""

from functools import partial

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import SIGNED_IN
from cop.core.errors import NotFound, Refusal
from cop.forms.base import Confirm
from cop.models.tasks import Task, TaskState
from cop.queries import tasks as queries
from cop.queries.retention import kept
from cop.services import tasks as services
from cop.web import Area, observe, page_number, paged, read, run, send_stored

PAGE = 20

REFRESH_SECONDS = "5"

area = Area("tasks", __name__, url_prefix="/tasks")


@area.get("/", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    found = queries.own(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("tasks/index.html", pager=paged(found, PAGE))


@area.get("/<public_id>", access=SIGNED_IN)
def task(public_id: str) -> ResponseReturnValue:
    found = queries.one(read(), public_id=public_id)
    return render_template(
        "tasks/task.html",
        task=found,
        can_be_carried_out=queries.can_be_carried_out(found),
        is_open=found.state in queries.OPEN,
        refreshes=REFRESH_SECONDS if "still" not in request.args else None,
        how_far=_how_far(found),
        kept_until=found.ended_at + kept(read(), "task-files") if found.ended_at and found.sha256 else None,
    )


@area.get("/<public_id>/progress", access=SIGNED_IN)
def progress(public_id: str) -> ResponseReturnValue:
    """What the page's script asks every few seconds; 304 while nothing moves."""
    found = queries.one(read(), public_id=public_id)
    answer: Response = jsonify(
        ended=found.state not in queries.OPEN, done=found.done, total=found.total, text=_how_far(found)
    )
    answer.add_etag()
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    return answer


def _how_far(found: Task) -> str:
    """The progress in words, in steps of ten percent: a screen reader says each change aloud."""
    if found.state is TaskState.QUEUED:
        return str(_("Waiting for its turn"))
    if not found.total:
        return str(_("Working on it"))
    percent = 100 * found.done // found.total
    return str(_("%(percent)s%% done", percent=percent - percent % 10))


@area.post("/<public_id>/stop", access=SIGNED_IN)
def stop(public_id: str) -> ResponseReturnValue:
    queries.one(read(), public_id=public_id)
    if Confirm().validate_on_submit():
        try:
            run(partial(services.stop, public_id=public_id))
            flash(_("It is stopped."))
        except Refusal:
            flash(_("It had ended already."))
    return redirect(url_for(".task", public_id=public_id))


@area.get("/<public_id>/file", access=SIGNED_IN)
def file(public_id: str) -> ResponseReturnValue:
    found = queries.one(read(), public_id=public_id)
    made = queries.made_by(read(), found)
    if request.method == "GET":
        observe(queries.DOWNLOADED, "task", found.id)
    return send_stored(read(), made, (found.result or {})["name"])


@area.post("/<public_id>/carry-out", access=SIGNED_IN)
def carry_out(public_id: str) -> ResponseReturnValue:
    """Do what a task has said that a file would do."""
    found = queries.one(read(), public_id=public_id)
    if not queries.can_be_carried_out(found):
        raise NotFound
    if not Confirm().validate_on_submit():
        return redirect(url_for(".task", public_id=public_id))
    wanted = {**found.params, "dry_run": False}
    title = wanted.pop("title")
    asked = run(partial(services.ask, kind=queries.IMPORT, title=title, params=wanted, sha256=found.sha256))
    return redirect(url_for(".task", public_id=asked.public_id))
