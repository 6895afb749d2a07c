"""What staff say about those who speak, whom they ask, and what those say about themselves."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from cop.forms import base
from cop.forms.accounts import ZONES
from cop.forms.programmes import Answers
from cop.forms.webinars import Revised


def _zone(label: Any) -> Any:
    return base.dropdown(
        label,
        [("", _("The United Kingdom")), *((zone, zone.replace("_", " ")) for zone in ZONES)],
        hint=_("The page tells the time there too."),
    )


def _id_or_none(value: Any) -> int | None:
    return int(value) if value else None


class EditSpeaker(Revised):
    name = base.line(_("Name"), required=_("Enter the name of the speaker"))
    email = base.email(
        _("E-mail address (optional)"),
        hint=_("Only to ask them for their words, a photo and their consent. It is shown nowhere."),
    )
    role_title = base.line(_("Role (optional)"))
    organisation = base.line(_("Organisation (optional)"))
    about = base.text(_("About the speaker (optional)"), hint=_("Two or three sentences for the page."), rows=4)
    timezone = _zone(_("Where do they speak from?"))
    part_id = base.dropdown(_("In which part? (optional)"), coerce=_id_or_none)

    def offer(self, parts: Iterable[tuple[int, str]]) -> None:
        """The parts to choose from; of an event with a single one this is not asked."""
        self.part_id.choices = base.choices([("", _("No part of its own")), *parts])
        if len(self.part_id.choices) <= 2:  # noqa: PLR2004  none, and the only one
            del self.part_id

    def answers(self) -> dict[str, Any]:
        return {**super().answers(), "timezone": self.timezone.data or None}


class AskSpeakers(Revised):
    speaker_ids = base.ticks(_("Whom do you ask?"), coerce=int)

    def offer(self, pairs: Iterable[tuple[int, str]]) -> None:
        self.speaker_ids.choices = base.choices(pairs)

    def validate_speaker_ids(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Choose whom to ask"))


class SpeakForYourself(Answers):
    """``seen`` is what the page showed."""

    role_title = base.line(_("Your role (optional)"))
    organisation = base.line(_("Your organisation (optional)"))
    about = base.text(
        _("About you (optional)"), hint=_("Two or three sentences, as others would introduce you."), rows=4
    )
    abstract = base.text(
        _("What you will talk about (optional)"),
        hint=_("A few sentences for people who decide whether to come. Leave a line between paragraphs."),
        rows=6,
    )
    timezone = _zone(_("Where do you speak from?"))
    photo = base.upload(
        _("A photo of you (optional)"),
        hint=_("JPEG or PNG, of at most 5 MB. We remove what the camera noted, such as the place."),
    )
    photo_alt = base.line(
        _("What does the photo show? (optional)"),
        hint=_("For people who do not see it, such as “Maren, smiling, in front of a bookshelf”."),
    )
    removes_photo = base.tick(_("Show no photo any more"))
    may_record = base.radios(
        _("May we record you?"),
        (
            ("yes", _("Yes: the recording may stand on the page of the event")),
            ("no", _("No: do not record me")),
        ),
        required=_("Choose whether we may record you"),
    )
    seen = base.hidden_number(required=_("Open this page anew"))

    @classmethod
    def of(cls, speaker: Any, seen: int) -> "SpeakForYourself":
        said = {True: "yes", False: "no", None: None}[speaker.may_record]
        fields = ("role_title", "organisation", "about", "abstract", "timezone", "photo_alt")
        form = cls(data={**{name: getattr(speaker, name) for name in fields}, "may_record": said, "seen": seen})
        if speaker.photo is None:
            del form.removes_photo
        return form

    def answers(self) -> dict[str, Any]:
        photo = self.photo.data if self.photo.data and self.photo.data.filename else None
        return {
            **super().answers(),
            "timezone": self.timezone.data or None,
            "may_record": self.may_record.data == "yes",
            "photo": photo.stream if photo else None,
        }
