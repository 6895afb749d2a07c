"""What people agree to: each by itself on their own page, and what staff note for those who said it elsewhere."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY, SIGNED_IN
from cop.core.errors import NotFound
from cop.forms.base import choices
from cop.forms.consents import PURPOSES, WAYS, NoteConsent
from cop.models.outbox import MailTopic
from cop.models.telling import How, Purpose
from cop.queries import consents as queries
from cop.queries import people, reach
from cop.services import consents
from cop.web import Area, attempt, form_page, read, run

WORDS = {"wording": queries.WORDING, "names": PURPOSES, "ways": WAYS, "purposes": list(Purpose)}

area = Area("consents", __name__)


@area.get("/account/consents", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    no_news = MailTopic.NEWS not in reach.wanted(read())
    return render_template("consents/index.html", ledger=queries.own(read()), no_news=no_news, **WORDS)


@area.post("/account/consents/<purpose>/give", access=SIGNED_IN)
def give(purpose: str) -> ResponseReturnValue:
    run(partial(consents.give, purpose=_purpose(purpose)))
    flash(_("Thank you. We have noted that you agree."))
    return redirect(url_for(".index"))


@area.post("/account/consents/<purpose>/withdraw", access=SIGNED_IN)
def withdraw(purpose: str) -> ResponseReturnValue:
    run(partial(consents.withdraw, purpose=_purpose(purpose)))
    flash(_("We have noted that you do not agree any more."))
    return redirect(url_for(".index"))


@area.form("/admin/people/<public_id>/consents", access=ADMIN_ONLY)
def of_person(public_id: str) -> ResponseReturnValue:
    found = people.profile(read(), public_id=public_id)
    ledger = queries.of_person(read(), person_id=found.id)
    form = NoteConsent()
    form.purpose.choices = choices(
        (item.value, queries.WORDING[item]) for item in Purpose if item not in ledger.standing
    )
    if form.validate_on_submit():
        command = partial(consents.note, public_id=public_id, purpose=Purpose(form.purpose.data))
        if attempt(form, partial(command, how=How(form.how.data))):
            flash(_("Noted: %(name)s agrees.", name=found.name))
            return redirect(url_for(".of_person", public_id=public_id))
    return form_page("consents/of_person.html", form, found=found, ledger=ledger, **WORDS)


@area.post("/admin/people/<public_id>/consents/<purpose>/withdraw", access=ADMIN_ONLY)
def note_withdrawal(public_id: str, purpose: str) -> ResponseReturnValue:
    run(partial(consents.note_withdrawal, public_id=public_id, purpose=_purpose(purpose)))
    flash(_("Noted: this is withdrawn."))
    return redirect(url_for(".of_person", public_id=public_id))


def _purpose(word: str) -> Purpose:
    if word not in set(Purpose):
        raise NotFound
    return Purpose(word)
