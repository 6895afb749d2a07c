"""Registering for webinars, and what staff say about one; one form for each page of its task list."""

from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from cop.forms import base, dates
from cop.forms.events import WINDOW_HINT, NewVisit
from cop.forms.programmes import Answers
from cop.forms.sure import Sure, note
from cop.models.events import Event, Part
from cop.models.webinars import LinkKind

NEEDS_MOST = 2_000
QUESTION_MOST = 1_000

READERS_ZONES = (
    ("America/Vancouver", _("Vancouver")),
    ("America/Toronto", _("Guelph and Toronto")),
    ("America/Sao_Paulo", _("São Paulo")),
    ("Europe/Paris", _("Paris")),
    ("Africa/Lagos", _("Lagos")),
    ("Africa/Nairobi", _("Nairobi")),
    ("Asia/Kolkata", _("Delhi and Mumbai")),
    ("Australia/Sydney", _("Sydney")),
)
"""Where readers who are signed out may say that they are; an account knows all zones."""

LINK_KINDS = ((LinkKind.RECORDING.value, _("Recording")), (LinkKind.RESOURCE.value, _("Resource")))


def _needs() -> Any:
    return base.text(
        _("Access needs (optional)"),
        hint=_(
            "For example captions, a BSL interpreter or slides in advance. Stored encrypted, and read by staff only."
        ),
        most=NEEDS_MOST,
        rows=3,
    )


def _question() -> Any:
    return base.text(
        _("What would you like to ask the speakers? (optional)"),
        hint=_("Staff read it with your name, and pass it on without."),
        most=QUESTION_MOST,
        rows=3,
    )


class Register(base.Form):
    needs = _needs()
    question = _question()
    submit = base.button(_("Register"))


class RegisterForSeveral(base.Form):
    webinars = base.ticks(_("Which webinars?"), coerce=int)
    needs = _needs()
    question = _question()
    submit = base.button(_("Register"))

    def offer(self, pairs: Iterable[tuple[int, str]]) -> None:
        self.webinars.choices = base.choices(pairs)

    def validate_webinars(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Choose at least one webinar"))


class RegisterByMail(RegisterForSeveral):
    email = base.email(
        _("E-mail address"),
        hint=_("We send a link there, with which you confirm that you are coming."),
        required=_("Enter your e-mail address"),
    )
    name = base.line(_("Full name"), required=_("Enter your full name"))
    organisation = base.line(_("Organisation (optional)"), hint=_("The council or organisation that you come from."))


class NewWebinar(NewVisit):
    pass


class Revised(Answers):
    """A form about a webinar as somebody saw it: ``seen`` is its revision."""

    seen = base.hidden_number(required=_("Open this page anew"))


class EditSession(Revised, Sure):
    on_date = dates.day(_("Date"), called=_("The date"), required=_("Enter the date of the webinar"))
    start = dates.time_of_day(
        _("Begins at"),
        called=_("The beginning"),
        hint=_("UK time. For example, 12:30 or 2pm."),
        required=_("Enter when it begins"),
    )
    end = dates.time_of_day(_("Ends at"), called=_("The end"), required=_("Enter when it ends"))
    join_url = base.line(
        _("Joining address (optional)"),
        hint=_("The address of the meeting, from Teams or Zoom. Nobody sees it but who presses the button to join."),
        most=2_000,
    )
    join_opens_minutes = base.whole_number(
        _("How many minutes before the start can people join?"),
        least=0,
        most=10_080,
        required=_("Enter how many minutes before the start people can join"),
    )
    note = note()

    @classmethod
    def of(cls, event: Event, part: Part | None, zone: ZoneInfo, seen: int) -> "EditSession":
        """The form as the webinar stands, by the clock of the place."""
        values: dict[str, Any] = {"seen": seen, "join_opens_minutes": event.join_opens_minutes}
        if part is not None:
            starts, ends = part.starts_at.astimezone(zone), part.ends_at.astimezone(zone)
            values |= {"on_date": starts.date(), "start": starts.time(), "end": ends.time(), "join_url": part.join_url}
        return cls(data=values)


class EditAccess(Revised):
    access = base.text(
        _("What access is there for everybody? (optional)"),
        hint=_("For example live captions, a BSL interpreter, slides sent in advance. Say it when there is none."),
        rows=4,
    )
    needs_until = dates.moment(
        _("Until when can people ask for more and count on it? (optional)"),
        called=_("The deadline"),
        hint=WINDOW_HINT,
    )

    @classmethod
    def of(cls, event: Event, zone: ZoneInfo, seen: int) -> "EditAccess":
        until = dates.on_the_wall(event.needs_until, zone)
        return cls(data={"seen": seen, "access": event.step_free, "needs_until": until})

    def answers_in(self, zone: ZoneInfo) -> dict[str, Any]:
        return {**self.answers(), "needs_until": dates.instant_of(self.needs_until.data, zone)}


class EditLink(Revised):
    kind = base.radios(_("What is it?"), LINK_KINDS, required=_("Choose what it is"))
    title = base.line(_("Title"), hint=_("What people read, such as “Slides”."), required=_("Enter a title"))
    url = base.line(_("Web address"), required=_("Enter the web address"), most=2_000)
    sure = base.tick(
        _("They agreed to it since, or are not to be seen and heard in it"),
        hint=_("Only for a recording, because somebody who spoke said no to being recorded."),
    )

    def unless_refused(self, refused: Sequence[str]) -> None:
        """Nobody is asked to be sure where nobody said no."""
        if not refused:
            del self.sure

    def answers(self) -> dict[str, Any]:
        return {**super().answers(), "kind": LinkKind(self.kind.data)}
