"""Requests under data protection law: asking, complaining, entering one, and the steps of dealing with it."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _

from cop.forms import dates
from cop.forms.base import Form, choices, dropdown, email, line, radios, text
from cop.forms.directory import Search
from cop.models.privacy import RequestKind, RequestWay, StoppedFor

KINDS = [
    (RequestKind.ACCESS, _("A copy of what you hold about me")),
    (RequestKind.CORRECTION, _("A correction of something that is wrong")),
    (RequestKind.ERASURE, _("Erasure of what you hold about me")),
    (RequestKind.OBJECTION, _("That you stop using my data in some way")),
    (RequestKind.RESTRICTION, _("That you keep my data and do not use them for now")),
    (RequestKind.PORTABILITY, _("My data in a form that another service can read")),
    (RequestKind.COMPLAINT, _("I want to complain about how you use my data")),
]
"""What somebody may ask for, in their own words."""

NAMES = [
    (RequestKind.ACCESS, _("Access")),
    (RequestKind.CORRECTION, _("Correction")),
    (RequestKind.ERASURE, _("Erasure")),
    (RequestKind.OBJECTION, _("Objection")),
    (RequestKind.RESTRICTION, _("Restriction")),
    (RequestKind.PORTABILITY, _("Portability")),
    (RequestKind.COMPLAINT, _("Complaint")),
]
"""What staff call them."""

WAYS = [
    (RequestWay.PHONE, _("Telephone")),
    (RequestWay.LETTER, _("Letter")),
    (RequestWay.EMAIL, _("E-mail")),
    (RequestWay.IN_PERSON, _("In person")),
]
"""How a request came that staff enter."""


class Ask(Form):
    kind = radios(_("What do you ask for?"), KINDS, required=_("Choose what you ask for"), coerce=RequestKind)
    asked_for = text(
        _("Tell us more"),
        hint=_("What it is about, and from which time if you know. Only the secretariat reads this."),
        required=_("Write a few words, so that we know what to do"),
        rows=8,
    )


class Complain(Form):
    name = line(_("Your name"), required=_("Enter your name"))
    email = email(
        _("Your e-mail address"),
        hint=_("We confirm your complaint there, and answer to it."),
        required=_("Enter your e-mail address"),
    )
    asked_for = text(
        _("What is your complaint?"),
        hint=_("What happened, when, and what you would like us to do. Only the secretariat reads this."),
        required=_("Write what your complaint is"),
        rows=8,
    )


class Enter(Form):
    kind = radios(_("Kind"), NAMES, required=_("Choose the kind"), coerce=RequestKind)
    came_by = radios(_("How did it come?"), WAYS, required=_("Choose how it came"), coerce=RequestWay)
    received_on = dates.day(
        _("On which day did it come?"),
        called=_("The day"),
        hint=_("The clock begins on this day, whenever it was read."),
        required=_("Enter the day on which it came"),
    )
    name = line(_("Name"), hint=_("As they gave it."), required=_("Enter their name"))
    email = email(_("E-mail address (optional)"), hint=_("We confirm it there, and send the answer."))
    contact = text(
        _("How else to reach them (optional)"), hint=_("A telephone number or a postal address."), most=500, rows=3
    )
    asked_for = text(_("What they ask for"), hint=_("In their words."), required=_("Write what they ask for"), rows=8)


class EnterForPerson(Form):
    """For somebody who has a record here: their name and address are known."""

    kind = radios(_("Kind"), NAMES, required=_("Choose the kind"), coerce=RequestKind)
    came_by = radios(_("How did it come?"), WAYS, required=_("Choose how it came"), coerce=RequestWay)
    received_on = dates.day(
        _("On which day did it come?"),
        called=_("The day"),
        hint=_("The clock begins on this day, whenever it was read."),
        required=_("Enter the day on which it came"),
    )
    asked_for = text(_("What they ask for"), hint=_("In their words."), required=_("Write what they ask for"), rows=8)


class Acknowledge(Form):
    words = text(
        _("Anything to add? (optional)"), hint=_("The person is told that you deal with it, and until when."), rows=4
    )


class Stop(Form):
    waits_for = radios(
        _("What do you need from them?"),
        [
            (StoppedFor.CLARIFICATION, _("To say more exactly what they want")),
            (StoppedFor.IDENTITY, _("To show who they are")),
        ],
        required=_("Choose what you need"),
        coerce=StoppedFor,
    )
    words = text(
        _("What do you ask them?"),
        hint=_("This is mailed to them. Ask for no more than you need."),
        required=_("Write what you ask them"),
    )


class Extend(Form):
    words = text(
        _("Why does it take longer?"),
        hint=_("This is mailed to them. The law allows it where a request is complex, or one of many of theirs."),
        required=_("Write why it takes longer"),
    )


class Note(Form):
    words = text(
        _("Your note"), hint=_("For whoever deals with it. The person is not told."), required=_("Write a note")
    )


class Answer(Form):
    words = text(
        _("Your answer"),
        hint=_("This is mailed to them. Say what you did, and what you did not do and why."),
        required=_("Write your answer"),
        rows=10,
    )


class Refuse(Form):
    words = text(
        _("Why do you refuse it?"),
        hint=_("This is mailed to them. They are told that they can go to the Information Commissioner’s Office."),
        required=_("Write why you refuse it"),
        rows=10,
    )


class Give(Form):
    handler = dropdown(_("Who deals with it"))

    def offer(self, handlers: Iterable[tuple[str, str]]) -> None:
        self.handler.choices = choices([("", _("Nobody yet")), *handlers])


def _kind(value: Any) -> RequestKind | None:
    return RequestKind(value) if value else None


class SearchRequests(Search):
    q = None
    kind = dropdown(_("Kind"), [("", _("All kinds")), *NAMES], coerce=_kind)
