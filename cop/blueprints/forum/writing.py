"""Starting topics, replying, changing and taking back what one wrote, and reporting what others did."""

from functools import partial

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.blueprints.forum.answering import offer_sorting
from cop.blueprints.forum.mails import to_what_was_written
from cop.blueprints.forum.shared import (
    POST,
    SPACE,
    TOPIC,
    about,
    address_at,
    address_of,
    area,
    post_to_act_on,
    topic_to_act_on,
)
from cop.core.access import SIGNED_IN
from cop.core.errors import NotFound
from cop.formats import markdown
from cop.forms.base import Confirm
from cop.forms.forum import EditPost, ReportPost
from cop.forms.topic_starters import STARTERS
from cop.forms.topics import StartTopic, Write, chosen_files
from cop.queries import forum as queries
from cop.services import forum as services
from cop.web import attempt, form_page, read, run

FORM_BYTES = services.MOST_FILES * services.MOST_BYTES + 1024 * 1024
"""What a form with files may hold in all."""


@area.form(f"{SPACE}/new", access=SIGNED_IN, most_bytes=FORM_BYTES)
def new_topic(space: str) -> ResponseReturnValue:
    found = queries.space_page(read(), slug=space)
    starter = request.args.get("starter", "")
    if request.method == "GET" and not found.accepted:
        return redirect(url_for(".rules", space=found.slug))
    begun = {name: request.args.get(name, "") for name in ("event", "resource", "plan")}
    form = StartTopic.begun_with(STARTERS.get(starter), **begun)
    offer_sorting(form, found)
    if form.validate_on_submit() and not _wants_preview():
        told = services.About(**form.about(form.kind.data), starter=starter if starter in STARTERS else "")
        said = {"title": form.title.data, "body": form.body.data, "about": told, "uploads": _uploads(form)}
        done = attempt(form, partial(services.open_topic, space_id=found.id, **said))
        if done:
            return to_what_was_written(found.slug, done.result.id, done.result.slug, 1)
    return form_page(
        "forum/new_topic.html", form, space=found, preview=_preview(form), starters=STARTERS, starter=starter
    )


def _uploads(form: Write | StartTopic | EditPost) -> list[services.Upload]:
    return [services.Upload(stream, name) for stream, name in chosen_files(form)]


@area.form(f"{TOPIC}/reply", access=SIGNED_IN, most_bytes=FORM_BYTES)
def reply(space: str, topic_id: int) -> ResponseReturnValue:
    found = topic_to_act_on(space, topic_id)
    if request.method == "GET" and not found.accepted:
        return redirect(url_for(".rules", space=found.space_slug, topic_id=found.id, slug=found.slug))
    form = Write(body=_quotation(found))
    if form.validate_on_submit() and not _wants_preview():
        said = {"body": form.body.data, "uploads": _uploads(form)}
        done = attempt(form, partial(services.reply, topic_id=found.id, **said))
        if done:
            return to_what_was_written(found.space_slug, found.id, found.slug, done.result.number)
    return form_page(
        "forum/reply.html",
        form,
        topic=found,
        base=address_of(found),
        preview=_preview(form),
        names=queries.names_to_mention(read(), found),
    )


def _quotation(topic: queries.TopicPage) -> str:
    """What the post that the address names says, to begin a reply with."""
    number = request.args.get("quote", type=int)
    if number is None or not 0 < number <= topic.posts:
        return ""
    post = queries.one_post(read(), topic, number=number)
    return markdown.quoted(post.body, by=post.author) if post.is_shown else ""


def _wants_preview() -> bool:
    return "preview" in request.form


def _preview(form: Write | StartTopic | EditPost) -> str:
    """The post as it would look, where that was asked for and it could be sent."""
    return markdown.to_html(form.body.data) if _wants_preview() and not form.errors else ""


@area.form(f"{POST}/edit", access=SIGNED_IN, most_bytes=FORM_BYTES)
def edit_post(space: str, topic_id: int, number: int) -> ResponseReturnValue:
    found, post = _own_post(space, topic_id, number)
    form = EditPost(body=post.body, revision=post.revision)
    form.offer(post.files or ())
    newer = None
    if form.validate_on_submit() and not _wants_preview():
        said = {"body": form.body.data, "revision": form.revision.data, "uploads": _uploads(form)}
        said["without"] = form.gone()
        if attempt(form, partial(services.edit_post, post_id=post.id, **said)):
            return redirect(address_at(found, number))
        newer = queries.one_post(read(), found, number=number)
        newer = newer if newer.revision != form.revision.data else None
        if newer is not None:
            form.show_again(newer.revision)
    return form_page("forum/edit_post.html", form, **about(found, post), preview=_preview(form), newer=newer)


@area.form(f"{POST}/delete", access=SIGNED_IN)
def delete_post(space: str, topic_id: int, number: int) -> ResponseReturnValue:
    found, post = _own_post(space, topic_id, number)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.delete_post, post_id=post.id)):
        flash(_("Your post is deleted. You can undo that where it stood."))
        return redirect(address_at(found, number))
    return form_page("forum/delete_post.html", form, **about(found, post))


@area.post(f"{POST}/restore", access=SIGNED_IN)
def restore_post(space: str, topic_id: int, number: int) -> ResponseReturnValue:
    found, post = _own_post(space, topic_id, number)
    run(partial(services.restore_post, post_id=post.id))
    flash(_("Your post is back."))
    return redirect(address_at(found, number))


def _own_post(space: str, topic_id: int, number: int) -> tuple[queries.TopicPage, queries.OnePost]:
    found, post = post_to_act_on(space, topic_id, number)
    if not post.is_own:
        raise NotFound
    return found, post


@area.form(f"{POST}/report", access=SIGNED_IN)
def report_post(space: str, topic_id: int, number: int) -> ResponseReturnValue:
    found, post = post_to_act_on(space, topic_id, number)
    form = ReportPost()
    command = partial(services.report_post, post_id=post.id)
    if form.validate_on_submit() and attempt(form, partial(command, reason=form.reason.data)):
        flash(_("Thank you. A facilitator will look at this post."))
        return redirect(address_at(found, number))
    return form_page("forum/report_post.html", form, **about(found, post))
