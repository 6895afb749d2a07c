"""Messages that staff hang on the dates of an event."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop import mail
from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.errors import NotFound
from cop.forms.rules import RemoveRule, SwitchRule, WriteRule
from cop.mail import Drawn
from cop.models.events import Event, EventState
from cop.models.outbox import Outbox
from cop.models.telling import MessageRule
from cop.queries import rules as queries
from cop.queries import staff_events
from cop.queries.rules import Recipient
from cop.services import rules as services
from cop.services.ready_made_rules import ready_made_for
from cop.services.rules import Terms
from cop.web import LARGEST_ID, Area, attempt, current_person, form_page, letter_page, read

RULE = f"<int(max={LARGEST_ID}):rule_id>"

area = Area("admin_rules", __name__, url_prefix="/admin/events/<slug>/messages")


@area.get("/", access=EVENT_EDITORS_ONLY)
def index(slug: str) -> ResponseReturnValue:
    event = _event(slug)
    found = queries.rules_of(read(), event)
    taken = {(rule.audience, rule.anchor, rule.after) for rule in found}
    ready_made = [
        one
        for one in ready_made_for(event.kind)
        if (one.terms.audience, one.terms.anchor, one.terms.after) not in taken
    ]
    return render_template(
        "admin_rules/index.html",
        event=event,
        rules=found,
        sent=queries.sent_by(read(), found),
        ready_made=ready_made,
    )


@area.form("/new", access=EVENT_EDITORS_ONLY)
def new(slug: str) -> ResponseReturnValue:
    """From nothing, or from a ready-made message that the address names."""
    event = _event(slug)
    chosen = next((one for one in ready_made_for(event.kind) if one.code == request.args.get("from")), None)
    form = WriteRule(data=WriteRule.as_asked(chosen.terms) if chosen else {"unit": "days", "side": "before"})
    form.suit(queries.AUDIENCES.get(event.kind, ()))
    if form.validate_on_submit():
        done = attempt(form, partial(services.add_rule, event_id=event.id, terms=_terms(form)))
        if done:
            flash(_("The message is saved. Nobody gets it until you switch it on."))
            return redirect(url_for(".rule", slug=slug, rule_id=done.result.id))
    return form_page("admin_rules/write.html", form, event=event, rule=None)


@area.form(f"/{RULE}", access=EVENT_EDITORS_ONLY)
def rule(slug: str, rule_id: int) -> ResponseReturnValue:
    """What it says and to whom; switched on and off here."""
    found = _rule(slug, rule_id)
    form = SwitchRule(data={"seen": found.revision})
    if form.validate_on_submit():
        is_on = form.act.data == "on"
        command = partial(services.switch_rule, rule_id=rule_id, seen=form.seen.data, active=is_on)
        if attempt(form, command):
            flash(_("The message is switched on.") if is_on else _("The message is switched off."))
            return redirect(url_for(".rule", slug=slug, rule_id=rule_id))
        found = _rule(slug, rule_id)
    recipients = queries.recipients(read(), found)
    chosen = recipients.chosen(request.args.get("as"))
    return form_page(
        "admin_rules/rule.html",
        form,
        event=found.event,
        rule=found,
        sent=queries.sent_by(read(), [found])[found.id],
        recipients=recipients,
        chosen=chosen,
        drawn=_drawn(found, chosen),
        moments=queries.moments(read(), found),
    )


@area.get(f"/{RULE}/html", access=EVENT_EDITORS_ONLY)
def as_html(slug: str, rule_id: int) -> ResponseReturnValue:
    found = _rule(slug, rule_id)
    drawn = _drawn(found, queries.recipients(read(), found).chosen(request.args.get("as")))
    if drawn is None:
        raise NotFound
    return letter_page(drawn.html)


@area.form(f"/{RULE}/edit", access=EVENT_EDITORS_ONLY)
def edit(slug: str, rule_id: int) -> ResponseReturnValue:
    found = _rule(slug, rule_id)
    form = WriteRule(data=WriteRule.as_asked(found))
    form.suit(queries.AUDIENCES.get(found.event.kind, ()))
    if form.validate_on_submit():
        command = partial(services.edit_rule, rule_id=rule_id, seen=_seen(form), terms=_terms(form))
        if attempt(form, command):
            flash(_("The message is saved."))
            return redirect(url_for(".rule", slug=slug, rule_id=rule_id))
        found = _rule(slug, rule_id)
    return form_page("admin_rules/write.html", form, event=found.event, rule=found)


@area.form(f"/{RULE}/remove", access=EVENT_EDITORS_ONLY)
def remove(slug: str, rule_id: int) -> ResponseReturnValue:
    found = _rule(slug, rule_id)
    form = RemoveRule(data={"seen": found.revision})
    if form.validate_on_submit():
        if attempt(form, partial(services.remove_rule, rule_id=rule_id, seen=form.seen.data)):
            flash(_("The message is removed."))
            return redirect(url_for(".index", slug=slug))
        found = _rule(slug, rule_id)
    return form_page("admin_rules/remove.html", form, event=found.event, rule=found)


def _event(slug: str) -> Event:
    return staff_events.staff_event(read(), slug=slug, to_edit=True).event


def _rule(slug: str, rule_id: int) -> MessageRule:
    return queries.rule_to_edit(read(), slug=slug, rule_id=rule_id)


def _drawn(found: MessageRule, recipient: Recipient | None) -> Drawn | None:
    """The letter as this recipient would read it, or as whoever looks would; None once the event is over and done."""
    person = current_person()
    person_id = recipient.person_id if recipient else person.id if person else None
    if found.event.state is EventState.CANCELLED:
        return None
    return mail.as_it_reads(
        read(), Outbox(template="event_reminder", person_id=person_id, params={"rule_id": found.id})
    )


def _terms(form: WriteRule) -> Terms:
    return Terms(form.audience.data, form.anchor.data, form.after, form.subject.data, form.body.data)


def _seen(form: WriteRule) -> int:
    return int(form.seen.data) if str(form.seen.data).isdecimal() else -1
