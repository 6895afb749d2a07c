"""Answers from people's calendars that staff decide, and those that were carried out."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_STAFF_ONLY
from cop.forms.base import Confirm
from cop.forms.replies import CONFIRM, decide
from cop.queries import replies as queries
from cop.queries.replies import Effect
from cop.services import replies
from cop.web import LARGEST_ID, Area, attempt, before_id, form_page, paged, read

PAGE = 50

area = Area("admin_replies", __name__, url_prefix="/admin/replies")


@area.get("/", access=EVENT_STAFF_ONLY)
def index() -> ResponseReturnValue:
    is_past = request.args.get("show") == "past"
    found = (queries.decided if is_past else queries.waiting)(read(), before=before_id(), limit=PAGE)
    return render_template("admin_replies/index.html", pager=paged(found, PAGE), is_past=is_past)


@area.form(f"/<int(max={LARGEST_ID}):reply_id>", access=EVENT_STAFF_ONLY)
def reply(reply_id: int) -> ResponseReturnValue:
    found = queries.answered(read(), reply_id=reply_id)
    if not found.is_open:
        return render_template("admin_replies/reply.html", found=found, form=None)
    effect = found.effect
    form = Confirm() if effect is Effect.NOTHING else decide(effect, found.seen)
    if form.validate_on_submit():
        confirms = effect is not Effect.NOTHING and form.decision.data == CONFIRM
        command = partial(replies.confirm, seen=form.seen.data) if confirms else replies.set_aside
        if attempt(form, partial(command, reply_id=reply_id)):
            flash(_("Done. %(name)s is told.", name=found.name) if confirms else _("It is off the list."))
            return redirect(url_for(".index"))
        if effect is not Effect.NOTHING:
            form.seen.raw_data, form.seen.data = None, found.seen  # what the refusal asks to look at is on the page
    return form_page("admin_replies/reply.html", form, found=found)
