"""Those who speak at an event: what they say about themselves by the link in their mail, and their photos."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, Actor
from cop.forms.base import Confirm
from cop.forms.speakers import SpeakForYourself
from cop.queries import speakers as queries
from cop.services import speakers as services
from cop.web import Area, attempt, form_page, read, send_picture

GONE = 410

FORM_BYTES = services.PHOTO_BYTES + 64 * 1024
"""A photo of the largest size, and what its form says beside it."""

BY_LINK = Actor(via="link")

area = Area("speakers", __name__)


@area.form("/speakers/<token>", access=PUBLIC, most_bytes=FORM_BYTES)
def speaker(token: str) -> ResponseReturnValue:
    """What was typed too late is not lost: the page shows it with the reason why it was refused."""
    asked = queries.of_link(read(), token=token)
    if request.method == "GET" and asked.is_over(read().now):
        return _over(asked)
    form = SpeakForYourself.of(asked.speaker, queries.revision(asked.speaker))
    if form.validate_on_submit():
        if attempt(form, partial(services.answer, token=token, **form.answers()), BY_LINK):
            flash(_("Thank you. It is saved, and you can change it here until the event is over."))
            return redirect(url_for(".speaker", token=token))
        asked = queries.of_link(read(), token=token)
        form.seen.raw_data, form.seen.data = None, queries.revision(asked.speaker)
    return form_page("speakers/speaker.html", form, asked=asked, token=token)


@area.form("/speakers/<token>/decline", access=PUBLIC)
def decline(token: str) -> ResponseReturnValue:
    asked = queries.of_link(read(), token=token)
    if request.method == "GET" and asked.is_over(read().now):
        return _over(asked)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.decline, token=token), BY_LINK):
        return redirect(url_for(".speaker", token=token))
    return form_page("speakers/decline.html", form, asked=queries.of_link(read(), token=token), token=token)


def _over(asked: queries.Asked) -> ResponseReturnValue:
    return render_template("speakers/over.html", asked=asked), GONE


@area.get("/speakers/<token>/photo", access=PUBLIC)
def own_photo(token: str) -> ResponseReturnValue:
    return send_picture(read(), queries.photo_of_link(read(), token=token))


@area.get("/events/<slug>/speakers/<public_id>/photo", access=PUBLIC)
def photo(slug: str, public_id: str) -> ResponseReturnValue:
    return send_picture(read(), queries.photo(read(), slug=slug, public_id=public_id))
