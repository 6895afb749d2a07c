"""How often the forum writes to somebody: asked after their first post, and theirs to change at any time."""

from functools import partial

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.blueprints.forum.shared import LARGEST, area
from cop.core.access import SIGNED_IN
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.forum import ChoosePace, Listen
from cop.models.forum import FollowLevel
from cop.models.forum_mail import Pace
from cop.queries import forum as queries
from cop.services import forum as services
from cop.web import attempt, before_id, form_page, paged, ports, read, run

PAGE = 25


@area.form("/forum/mails", access=SIGNED_IN)
def mails() -> ResponseReturnValue:
    if not queries.memberships(read()):
        raise NotFound
    form = ChoosePace(pace=queries.pace(read()) or Pace.NEVER)
    if form.validate_on_submit():
        pace = Pace(form.pace.data)
        if attempt(form, partial(services.choose_pace, pace=pace)):
            flash(_("Your choice is saved."))
            return redirect(_back() or url_for(".mails"))
    return form_page(
        "forum/mails.html",
        form,
        pager=paged(queries.listened(read(), before=before_id(), limit=PAGE), PAGE),
        back_to=_back(),
        takes_answers=ports().settings.reply_address is not None,
    )


def _back() -> str | None:
    """The post after which somebody was asked, named by the parts of its address."""
    space, slug = request.args.get("space", ""), request.args.get("slug", "")
    topic_id, number = (request.args.get(name, "") for name in ("topic_id", "number"))
    if not (space and slug and topic_id.isdecimal() and number.isdecimal() and int(number) > 0):
        return None
    return _address(space, int(topic_id), slug, int(number))


@area.post(f"/forum/mails/<int(max={LARGEST}):follow_id>", access=SIGNED_IN)
def listen(follow_id: int) -> ResponseReturnValue:
    form = Listen()
    if form.validate_on_submit() and form.level.data:
        run(partial(services.listen, follow_id=follow_id, level=FollowLevel(form.level.data)))
        flash(_("Your choice is saved."))
    return redirect(url_for(".mails"))


@area.post("/forum/mails/new-addresses", access=SIGNED_IN)
def new_addresses() -> ResponseReturnValue:
    if not queries.memberships(read()):
        raise NotFound
    if Confirm().validate_on_submit():
        run(services.renew_addresses)
        flash(_("The addresses in older letters take no answers any more. Letters from now on carry new ones."))
    return redirect(url_for(".mails"))


def to_what_was_written(space: str, topic_id: int, slug: str, number: int) -> ResponseReturnValue:
    """Go to a post that somebody just wrote; after their first, ask them whether they want to hear of answers."""
    if queries.pace(read()) is None and run(services.note_asked):
        return redirect(url_for(".mails", space=space, topic_id=topic_id, slug=slug, number=number))
    return redirect(_address(space, topic_id, slug, number))


def _address(space: str, topic_id: int, slug: str, number: int) -> str:
    page = queries.page_of(number)
    more = page if page > 1 else None
    return url_for(".topic", space=space, topic_id=topic_id, slug=slug, page=more, _anchor=f"post-{number}")
