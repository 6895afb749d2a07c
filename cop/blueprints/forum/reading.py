"""Reading the forum, agreeing to its rules, and choosing what to hear of."""

from datetime import UTC, datetime
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.blueprints.forum.shared import SPACE, TOPIC, address_at, address_of, area, topic_to_act_on
from cop.core.access import EVENT_EDITORS_ONLY, PUBLIC, SIGNED_IN
from cop.core.errors import NotFound
from cop.forms.forum import AcceptRules, Listen, Seen
from cop.models.forum import FollowLevel, TopicKind
from cop.queries import forum as queries
from cop.services import forum as services
from cop.web import Pager, attempt, form_page, observe, page_number, paged, read, run

WAITING_SHOWN = 5


@area.get("/forum/", access=PUBLIC)
def index() -> ResponseReturnValue:
    joined = queries.memberships(read())
    if not joined:
        return render_template("forum/about.html")
    is_staff = EVENT_EDITORS_ONLY.allows(read().actor)
    return render_template(
        "forum/index.html",
        joined=joined,
        spaces=queries.spaces(read()),
        waiting=queries.waiting(read(), since=read().now - queries.NEWS_FOR, limit=WAITING_SHOWN)[:WAITING_SHOWN],
        is_staff=is_staff,
        reports=queries.count_open_reports(read()) if is_staff else 0,
        rules_accepted=all(membership.accepted for membership in joined),
        rules_version=queries.RULES_VERSION,
    )


@area.form("/forum/rules", access=SIGNED_IN)
def rules() -> ResponseReturnValue:
    joined = queries.memberships(read())
    if not joined:
        raise NotFound
    form = AcceptRules(version=queries.RULES_VERSION)
    if form.validate_on_submit() and attempt(form, partial(services.accept_rules, version=form.version.data)):
        flash(_("Thank you. You can write in the forum now."))
        return redirect(_where_they_wanted_to_write())
    accepted = all(membership.accepted for membership in joined)
    return form_page("forum/rules.html", form, accepted=accepted, version=queries.RULES_VERSION)


def _where_they_wanted_to_write() -> str:
    """The page that sent somebody to the rules first, named by the parts of its address."""
    asked = {name: request.args.get(name, "") for name in ("space", "topic_id", "slug")}
    if asked["space"] and asked["topic_id"].isdecimal() and asked["slug"]:
        return url_for(".reply", space=asked["space"], topic_id=int(asked["topic_id"]), slug=asked["slug"])
    return url_for(".new_topic", space=asked["space"]) if asked["space"] else url_for(".index")


@area.get(f"{SPACE}/", access=SIGNED_IN)
def space(space: str) -> ResponseReturnValue:
    found = queries.space_page(read(), slug=space)
    size = queries.TOPICS_A_PAGE
    topics = queries.topics(read(), found, offset=(page_number() - 1) * size, limit=size)
    return render_template("forum/space.html", space=found, pager=paged(topics, size), page_of=queries.page_of)


@area.get("/forum/unanswered", access=SIGNED_IN)
def unanswered() -> ResponseReturnValue:
    """Questions that wait, for whoever would like to help."""
    if not queries.memberships(read()):
        raise NotFound
    size = queries.WAITING_A_PAGE
    found = queries.waiting(read(), offset=(page_number() - 1) * size, limit=size)
    return render_template("forum/unanswered.html", pager=paged(found, size))


@area.post("/forum/seen", access=SIGNED_IN)
def all_seen() -> ResponseReturnValue:
    return _mark_seen(None, url_for(".index"))


@area.post(f"{SPACE}/seen", access=SIGNED_IN)
def space_seen(space: str) -> ResponseReturnValue:
    found = queries.space_page(read(), slug=space)
    return _mark_seen(found.id, url_for(".space", space=found.slug))


def _mark_seen(space_id: int | None, back_to: str) -> ResponseReturnValue:
    form = Seen()
    if form.validate_on_submit():
        until = datetime.fromtimestamp(min(form.until.data, int(read().now.timestamp())), UTC)
        run(partial(services.mark_seen, until=until, space_id=space_id))
        flash(_("Nothing here is new to you any more."))
    return redirect(back_to)


@area.post(f"{SPACE}/follow", access=SIGNED_IN)
def follow_space(space: str) -> ResponseReturnValue:
    found, form = queries.space_page(read(), slug=space), Listen()
    if form.validate_on_submit() and form.level.data:
        level = FollowLevel(form.level.data)
        run(partial(services.follow_space, space_id=found.id, level=level))
        flash(
            _("We will mail you about new topics here.")
            if level is FollowLevel.FOLLOW
            else _("You will get no mail about this space.")
        )
    return redirect(url_for(".space", space=found.slug))


@area.get(TOPIC, access=SIGNED_IN)
def topic(space: str, topic_id: int, slug: str) -> ResponseReturnValue:
    found = queries.topic_page(read(), topic_id=topic_id)
    if found.is_withheld:
        return render_template("forum/hidden_topic.html", topic=found)
    if found.id != topic_id:
        return redirect(address_of(found))
    if (found.space_slug, found.slug) != (space, slug):
        return redirect(address_of(found, page=request.args.get("page")))
    size, page = queries.POSTS_A_PAGE, page_number()
    posts = queries.posts(read(), found, page=page)
    if not posts:
        raise NotFound
    if posts[-1].number > found.seen:
        observe(queries.READ, "topic", found.id, value=posts[-1].number)
    return render_template(
        "forum/topic.html",
        topic=found,
        pager=Pager(posts, page, found.posts > page * size),
        base=address_of(found),
        links=queries.links_of(read(), found.id) if found.is_linked else (),
        proposal=queries.proposal_of(read(), found.id) if found.kind is TopicKind.PROPOSAL else None,
        answer_at=address_at(found, found.answer_number) if found.answer_number else None,
        address_at=address_at,
        facilitator=queries.FACILITATOR,
        alumnus=queries.ALUMNUS,
        first_unread=address_at(found, found.known + 1) if 0 < found.known < found.posts else None,
    )


@area.post(f"{TOPIC}/follow", access=SIGNED_IN)
def follow_topic(space: str, topic_id: int) -> ResponseReturnValue:
    found, form = topic_to_act_on(space, topic_id), Listen()
    if form.validate_on_submit() and form.level.data:
        level = FollowLevel(form.level.data)
        run(partial(services.follow_topic, topic_id=found.id, level=level))
        flash(
            _("We will mail you about replies.")
            if level is FollowLevel.FOLLOW
            else _("You will get no mail about this topic, even if you write in it.")
        )
    return redirect(address_of(found))
