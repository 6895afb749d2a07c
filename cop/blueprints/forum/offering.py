"""The board of offers and asks: what waits, what fits together, and who of the directory could help."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.blueprints.forum.shared import LARGEST, area
from cop.core.access import SIGNED_IN
from cop.core.errors import NotFound
from cop.forms.offers_board import SearchBoard
from cop.models.forum import TopicKind
from cop.models.members import Leaning
from cop.queries import forum as queries
from cop.queries import members, tags
from cop.queries.forum import offers as board
from cop.services.forum import offering
from cop.web import page_number, paged, read, run

PAGE = 20
FITTING_EACH = 3
FITTING_ONE = 10

ONE = f"/forum/offers/<int(max={LARGEST}):topic_id>"


@area.get("/forum/offers", access=SIGNED_IN)
def offers() -> ResponseReturnValue:
    if not queries.memberships(read()):
        raise NotFound
    form = SearchBoard(request.args)
    words = tags.offered(read(), *board.SORTED_BY)
    form.offer((tag.slug, tag.name) for kind in words.values() for tag in kind)
    asked = form.asked()
    found = board.board(
        read(), kind=asked.get("kind"), tag=asked.get("tag", ""), offset=(page_number() - 1) * PAGE, limit=PAGE
    )
    own = board.own(read()) if page_number() == 1 and not asked else ()
    return render_template(
        "forum/offers.html",
        form=form,
        asked={name: str(value) for name, value in asked.items()},
        own=own,
        fitting=board.fitting(read(), [topic.id for topic in own], each=FITTING_EACH),
        pager=paged(found, PAGE),
    )


@area.get(ONE, access=SIGNED_IN)
def offer(topic_id: int) -> ResponseReturnValue:
    found = board.one(read(), topic_id=topic_id)
    leaning = Leaning.OFFERS if found.kind is TopicKind.ASK else Leaning.SEEKS
    return render_template(
        "forum/offer.html",
        found=found,
        may_settle=board.may_settle(read(), topic_id=topic_id),
        fitting=board.fitting(read(), [topic_id], each=FITTING_ONE).get(topic_id, ()),
        people=members.helpers(read(), topic_tags=found.help_tags, leaning=leaning, but=found.author_id),
        me=read().actor.person_id,
    )


@area.post(f"{ONE}/settle", access=SIGNED_IN)
def settle_offer(topic_id: int) -> ResponseReturnValue:
    run(partial(offering.settle, topic_id=topic_id))
    flash(_("It is off the board. What was written stays where it is."))
    return redirect(url_for(".offer", topic_id=topic_id))


@area.post(f"{ONE}/put-back", access=SIGNED_IN)
def put_offer_back(topic_id: int) -> ResponseReturnValue:
    run(partial(offering.put_back, topic_id=topic_id))
    flash(_("It is on the board again."))
    return redirect(url_for(".offer", topic_id=topic_id))
