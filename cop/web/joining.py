"""The page whose button leads into a meeting. The meeting's own address stands on no page, in no mail and no feed."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request

from cop.core.access import Actor
from cop.models.events import Booking, Part
from cop.queries import joining
from cop.queries.joining import Door
from cop.web.database import observe, read
from cop.web.pages import shown_or_refused
from cop.web.requests import CONTENT_SECURITY_POLICY

LEAVES_FOR_THE_MEETING = CONTENT_SECURITY_POLICY.replace("form-action 'self'", "form-action 'self' https:")
"""The policy of the page whose button leads elsewhere: browsers hold a form's redirect against it, too."""


def booking_of_mailed_link(slug: str) -> Booking | None:
    """The booking that the link in the address stands for; None without one, and NotFound for a forged one."""
    token = request.args.get("t")
    return joining.holder_of_join_link(read(), slug=slug, token=token) if token else None


def join_page(template: str, *, booking: Booking, part: Part | None, pressed: bool, **values: Any) -> Response:
    """Says whether one can go in; where somebody ``pressed`` the button in time, notes it and leads there."""
    door = joining.door_of(booking, part, read().now)
    if pressed and door is Door.OPEN and part is not None and part.join_url:
        observe(joining.JOINED, "part", part.id, actor=Actor(booking.person_id, via="link"))
        return _private(make_response(redirect(part.join_url, code=303)))
    page = render_template(
        template,
        event=booking.event,
        part=part,
        door=door,
        opens_at=joining.opens_to_join_at(booking.event, part) if part else None,
        token=request.args.get("t"),
        **values,
    )
    response = _private(make_response(shown_or_refused(page)))
    if door is Door.OPEN:
        response.headers["Content-Security-Policy"] = LEAVES_FOR_THE_MEETING
    return response


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response
