"""Taking a whole space along, when a programme ends or somebody has to look back."""

from functools import partial

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from cop.blueprints.forum.shared import SPACE, area
from cop.core.access import EVENT_EDITORS_ONLY
from cop.forms.base import Confirm
from cop.queries.forum import copying as queries
from cop.services.forum.copying import ask_for_copy
from cop.web import attempt, form_page, read


@area.form(f"{SPACE}/copy", access=EVENT_EDITORS_ONLY, fresh=True)
def copy_space(space: str) -> ResponseReturnValue:
    found, form = queries.space(read(), slug=space), Confirm()
    if form.validate_on_submit():
        done = attempt(form, partial(ask_for_copy, slug=found.slug))
        if done:
            return redirect(url_for("tasks.task", public_id=done.result.public_id))
    return form_page("forum/copy_space.html", form, space=found)
