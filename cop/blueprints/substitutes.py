"""Somebody else in the place of whoever is invited: proposed by link, signed in or on the telephone, and decided."""

from collections.abc import Callable
from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY, EVENT_STAFF_ONLY, PUBLIC, SIGNED_IN, Actor
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.substitutes import DeclineSubstitute, SendSomebody
from cop.models.events import EventKind
from cop.models.summits import Invitation
from cop.queries import events, staff_events
from cop.queries import summits as queries
from cop.services import summits as services
from cop.web import Area, attempt, form_page, read

Load = Callable[[], Invitation]

STAFF = "/admin/summits/<slug>"
ONE = f"{STAFF}/substitutes/<int(max=9223372036854775807):substitution_id>"

area = Area("substitutes", __name__)


@area.form("/invitations/<token>/substitute", access=PUBLIC)
def by_link(token: str) -> ResponseReturnValue:
    load = partial(queries.invitation_of_link, read(), token=token)
    back = url_for("summits.by_link", token=token)
    return _send(load, back, url_for(".take_back_by_link", token=token), Actor(load().person_id, via="link"))


@area.form("/invitations/<token>/substitute/take-back", access=PUBLIC)
def take_back_by_link(token: str) -> ResponseReturnValue:
    invitation = queries.invitation_of_link(read(), token=token)
    back = url_for("summits.by_link", token=token)
    return _take_back(invitation, back, Actor(invitation.person_id, via="link"))


@area.form("/summits/<slug>/rsvp/substitute", access=SIGNED_IN)
def own(slug: str) -> ResponseReturnValue:
    back = url_for("summits.rsvp", slug=slug)
    return _send(partial(_own, slug), back, url_for(".take_back_own", slug=slug))


@area.form("/summits/<slug>/rsvp/substitute/take-back", access=SIGNED_IN)
def take_back_own(slug: str) -> ResponseReturnValue:
    return _take_back(_own(slug), url_for("summits.rsvp", slug=slug))


def _own(slug: str) -> Invitation:
    event = events.event_page(read(), slug=slug, kind=EventKind.SUMMIT)
    invitation = queries.own_invitation(read(), event_id=event.id)
    if invitation is None:
        raise NotFound
    return invitation


@area.form(f"{STAFF}/invitations/<public_id>/substitute", access=EVENT_STAFF_ONLY)
def send_for(slug: str, public_id: str) -> ResponseReturnValue:
    """What somebody said on the telephone."""
    load = partial(_invitation, slug, public_id)
    back = url_for("admin_summits.invitations", slug=slug)
    return _send(load, back, url_for(".take_back_for", slug=slug, public_id=public_id))


@area.form(f"{STAFF}/invitations/<public_id>/substitute/take-back", access=EVENT_STAFF_ONLY)
def take_back_for(slug: str, public_id: str) -> ResponseReturnValue:
    return _take_back(_invitation(slug, public_id), url_for("admin_summits.invitations", slug=slug))


def _invitation(slug: str, public_id: str) -> Invitation:
    return queries.invitation_to(read(), _summit(slug).event, public_id=public_id)


def _send(load: Load, back: str, take_back: str, actor: Actor | None = None) -> ResponseReturnValue:
    invitation = load()
    form = SendSomebody()
    if form.validate_on_submit():
        command = partial(services.propose, public_id=invitation.public_id, **form.answers())
        if attempt(form, command, actor):
            flash(_("Thank you. We look at it and write as soon as it is decided."))
            return redirect(back)
        invitation = load()
    booking = queries.booking_of(read(), invitation)
    return form_page(
        "substitutes/send.html",
        form,
        invitation=invitation,
        event=invitation.event,
        booking=booking,
        sending=queries.sending(read(), invitation),
        is_open=queries.may_propose(invitation.event, invitation, booking, read().now),
        back_to=back,
        take_back=take_back,
    )


def _take_back(invitation: Invitation, back: str, actor: Actor | None = None) -> ResponseReturnValue:
    form, event, proposed = Confirm(), invitation.event, queries.sending(read(), invitation).proposed
    if form.validate_on_submit() and attempt(form, partial(services.take_back, public_id=invitation.public_id), actor):
        flash(_("It is taken back. The invitation stands as it did."))
        return redirect(back)
    if proposed is None and not form.errors:
        return redirect(back)
    return form_page("substitutes/take_back.html", form, event=event, proposed=proposed, back_to=back)


@area.get(f"{STAFF}/substitutes", access=EVENT_STAFF_ONLY)
def index(slug: str) -> ResponseReturnValue:
    found = _summit(slug)
    return render_template(
        "substitutes/index.html",
        event=found.event,
        proposals=queries.proposals(read(), found.event),
        may_decide=staff_events.may_edit(read().actor, found.event),
    )


@area.form(f"{ONE}/approve", access=EVENT_EDITORS_ONLY)
def approve(slug: str, substitution_id: int) -> ResponseReturnValue:
    proposal = _proposal(slug, substitution_id)
    if proposal is None:
        return _settled(slug)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.approve, substitution_id=substitution_id)):
        flash(_("%(name)s is invited. Both have a message.", name=proposal.name))
        return redirect(url_for(".index", slug=slug))
    return form_page("substitutes/approve.html", form, event=_summit(slug, to_edit=True).event, proposal=proposal)


@area.form(f"{ONE}/decline", access=EVENT_EDITORS_ONLY)
def decline(slug: str, substitution_id: int) -> ResponseReturnValue:
    proposal = _proposal(slug, substitution_id)
    if proposal is None:
        return _settled(slug)
    form = DeclineSubstitute()
    if form.validate_on_submit():
        command = partial(services.decline, substitution_id=substitution_id)
        if attempt(form, partial(command, **form.answers())):
            flash(_("%(name)s is told, and keeps the invitation.", name=proposal.sender))
            return redirect(url_for(".index", slug=slug))
    return form_page("substitutes/decline.html", form, event=_summit(slug, to_edit=True).event, proposal=proposal)


def _proposal(slug: str, substitution_id: int) -> queries.Proposal | None:
    """One that waits; None once it is decided or taken back."""
    return queries.proposal_of(read(), _summit(slug, to_edit=True).event, substitution_id=substitution_id)


def _settled(slug: str) -> ResponseReturnValue:
    flash(_("This has been decided, or taken back, already."))
    return redirect(url_for(".index", slug=slug))


def _summit(slug: str, *, to_edit: bool = False) -> staff_events.StaffEvent:
    found = staff_events.staff_event(read(), slug=slug, to_edit=to_edit)
    if found.event.kind is not EventKind.SUMMIT:
        raise NotFound
    return found
