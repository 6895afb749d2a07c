"""Staff name those who speak at an event of any kind, put them in order, and ask them for what the page needs."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.errors import NotFound
from cop.core.work import Work
from cop.forms.speakers import AskSpeakers, EditSpeaker
from cop.forms.webinars import Revised
from cop.models.events import PartState
from cop.models.webinars import Speaker
from cop.queries import events, staff_events
from cop.queries import speakers as queries
from cop.queries.staff_events import StaffEvent
from cop.services import speakers as services
from cop.web import Area, attempt, form_page, read

area = Area("admin_speakers", __name__, url_prefix="/admin/events")


@area.get("/<slug>/speakers", access=EVENT_EDITORS_ONLY)
def index(slug: str) -> ResponseReturnValue:
    found = _found(slug)
    form = Revised(data={"seen": events.revision(found.event)})
    return render_template("admin_speakers/index.html", form=form, **_list(found))


def _list(found: StaffEvent) -> dict[str, Any]:
    listed = queries.of_event(read(), found.event.id)
    parts = {part.id: part.title for part in found.event.parts}
    standings = {speaker.id: queries.standing(speaker) for speaker in listed}
    return {"found": found, "speakers": listed, "standings": standings, "parts": parts, "to_ask": _to_ask(listed)}


def _to_ask(listed: Sequence[Speaker]) -> Sequence[Speaker]:
    return [speaker for speaker in listed if queries.standing(speaker) in queries.TO_ASK]


@area.form("/<slug>/speakers/new", access=EVENT_EDITORS_ONLY)
def add(slug: str) -> ResponseReturnValue:
    found = _found(slug)
    form = EditSpeaker(data={"seen": events.revision(found.event)})
    form.offer(_parts(found))
    command = partial(services.add, event_id=found.event.id)
    if form.validate_on_submit() and _save(form, slug, partial(command, **form.answers())):
        flash(_("The speaker is added."))
        return redirect(url_for(".index", slug=slug))
    return _page("admin_speakers/speaker.html", form, found, speaker=None)


@area.form("/<slug>/speakers/<int:speaker_id>", access=EVENT_EDITORS_ONLY)
def edit(slug: str, speaker_id: int) -> ResponseReturnValue:
    found = _found(slug)
    speaker = _one(found, speaker_id)
    form = EditSpeaker(obj=speaker, seen=events.revision(found.event))
    form.offer(_parts(found))
    command = partial(services.edit, event_id=found.event.id, speaker_id=speaker_id)
    if form.validate_on_submit() and _save(form, slug, partial(command, **form.answers())):
        flash(_("The speaker is saved."))
        return redirect(url_for(".index", slug=slug))
    return _page("admin_speakers/speaker.html", form, found, speaker=speaker)


def _parts(found: StaffEvent) -> list[tuple[int, str]]:
    return [(part.id, part.title) for part in found.event.parts if part.state is PartState.PLANNED]


@area.post("/<slug>/speakers/<int:speaker_id>/up", access=EVENT_EDITORS_ONLY)
def move_up(slug: str, speaker_id: int) -> ResponseReturnValue:
    found = _found(slug)
    _one(found, speaker_id)
    form = Revised()
    command = partial(services.move_up, event_id=found.event.id, speaker_id=speaker_id)
    if form.validate_on_submit() and _save(form, slug, partial(command, **form.answers())):
        return redirect(url_for(".index", slug=slug))
    return form_page("admin_speakers/index.html", form, **_list(_found(slug)))


@area.form("/<slug>/speakers/<int:speaker_id>/remove", access=EVENT_EDITORS_ONLY)
def remove(slug: str, speaker_id: int) -> ResponseReturnValue:
    found = _found(slug)
    speaker = _one(found, speaker_id)
    form = Revised(data={"seen": events.revision(found.event)})
    command = partial(services.remove, event_id=found.event.id, speaker_id=speaker_id)
    if form.validate_on_submit() and _save(form, slug, partial(command, **form.answers())):
        flash(_("%(name)s is removed.", name=speaker.name))
        return redirect(url_for(".index", slug=slug))
    return _page("admin_speakers/remove.html", form, found, speaker=speaker)


@area.form("/<slug>/speakers/ask", access=EVENT_EDITORS_ONLY)
def ask(slug: str) -> ResponseReturnValue:
    """For the first time, or to remind: whoever has answered is not among them."""
    found = _found(slug)
    to_ask = _to_ask(queries.of_event(read(), found.event.id))
    if not to_ask:
        return render_template(
            "admin_speakers/nobody_to_ask.html", found=found
        ), 422 if request.method == "POST" else 200
    form = AskSpeakers(data={"seen": events.revision(found.event), "speaker_ids": [item.id for item in to_ask]})
    form.offer((speaker.id, _called(speaker)) for speaker in to_ask)
    command = partial(services.ask, event_id=found.event.id)
    if form.validate_on_submit() and _save(form, slug, partial(command, **form.answers())):
        flash(ngettext("We write to %(num)s speaker.", "We write to %(num)s speakers.", len(form.speaker_ids.data)))
        return redirect(url_for(".index", slug=slug))
    return _page("admin_speakers/ask.html", form, found)


def _called(speaker: Speaker) -> str:
    if speaker.asked_at is None:
        return str(_("%(name)s, %(email)s", name=speaker.name, email=speaker.email))
    return str(_("%(name)s, %(email)s: a reminder", name=speaker.name, email=speaker.email))


def _found(slug: str) -> StaffEvent:
    return staff_events.staff_event(read(), slug=slug, to_edit=True)


def _page(template: str, form: Revised, found: StaffEvent, **values: Any) -> ResponseReturnValue:
    """The form; after a refusal with the event as it stands now."""
    return form_page(template, form, found=_found(found.event.slug) if form.errors else found, **values)


def _one(found: StaffEvent, speaker_id: int) -> Speaker:
    for speaker in queries.of_event(read(), found.event.id):
        if speaker.id == speaker_id:
            return speaker
    raise NotFound


def _save(form: Revised, slug: str, command: Callable[[Work], Any]) -> bool:
    """Carry the command out. Whoever was refused because another was quicker may press again with all they typed."""
    done = bool(attempt(form, command))
    if not done:
        form.seen.raw_data = None
        form.seen.data = events.revision(_found(slug).event)
    return done
