"""Staff put questions to the people of an event at a moment of their own choice."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.errors import NotFound
from cop.forms.asks import AskByHand
from cop.models.events import EventState
from cop.models.surveys import Mode
from cop.queries import staff_events
from cop.queries import surveys as queries
from cop.queries.surveys import Choosable
from cop.services import surveys as services
from cop.web import Area, attempt, form_page, read

area = Area("admin_asks", __name__, url_prefix="/admin/events")


@area.form("/<slug>/ask", access=EVENT_EDITORS_ONLY)
def ask(slug: str) -> ResponseReturnValue:
    event = staff_events.staff_event(read(), slug=slug, to_edit=True).event
    if event.state is not EventState.PUBLISHED:
        raise NotFound
    people, questionnaires = queries.people_among(read(), event_id=event.id), queries.choosable(read())
    if not any(people.values()) or not questionnaires:
        return render_template("surveys/ask_nobody.html", event=event, is_empty=not any(people.values()))
    form = AskByHand()
    form.offer([(each.code, _called(each)) for each in questionnaires], people)
    if form.validate_on_submit():
        done = attempt(form, partial(services.ask_by_hand, event_id=event.id, **form.answers()))
        if done:
            flash(ngettext("%(num)s person is asked.", "%(num)s people are asked.", done.result))
            return redirect(url_for("surveys.index"))
    return form_page("surveys/ask.html", form, event=event)


def _called(each: Choosable) -> str:
    """The title, and how the answers are kept."""
    match each.mode:
        case Mode.PANEL:
            return str(_("%(title)s (with a key in place of names)", title=each.title))
        case Mode.ANONYMOUS:
            return str(_("%(title)s (without names once it has closed)", title=each.title))
        case _named:
            return each.title
