"""What a summit led to, as staff write it down; its public page shows it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.errors import NotFound
from cop.forms.outcomes import RemoveOutcome, SaveOutcome
from cop.models.events import Event, EventKind
from cop.models.summits import OutcomeKind
from cop.queries import events, staff_events
from cop.queries import outcomes as queries
from cop.queries.outcomes import Shown
from cop.services import outcomes as services
from cop.web import Area, attempt, form_page, read

area = Area("outcomes", __name__, url_prefix="/admin/summits/<slug>/outcomes")

ONE = "/<int(max=9223372036854775807):outcome_id>"


@area.get("", access=EVENT_EDITORS_ONLY)
def index(slug: str) -> ResponseReturnValue:
    event = _event(slug)
    return render_template("outcomes/index.html", event=event, outcomes=queries.outcomes_of(read(), event))


def _event(slug: str) -> Event:
    event = staff_events.staff_event(read(), slug=slug, to_edit=True).event
    if event.kind is not EventKind.SUMMIT:
        raise NotFound
    return event


@area.form("/new", access=EVENT_EDITORS_ONLY)
def add(slug: str) -> ResponseReturnValue:
    event = _event(slug)
    form = SaveOutcome(data={"seen": events.revision(event)})
    _offer(form, queries.can_follow(queries.outcomes_of(read(), event), None))
    if form.validate_on_submit():
        if attempt(form, partial(services.add_outcome, event_id=event.id, seen=form.seen.data, said=_said(form))):
            flash(_("It stands on the page of the summit now."))
            return redirect(url_for(".index", slug=slug))
        event = _again(slug, form)
    return form_page("outcomes/form.html", form, event=event, heading=_("Add what it led to"))


def _offer(form: SaveOutcome, others: Sequence[Shown]) -> None:
    form.offer([(other.outcome.id, f"{_called(other)}: {other.outcome.title}") for other in others])


def _said(form: SaveOutcome) -> services.Said:
    return services.Said(**{name: value for name, value in form.answers().items() if name != "seen"})


def _called(shown: Shown) -> str:
    words = _("Report %(number)s") if shown.kind is OutcomeKind.REPORT else _("Decision %(number)s")
    return str(words) % {"number": shown.number}


def _again(slug: str, form: Any) -> Event:
    """How it stands after a refusal; whoever sends it again has seen that."""
    event = _event(slug)
    form.seen.raw_data, form.seen.data = None, events.revision(event)
    return event


@area.form(ONE, access=EVENT_EDITORS_ONLY)
def edit(slug: str, outcome_id: int) -> ResponseReturnValue:
    event = _event(slug)
    found = queries.outcomes_of(read(), event)
    one = queries.one_of(found, outcome_id)
    form = SaveOutcome(obj=one.outcome, data={"organisation": one.organisation, "seen": events.revision(event)})
    _offer(form, queries.can_follow(found, one))
    if form.validate_on_submit():
        command = partial(services.edit_outcome, event_id=event.id, outcome_id=outcome_id)
        if attempt(form, partial(command, seen=form.seen.data, said=_said(form))):
            flash(_("It is saved."))
            return redirect(url_for(".index", slug=slug))
        event = _again(slug, form)
    return form_page("outcomes/form.html", form, event=event, heading=_("Change what it led to"))


@area.form(f"{ONE}/remove", access=EVENT_EDITORS_ONLY)
def remove(slug: str, outcome_id: int) -> ResponseReturnValue:
    event = _event(slug)
    one = queries.one_of(queries.outcomes_of(read(), event), outcome_id)
    form = RemoveOutcome(data={"seen": events.revision(event)})
    if form.validate_on_submit():
        command = partial(services.remove_outcome, event_id=event.id, outcome_id=outcome_id, **form.answers())
        if attempt(form, command):
            flash(_("It is removed."))
            return redirect(url_for(".index", slug=slug))
        event = _again(slug, form)
        one = queries.one_of(queries.outcomes_of(read(), event), outcome_id)
    return form_page("outcomes/remove.html", form, event=event, one=one)
