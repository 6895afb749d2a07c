"""What stands around the words of a topic: signs on posts, the accepted answer, files, sorting, and proposals."""

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.blueprints.forum.shared import POST, TOPIC, address_at, address_of, area, post_to_act_on, topic_to_act_on
from cop.core.access import EVENT_EDITORS_ONLY, SIGNED_IN
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.tags import LISTS
from cop.forms.topics import SIGNS, Decide, Sorting, SortTopic
from cop.models.forum import TopicKind
from cop.models.tags import SORTERS
from cop.queries import forum as queries
from cop.queries import tags
from cop.services import forum as services
from cop.web import attempt, form_page, page_number, paged, read, run, send_stored

LISTED = 25
PROPOSALS_SHOWN = 20


@area.post(f"{TOPIC}/signs", access=SIGNED_IN)
def sign(space: str, topic_id: int) -> ResponseReturnValue:
    """One press of a button on a post. The button is named by what it says, and its value is the post's number."""
    found = topic_to_act_on(space, topic_id)
    form = Confirm()
    for name, command in _commands().items():
        number = request.form.get(name, type=int)
        if form.validate_on_submit() and number is not None and 0 < number <= found.posts:
            post = queries.one_post(read(), found, number=number)
            run(partial(command, post_id=post.id))
            return redirect(address_at(found, number))
    raise NotFound


def _commands() -> dict[str, Any]:
    signs: dict[str, Any] = {name: partial(services.react, kind=kind) for name, kind in SIGNS.items()}
    undone = {f"not-{name}": partial(services.take_back, kind=kind) for name, kind in SIGNS.items()}
    return signs | undone | {"answer": services.accept_answer, "not-answer": services.take_answer_back}


@area.get(f"{POST}/files/<public_id>", access=SIGNED_IN)
def post_file(space: str, topic_id: int, number: int, public_id: str) -> ResponseReturnValue:
    found, _post = post_to_act_on(space, topic_id, number)
    file = queries.file_of(read(), found, number=number, public_id=public_id)
    return send_stored(read(), file.file, file.name)


@area.form(f"{TOPIC}/about", access=SIGNED_IN)
def sort_topic(space: str, topic_id: int) -> ResponseReturnValue:
    found = topic_to_act_on(space, topic_id)
    if not (found.is_own or found.moderates):
        raise NotFound
    given = queries.tag_ids(read(), found.id)
    links = {link.kind: link.word for link in queries.links_of(read(), found.id)}
    form = SortTopic(kind=found.kind, **dict.fromkeys(LISTS, given), **links)
    if found.kind is TopicKind.PROPOSAL:
        del form.kind
    offer_sorting(form, found, kept=links.get("event", ""), tag_ids=given, is_own=found.is_own)
    if form.validate_on_submit():
        told = form.about(form.kind.data if "kind" in form else None)
        if attempt(form, partial(services.sort_topic, topic_id=found.id, about=services.About(**told))):
            flash(_("What the topic is about is saved."))
            return redirect(address_of(found))
    return form_page("forum/sort_topic.html", form, topic=found, base=address_of(found))


def offer_sorting(
    form: Sorting,
    where: queries.SpacePage | queries.TopicPage,
    *,
    kept: str = "",
    tag_ids: Any = (),
    is_own: bool = True,
) -> None:
    """Let a form offer the words of the lists, and what a topic of this space can link to."""
    space_id = where.space_id if isinstance(where, queries.TopicPage) else where.id
    form.offer(
        tags.offered(read(), kept=tag_ids),
        events=queries.events_to_link(read(), programme_id=where.programme_id, kept=kept),
        resources=queries.resources_to_link(read(), space_id=space_id),
        plans=queries.plans_to_link(read()) if is_own else (),
    )


@area.get("/forum/tags/<word>", access=SIGNED_IN)
def tag(word: str) -> ResponseReturnValue:
    if not queries.memberships(read()):
        raise NotFound
    found = tags.one(read(), slug=word, kinds=SORTERS)
    topics = queries.topics_of_tag(read(), tag_id=found.id, offset=(page_number() - 1) * LISTED, limit=LISTED)
    return render_template("forum/tag.html", tag=found, pager=paged(topics, LISTED), lists=LISTS)


@area.get("/forum/proposals", access=SIGNED_IN)
def proposals() -> ResponseReturnValue:
    if not queries.memberships(read()):
        raise NotFound
    waiting = queries.proposals(
        read(), decided=False, offset=(page_number() - 1) * PROPOSALS_SHOWN, limit=PROPOSALS_SHOWN
    )
    decided = queries.proposals(read(), decided=True, limit=PROPOSALS_SHOWN)[:PROPOSALS_SHOWN]
    return render_template("forum/proposals.html", pager=paged(waiting, PROPOSALS_SHOWN), decided=decided)


@area.form(f"{TOPIC}/decide", access=EVENT_EDITORS_ONLY)
def decide_proposal(space: str, topic_id: int) -> ResponseReturnValue:
    found = topic_to_act_on(space, topic_id)
    proposal = queries.proposal_of(read(), found.id)
    if proposal is None or not found.moderates:
        raise NotFound
    planned = "" if proposal.planned is None else "yes" if proposal.planned else "no"
    chosen = proposal.event.slug if proposal.event else ""
    form = Decide(planned=planned, event=chosen, answer=proposal.answer)
    events = queries.events_to_link(read(), programme_id=found.programme_id, kept=chosen)
    form.event.choices = [("", _("None yet")), *events]
    if form.validate_on_submit():
        said = {"planned": form.planned.data == "yes", "answer": form.answer.data, "event_slug": form.event.data}
        if attempt(form, partial(services.decide_proposal, topic_id=found.id, **said)):
            flash(_("Your decision is saved."))
            return redirect(url_for(".topic", space=found.space_slug, topic_id=found.id, slug=found.slug))
    return form_page("forum/decide.html", form, topic=found, proposal=proposal, base=address_of(found))
