"""What somebody is mailed: what they choose, what they were sent, and the links in mails that end it."""

from functools import partial

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop import mail
from cop.core.access import PUBLIC, SIGNED_IN
from cop.forms.messages import TOPICS, ChooseTopics
from cop.models.outbox import MailTopic
from cop.queries import forum, reach, subscriptions
from cop.queries import messages as queries
from cop.services import preferences
from cop.web import LARGEST_ID, Area, attempt, before_id, form_page, paged, read, run

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
"""What a mail program posts when its reader presses its own button (RFC 8058)."""

PAGE = 20

area = Area("messages", __name__)


@area.form("/account/messages", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    form = ChooseTopics(topics=[str(topic) for topic in reach.wanted(read())])
    if form.validate_on_submit():
        wanted = [MailTopic(topic) for topic in form.topics.data]
        if attempt(form, partial(preferences.choose, wanted=wanted)):
            flash(_("Your choice is saved."))
            return redirect(url_for(".index"))
    found = queries.own_messages(read(), before=before_id(), limit=PAGE)
    in_forum = bool(forum.memberships(read()))
    return form_page("messages/index.html", form, pager=paged(found, PAGE), in_forum=in_forum)


@area.get(f"/account/messages/<int(max={LARGEST_ID}):outbox_id>", access=SIGNED_IN)
def message(outbox_id: int) -> ResponseReturnValue:
    found = queries.own_message(read(), outbox_id=outbox_id)
    return render_template("messages/message.html", message=found, drawn=mail.as_it_reads(read(), found))


@area.form("/unsubscribe/<token>", access=PUBLIC)
def unsubscribe(token: str) -> ResponseReturnValue:
    """The link in a mail. What mail programs post by themselves carries no token of ours; all else has to."""
    found = subscriptions.subscription(read(), token=token)
    again = False
    if request.method == "POST":
        if request.form.to_dict() != ONE_CLICK:
            current_app.extensions["csrf"].protect()
        again = "again" in request.form
        run(partial(preferences.choose_by_link, token=token, wanted=again))
        found = subscriptions.subscription(read(), token=token)
    return render_template("messages/unsubscribe.html", found=found, topic=TOPICS[found.topic], again=again)
