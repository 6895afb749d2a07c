"""Summits as guests see them: what there is, and answering an invitation, signed in or by the link in a letter."""

from collections.abc import Callable
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, SIGNED_IN, Actor
from cop.forms.summits import AnswerInvitation
from cop.models.events import Booking, Event, EventKind
from cop.models.summits import Answer, Invitation
from cop.queries import actions, events, files, outcomes, seating, speakers, stories, waiting_lists
from cop.queries import summits as queries
from cop.queries.forum import topics_about
from cop.services import summits as services
from cop.web import Area, attempt, current_actor, form_page, observe, page_number, paged, ports, read

PAGE = 20

area = Area("summits", __name__)


@area.get("/summits/", access=PUBLIC, shared=True)
def index() -> ResponseReturnValue:
    past = request.args.get("show") == "past"
    zone, offset = ports().settings.timezone, (page_number() - 1) * PAGE
    found = events.listed_events(read(), EventKind.SUMMIT, zone, past=past, offset=offset, limit=PAGE)
    own = queries.own_invitations(read()) if current_actor().person_id is not None else []
    return render_template("summits/index.html", pager=paged(found, PAGE), past=past, own=own)


@area.get("/summits/<slug>", access=PUBLIC, shared=True)
def summit(slug: str) -> ResponseReturnValue:
    event = events.event_page(read(), slug=slug, kind=EventKind.SUMMIT)
    signed_in = current_actor().person_id is not None
    return render_template(
        "summits/summit.html",
        event=event,
        invitation=queries.own_invitation(read(), event_id=event.id) if signed_in else None,
        until=queries.answers_until(event),
        is_full=events.is_full(event),
        waits=waiting_lists.own_entry_of(read(), event.id),
        runs_it=events.may_run(read().actor, event),
        has_actions=_has_actions(event),
        outcomes=outcomes.outcomes_of(read(), event),
        files=files.offered(read(), event),
        stories=stories.of_event(read(), event),
        topics=topics_about(read(), event_id=event.id),
        speakers=speakers.shown(read(), event.id),
    )


def _has_actions(event: Event) -> bool:
    """Whether there is a page of actions for whoever looks: for those who came, from when the day begins."""
    begins = queries.begins_at(event)
    return begins is not None and begins <= read().now and actions.may_look(read(), event)


@area.form("/summits/<slug>/rsvp", access=SIGNED_IN)
def rsvp(slug: str) -> ResponseReturnValue:
    event = events.event_page(read(), slug=slug, kind=EventKind.SUMMIT)
    invitation = queries.own_invitation(read(), event_id=event.id)
    if invitation is None:
        return render_template("summits/not_invited.html", event=event)
    load = partial(queries.invitation_to, read(), event, public_id=invitation.public_id)
    return _answer(invitation, load, read().actor, url_for("substitutes.own", slug=slug))


@area.form("/invitations/<token>", access=PUBLIC)
def by_link(token: str) -> ResponseReturnValue:
    load = partial(queries.invitation_of_link, read(), token=token)
    invitation = load()
    send = url_for("substitutes.by_link", token=token)
    return _answer(invitation, load, Actor(invitation.person_id, via="link"), send)


def _answer(invitation: Invitation, load: Callable[[], Invitation], actor: Actor, send: str) -> ResponseReturnValue:
    """The invitation with its form; ``actor`` is who is invited, whichever way they came, and ``send`` the page on
    which they propose somebody else.

    A link may have been forwarded, so what somebody needs is shown to those only who are signed in.
    """
    shows_needs = current_actor().person_id == invitation.person_id
    if request.method == "GET":
        observe(queries.OPENED, "invitation", invitation.id, actor=actor)
    booking = queries.booking_of(read(), invitation)
    form = _form(invitation, booking, shows_needs=shows_needs)
    if form.validate_on_submit():
        said = queries.Needs(**form.said())
        reply = services.Reply(**form.answers(), needs=said, keeps_blanks=not shows_needs)
        if attempt(form, partial(services.answer, public_id=invitation.public_id, reply=reply), actor):
            flash(_thanks(reply.response))
            return redirect(request.path)
        invitation = load()  # a refused command has unloaded what the page shows
        booking = queries.booking_of(read(), invitation)
    waits = waiting_lists.entry_of(read(), invitation.event_id, person_id=invitation.person_id)
    return form_page(
        "summits/invitation.html",
        form,
        invitation=invitation,
        event=invitation.event,
        booking=booking,
        tables=seating.own_tables(read(), booking) if booking is not None else [],
        held=queries.held_ids(booking),
        is_full=events.is_full(invitation.event),
        waits=waits,
        waits_token=waiting_lists.link_token(waits) if waits is not None and not shows_needs else None,
        stop=queries.stop_for(invitation.event, invitation, read().now),
        until=queries.answers_until(invitation.event),
        version=queries.version_of(invitation),
        sending=queries.sending(read(), invitation),
        may_send=queries.may_propose(invitation.event, invitation, booking, read().now),
        send=send,
        shows_needs=shows_needs,
    )


def _form(invitation: Invitation, booking: Booking | None, *, shows_needs: bool) -> AnswerInvitation:
    """Filled with what was said before; whoever has not said anything yet finds what their profile says."""
    needs = queries.Needs()
    if shows_needs and booking is not None:
        needs = queries.kept_needs(read(), booking_id=booking.id)
    elif shows_needs:
        needs = queries.Needs(access=invitation.person.needs or "")
    return AnswerInvitation.of(invitation, queries.held_ids(booking), needs)


def _thanks(response: Answer) -> str:
    words = {
        Answer.YES: _("Thank you. You have a place, and the confirmation is on its way."),
        Answer.NO: _("Thank you for telling us. You can still change your answer."),
        Answer.TENTATIVE: _("Thank you. Tell us as soon as you know."),
    }
    return str(words[response])
