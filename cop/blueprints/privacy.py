"""One's own privacy centre: what we hold and why, a copy of it, and erasure; and erasure by staff who were asked."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY, SIGNED_IN
from cop.forms.base import Confirm
from cop.forms.privacy import Erase
from cop.queries import accounts
from cop.queries.privacy import effects, holdings
from cop.queries.privacy.areas import ABOUT, OUT_OF_REACH
from cop.queries.privacy.held import Area as Held
from cop.queries.tasks import PERSON_COPY
from cop.services import erasing, tasks
from cop.web import Area, attempt, forget_person, form_page, read, run

area = Area("privacy", __name__)


@area.get("/account/privacy", access=SIGNED_IN)
def centre() -> ResponseReturnValue:
    return render_template(
        "privacy_centre/centre.html",
        profile=accounts.own_profile(read()),
        holdings=holdings.own(read()),
        about=ABOUT,
        areas=Held,
    )


@area.post("/account/privacy/copy", access=SIGNED_IN)
def copy() -> ResponseReturnValue:
    """Ask for the copy of everything; it is made as a task, whose page has the file."""
    if not Confirm().validate_on_submit():
        return redirect(url_for(".centre"))
    asked = run(partial(tasks.ask, kind=PERSON_COPY, title=_("A copy of what we hold about you"), params={}))
    return redirect(url_for("tasks.task", public_id=asked.public_id))


@area.form("/account/privacy/erase", access=SIGNED_IN, fresh=True)
def erase() -> ResponseReturnValue:
    found = effects.own(read())
    form = Erase()
    if form.validate_on_submit() and attempt(
        form, partial(erasing.erase_oneself, posts=erasing.Posts(form.posts.data))
    ):
        forget_person()
        flash(_("You are erased. We have sent a last message to your address."))
        return redirect(url_for("pages.home"))
    return form_page(
        "privacy_centre/erase.html", form, found=found, about=ABOUT, out_of_reach=OUT_OF_REACH, is_own=True
    )


@area.form("/admin/people/<public_id>/erase", access=ADMIN_ONLY, fresh=True)
def erase_person(public_id: str) -> ResponseReturnValue:
    found = effects.of_person(read(), public_id=public_id)
    form = Erase()
    form.posts.label.text = _("What should become of their posts in the forum?")
    command = partial(erasing.erase_person, public_id=public_id)
    if form.validate_on_submit() and attempt(form, partial(command, posts=erasing.Posts(form.posts.data))):
        flash(_("The person is erased."))
        return redirect(url_for("admin_directory.people"))
    return form_page(
        "privacy_centre/erase.html", form, found=found, about=ABOUT, out_of_reach=OUT_OF_REACH, is_own=False
    )
