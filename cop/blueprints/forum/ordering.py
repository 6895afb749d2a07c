"""What facilitators do to keep a space tidy: pin, move and merge topics, close the space, and take it back."""

from functools import partial

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.blueprints.forum.shared import LARGEST, SPACE, TOPIC, address_at, address_of, area, topic_to_act_on
from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.forum import CloseSpace, MergeTopic, MoveTopic
from cop.queries import forum as queries
from cop.services import forum as services
from cop.web import attempt, form_page, read, run


@area.form(f"{TOPIC}/pin", access=EVENT_EDITORS_ONLY)
def pin_topic(space: str, topic_id: int) -> ResponseReturnValue:
    found, form = moderated_topic(space, topic_id), Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.pin_topic, topic_id=found.id)):
        flash(_("The topic is pinned: it stands above the others of its space."))
        return redirect(address_of(found))
    return form_page("forum/pin_topic.html", form, topic=found, post=None, back_to=address_of(found))


@area.post(f"{TOPIC}/unpin", access=EVENT_EDITORS_ONLY)
def unpin_topic(space: str, topic_id: int) -> ResponseReturnValue:
    found = moderated_topic(space, topic_id)
    run(partial(services.unpin_topic, topic_id=found.id))
    flash(_("The topic is not pinned any more."))
    return redirect(address_of(found))


@area.form(f"{TOPIC}/move", access=EVENT_EDITORS_ONLY)
def move_topic(space: str, topic_id: int) -> ResponseReturnValue:
    found = moderated_topic(space, topic_id)
    offered = queries.other_spaces(read(), found)
    form = MoveTopic((str(item.id), item.name) for item in offered)
    if form.validate_on_submit():
        command = partial(services.move_topic, topic_id=found.id, space_id=int(form.space_id.data))
        if attempt(form, partial(command, reason=form.reason.data)):
            flash(_("The topic is moved. Its old address leads here."))
            return redirect(address_of(queries.topic_page(read(), topic_id=found.id)))
    here = {"topic": found, "post": None, "back_to": address_of(found)}
    return form_page("forum/move_topic.html", form, **here, offered=offered)


@area.form(f"{TOPIC}/merge", access=EVENT_EDITORS_ONLY)
def merge_topic(space: str, topic_id: int) -> ResponseReturnValue:
    found, form = moderated_topic(space, topic_id), MergeTopic()
    if form.validate_on_submit():
        command = partial(services.merge_topics, topic_id=found.id, into_id=form.topic_id())
        done = attempt(form, partial(command, reason=form.reason.data))
        if done:
            into = queries.topic_page(read(), topic_id=done.result.id)
            flash(_("The topics are merged. The posts that came stand at the end."))
            return redirect(address_at(into, into.posts - found.posts + 1))
    return form_page("forum/merge_topic.html", form, topic=found, post=None, back_to=address_of(found))


def moderated_topic(space: str, topic_id: int) -> queries.TopicPage:
    found = topic_to_act_on(space, topic_id)
    if not found.moderates:
        raise NotFound
    return found


@area.form(f"{SPACE}/close", access=EVENT_EDITORS_ONLY)
def close_space(space: str) -> ResponseReturnValue:
    found, form = _moderated_space(space), CloseSpace()
    command = partial(services.close_space, space_id=found.id)
    if form.validate_on_submit() and attempt(form, partial(command, reason=form.reason.data)):
        flash(_("The space is closed. It can be read, and nobody can write in it."))
        return redirect(url_for(".space", space=found.slug))
    return form_page("forum/close_space.html", form, space=found)


@area.post(f"{SPACE}/reopen", access=EVENT_EDITORS_ONLY)
def reopen_space(space: str) -> ResponseReturnValue:
    found = _moderated_space(space)
    run(partial(services.reopen_space, space_id=found.id))
    flash(_("The space is open again."))
    return redirect(url_for(".space", space=found.slug))


def _moderated_space(space: str) -> queries.SpacePage:
    found = queries.space_page(read(), slug=space)
    if not found.moderates:
        raise NotFound
    return found


@area.form(f"/forum/log/<int(max={LARGEST}):act_id>/undo", access=EVENT_EDITORS_ONLY)
def undo(act_id: int) -> ResponseReturnValue:
    done_then, form = queries.one_act(read(), act_id), Confirm()
    if form.validate_on_submit():
        done = attempt(form, partial(services.undo, act_id=act_id))
        if done:
            flash(_("It is taken back."))
            return redirect(address_of(queries.topic_page(read(), topic_id=done.result.id)))
    return form_page("forum/undo.html", form, act=done_then)
