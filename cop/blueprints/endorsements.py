"""Somebody whom an applicant named says by a mailed link whether they support the application: no account is needed."""

from functools import partial

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC, Actor
from cop.forms.endorsements import Endorse
from cop.models.cohorts import EndorsementState
from cop.queries.cohorts import calls
from cop.queries.cohorts import endorsements as queries
from cop.services.cohorts import endorsements as services
from cop.web import Area, attempt, form_page, read

GONE = 410

BY_LINK = Actor(via="link")

area = Area("endorsements", __name__)


@area.form("/endorsements/<token>", access=PUBLIC)
def endorse(token: str) -> ResponseReturnValue:
    """What was typed too late is not lost: the page shows it with the reason why it was refused."""
    found = queries.endorsement_of_link(read(), token=token)
    if request.method == "GET" and not queries.can_be_answered(read(), found):
        page = render_template("endorsements/over.html", found=found, event=found.application.cohort.event)
        return page, GONE if found.state is EndorsementState.ASKED else 200
    form = Endorse()
    if form.validate_on_submit():
        supports = form.answer.data == "yes"
        answering = partial(services.answer, token=token, supports=supports, words=form.words.data or "")
        if attempt(form, answering, BY_LINK):
            return redirect(url_for(".endorse", token=token))
        found = queries.endorsement_of_link(read(), token=token)
    event = found.application.cohort.event
    return form_page(
        "endorsements/endorse.html",
        form,
        found=found,
        course=found.application.cohort,
        event=event,
        half_days=calls.half_days(event),
        can_be_answered=queries.can_be_answered(read(), found),
    )
