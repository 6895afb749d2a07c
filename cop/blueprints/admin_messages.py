"""What the service sent, what it could not send, whom staff have to call, and what would be sent."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop import mail
from cop.core.access import ADMIN_ONLY
from cop.core.errors import NotFound
from cop.forms.base import Confirm, choices
from cop.forms.messages import ChooseWhom, SearchMessages
from cop.mail import samples
from cop.queries import messages as queries
from cop.queries import people, reach
from cop.queries.messages import Shown
from cop.queries.samples import Sample
from cop.services import bounces, messages
from cop.web import LARGEST_ID, Area, attempt, before_id, form_page, letter_page, paged, read, run
from cop.web.templating import letter_name

PAGE = 50
PEOPLE = 10

MESSAGE = f"<int(max={LARGEST_ID}):outbox_id>"

area = Area("admin_messages", __name__, url_prefix="/admin/messages")


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    shown = next((item for item in Shown if item == request.args.get("show")), Shown.SENT)
    common = {"shown": shown, "lists": list(Shown), "counts": queries.counts(read())}
    if shown is Shown.TELL:
        pager = paged(queries.to_tell(read(), before=before_id(), limit=PAGE), PAGE)
        return render_template("admin_messages/to_tell.html", pager=pager, **common)
    form = SearchMessages(request.args)
    form.kind.choices = choices([("", _("All kinds")), *((kind, letter_name(kind)) for kind in mail.MESSAGES)])
    asked = form.asked()
    public_id = request.args.get("person")
    wanted = queries.Wanted(asked.get("kind"), asked.get("q", ""), public_id, asked.get("on"))
    found = queries.messages(read(), shown=shown, wanted=wanted, before=before_id(), limit=PAGE)
    return render_template(
        "admin_messages/index.html",
        pager=paged(found, PAGE),
        form=form,
        kept={name: value for name, value in request.args.items() if name not in {"show", "before"} and value},
        whose=people.profile(read(), public_id=public_id) if public_id else None,
        queue=queries.queue(read()),
        errors=queries.errors(read()) if shown is Shown.DEAD else (),
        **common,
    )


@area.get(f"/{MESSAGE}", access=ADMIN_ONLY)
def message(outbox_id: int) -> ResponseReturnValue:
    found = queries.message(read(), outbox_id=outbox_id)
    drawn = mail.as_it_reads(read(), found.message) if not found.is_kept_back else None
    return render_template("admin_messages/message.html", found=found, drawn=drawn)


@area.get(f"/{MESSAGE}/html", access=ADMIN_ONLY)
def message_as_html(outbox_id: int) -> ResponseReturnValue:
    found = queries.message(read(), outbox_id=outbox_id)
    drawn = mail.as_it_reads(read(), found.message) if not found.is_kept_back else None
    if drawn is None:
        raise NotFound
    return letter_page(drawn.html)


@area.post(f"/{MESSAGE}/retry", access=ADMIN_ONLY)
def retry(outbox_id: int) -> ResponseReturnValue:
    run(partial(messages.retry, outbox_id=outbox_id))
    flash(_("The message is in the queue again."))
    return redirect(url_for(".index", show=Shown.DEAD))


@area.post(f"/{MESSAGE}/retry-alike", access=ADMIN_ONLY)
def retry_alike(outbox_id: int) -> ResponseReturnValue:
    count = run(partial(messages.retry_alike, outbox_id=outbox_id))
    flash(ngettext("%(num)s message is in the queue again.", "%(num)s messages are in the queue again.", count))
    return redirect(url_for(".index", show=Shown.DEAD))


@area.post(f"/{MESSAGE}/told", access=ADMIN_ONLY)
def told(outbox_id: int) -> ResponseReturnValue:
    run(partial(messages.mark_told, outbox_id=outbox_id))
    flash(_("Noted. The person is off the list."))
    return redirect(url_for(".index", show=Shown.TELL))


@area.get("/bounces", access=ADMIN_ONLY)
def addresses() -> ResponseReturnValue:
    found = reach.addresses_that_bounce(read(), before=before_id(), limit=PAGE)
    return render_template("admin_messages/addresses.html", pager=paged(found, PAGE))


@area.post(f"/bounces/<int(max={LARGEST_ID}):bounce_id>/lift", access=ADMIN_ONLY)
def lift(bounce_id: int) -> ResponseReturnValue:
    address = run(partial(bounces.lift, bounce_id=bounce_id))
    flash(_("Mail goes to %(address)s again.", address=address))
    return redirect(url_for(".addresses"))


@area.form("/preview", access=ADMIN_ONLY)
def preview() -> ResponseReturnValue:
    """Step by step in the address: a kind of message, a person, and one of the things that it could be about."""
    form, test = _whom(), Confirm()
    asked = form.asked()
    kind = asked.get("kind", "")
    person = people.profile(read(), public_id=request.args["person"]) if request.args.get("person") else None
    about = samples.SAMPLES[kind](read(), person.id) if kind and person else []
    chosen = _chosen(about)
    drawn = samples.preview(read(), kind=kind, person_id=person.id, sample=chosen) if person and chosen else None
    if drawn and person and chosen and test.validate_on_submit():
        command = partial(messages.send_test, kind=kind, for_person=person.id, about=chosen.params)
        if attempt(test, command):
            flash(_("The test is on its way to you, and to nobody else."))
            return redirect(url_for(".preview", kind=kind, person=person.public_id, about=chosen.key))
    words = asked.get("q", "")
    return form_page(
        "admin_messages/preview.html",
        test,
        choose=form,
        kind=kind,
        words=words,
        people=people.listed(read(), words=words, limit=PEOPLE)[:PEOPLE] if words and not person else [],
        whose=person,
        about=about,
        chosen=chosen,
        drawn=drawn,
    )


@area.get("/preview/html", access=ADMIN_ONLY)
def preview_as_html() -> ResponseReturnValue:
    kind = _whom().asked().get("kind", "")
    person = people.profile(read(), public_id=request.args.get("person", ""))
    chosen = _chosen(samples.SAMPLES[kind](read(), person.id)) if kind else None
    drawn = samples.preview(read(), kind=kind, person_id=person.id, sample=chosen) if chosen else None
    if drawn is None:
        raise NotFound
    return letter_page(drawn.html)


def _whom() -> ChooseWhom:
    form = ChooseWhom(request.args)
    form.kind.choices = choices((kind, letter_name(kind)) for kind in samples.SAMPLES)
    return form


def _chosen(about: list[Sample]) -> Sample | None:
    """What the address names; where there is only one thing, that."""
    key = request.args.get("about")
    return about[0] if len(about) == 1 else next((sample for sample in about if sample.key == key), None)
