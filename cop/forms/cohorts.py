"""What applicants say before they apply, and what staff say about a course and the lists of which it is made."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from wtforms import HiddenField
from wtforms.validators import ValidationError

from cop.core.questions import Kind
from cop.forms import base, dates
from cop.forms.accounts import SECTORS
from cop.forms.base import choices, dropdown, line, radios, text, tick, whole_number
from cop.forms.programmes import ADDRESS_HINT, Answers
from cop.forms.sure import Sure, note
from cop.models.organisations import Membership
from cop.models.regions import Region

Choices = Iterable[tuple[int, str]]

PLACES_MOST = 1_000
OPTIONS_MOST = 30
LEVELS = 5

YES_NO = (("yes", _("Yes")), ("no", _("No")))


class Screening(base.Form):
    """Yes or no to each question that is asked before an application."""

    QUESTIONS: tuple[str, ...] = ()

    submit = base.button(_("Continue"))

    def given(self) -> list[str]:
        return [self[name].data for name in self.QUESTIONS]


def screening_form(questions: Sequence[str]) -> Screening:
    names = tuple(f"question_{number}" for number in range(len(questions)))
    fields = {
        name: radios(words, YES_NO, required=_("Choose yes or no"))
        for name, words in zip(names, questions, strict=True)
    }
    made: Screening = type("ScreeningPage", (Screening,), {**fields, "QUESTIONS": names})()
    return made


class NewCourse(Answers):
    programme_id = dropdown(_("Programme"), coerce=int)
    title = line(_("Title"), required=_("Enter a title"))
    summary = text(
        _("Summary"),
        hint=_("One or two sentences for lists, mails and calendars."),
        required=_("Enter a summary"),
        most=500,
        rows=3,
    )
    capacity = whole_number(
        _("Places"), least=1, most=PLACES_MOST, default=15, required=_("Enter how many places there are")
    )
    slug = line(_("Web address (optional)"), hint=ADDRESS_HINT, most=80)

    def __init__(self, programmes: Choices) -> None:
        super().__init__()
        self.programme_id.choices = choices(programmes)


class EditCall(Answers):
    involves = text(
        _("What is involved"),
        hint=_("What people do on the course, what it costs them in time, and what is paid for."),
        required=_("Enter what is involved"),
        rows=7,
    )
    eligibility = text(_("Who can apply"), required=_("Enter who can apply"), rows=5)
    selecting = text(
        _("How you select"),
        hint=_("Who reads the applications and how you choose. The criteria stand below it by themselves."),
        required=_("Enter how you select"),
        rows=5,
    )
    decisions_on = dates.day(_("By when do you tell applicants? (optional)"), called=_("The day of the decisions"))
    offer_days = whole_number(
        _("Days to answer an offer"), least=1, most=60, required=_("Enter how many days people have to answer")
    )
    half_days_needed = whole_number(
        _("Half-days needed to complete the course (optional)"),
        hint=_("Without an answer three of four are needed, and all where there are fewer."),
        least=1,
        most=100,
    )
    seen = HiddenField()


class EditPlaces(Answers):
    capacity = whole_number(
        _("Places"),
        hint=_("Never more people than this are offered a place at one time."),
        least=1,
        most=PLACES_MOST,
        required=_("Enter how many places there are"),
    )
    minimum = whole_number(
        _("Fewest people with whom the course takes place"),
        least=1,
        most=PLACES_MOST,
        required=_("Enter the fewest people with whom the course takes place"),
    )


class EditWindow(Answers):
    opens_at = dates.moment(
        _("When do applications open?"), called=_("The opening"), hint=_("A time looks like 10:30 or 2pm.")
    )
    closes_at = dates.moment(
        _("When do applications close?"),
        called=_("The close"),
        hint=_("Until then people can change and submit. Those with a draft are reminded two days before."),
    )

    MOMENTS = ("opens_at", "closes_at")

    @classmethod
    def of(cls, event: Any, zone: ZoneInfo) -> "EditWindow":
        """The form as the event stands, with its moments on the wall clock of ``zone``."""
        return cls(data={name: dates.on_the_wall(getattr(event, name), zone) for name in cls.MOMENTS})

    def answers_in(self, zone: ZoneInfo) -> dict[str, Any]:
        return {name: dates.instant_of(self[name].data, zone) for name in self.MOMENTS}


class EnterApplication(base.Form):
    """For whom staff enter an application."""

    name = line(_("Full name"), required=_("Enter the person’s full name"))
    email = base.email(
        _("E-mail address (optional)"),
        hint=_("Without one, nobody is mailed: what the person should know stands under “To tell”."),
    )
    phone = base.telephone(
        _("Phone number (optional)"), hint=_("By name and number we know somebody without e-mail again.")
    )
    organisation = line(_("Organisation (optional)"), hint=_("Its name as it stands in the directory of members"))
    sector = dropdown(
        _("How they come to the programme"), [("", _("Choose one")), *SECTORS], required=_("Choose one from the list")
    )
    submit = base.button(_("Begin the application"))


class SaySector(base.Form):
    sector = radios(_("How do they come to the programme?"), SECTORS, required=_("Choose one from the list"))
    submit = base.button(_("Save"))


class EditHalfDay(Sure):
    title = line(_("Title"), hint=_("For example, “Day 1 morning”."), required=_("Enter a title"))
    on_date = dates.day(_("Date"), called=_("The date"), required=_("Enter the date"))
    start = dates.time_of_day(
        _("Begins at"),
        called=_("The beginning"),
        hint=_("For example, 10:30 or 2pm."),
        required=_("Enter when it begins"),
    )
    end = dates.time_of_day(_("Ends at"), called=_("The end"), required=_("Enter when it ends"))
    place = line(_("Place (optional)"), hint=_("Only where it differs from the place of the course."), most=300)
    note = note()


class EditEntry(base.Form):
    """One entry of a list. ``seen`` is the version of the list that the page was made from."""

    seen = HiddenField()

    def entry(self) -> dict[str, Any]:
        """The entry as the list keeps it."""
        return {name: field.data for name, field in self._fields.items() if name not in {"csrf_token", "seen"}}


class EditScreening(EditEntry):
    question = line(
        _("Question"), hint=_("One that can be answered with yes or no."), required=_("Enter the question"), most=300
    )
    needed = radios(_("Which answer is needed to apply?"), YES_NO, required=_("Choose which answer is needed"))
    otherwise = text(
        _("What do you tell people who answer otherwise?"),
        hint=_("Say kindly why. Other ways to take part are shown by themselves."),
        required=_("Enter what you tell people who answer otherwise"),
        most=500,
        rows=3,
    )


KINDS = (
    (Kind.SECTION.value, _("Heading: begins a new section")),
    (Kind.TEXT.value, _("Longer answer")),
    (Kind.LINE.value, _("One line")),
    (Kind.NUMBER.value, _("Whole number")),
    (Kind.CHOICE.value, _("One of several options")),
    (Kind.CHOICES.value, _("Any of several options")),
    (Kind.SCALE.value, _("Scale from 0 to 10")),
    (Kind.RATING.value, _("Rating in words, from lowest to highest")),
)
WITH_OPTIONS = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.RATING})
WITH_WORDS = frozenset({Kind.TEXT, Kind.LINE})


class EditQuestion(EditEntry):
    kind = radios(_("What kind of answer?"), KINDS, required=_("Choose what kind of answer you ask for"))
    text = base.text(_("Question or heading"), required=_("Enter the question or heading"), most=500, rows=2)
    hint = base.text(_("Hint (optional)"), most=500, rows=2)
    words = whole_number(_("Most words (optional)"), hint=_("For longer answers and lines only."), least=1, most=2_000)
    options = base.text(
        _("Options (optional)"),
        hint=_("One on each line. For options and ratings only."),
        most=3_000,
        rows=5,
    )
    required = tick(_("An answer is needed"))

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "EditQuestion":
        labels = [label for _value, label in entry.get("options", ())] or entry.get("labels", ())
        return cls(data={**entry, "options": "\n".join(labels)})

    def validate_options(self, field: Any) -> None:
        options = self.option_lines()
        if self.kind.data in WITH_OPTIONS and len(set(options)) < 2:  # noqa: PLR2004  a choice is between two
            raise ValidationError(_("Enter at least two different options, one on each line"))
        if len(options) > OPTIONS_MOST:
            raise ValidationError(_("Enter %(most)s options or fewer", most=OPTIONS_MOST))
        if any(len(option) > base.LINE for option in options):
            raise ValidationError(_("Use %(most)s characters or fewer in each option", most=base.LINE))

    def option_lines(self) -> list[str]:
        lines = [option.strip() for option in (self.options.data or "").splitlines()]
        return list(dict.fromkeys(option for option in lines if option))

    def entry(self) -> dict[str, Any]:
        kind = Kind(self.kind.data)
        options = self.option_lines()
        return {
            "kind": kind.value,
            "text": self.text.data,
            "hint": self.hint.data or "",
            "required": bool(self.required.data) and kind is not Kind.SECTION,
            "words": self.words.data if kind in WITH_WORDS else None,
            "labels": options if kind is Kind.RATING else [],
            "options": [[option, option] for option in options] if kind in {Kind.CHOICE, Kind.CHOICES} else [],
        }


class EditCriterion(EditEntry):
    title = line(_("Title"), required=_("Enter a title"))
    about = text(_("What is looked for"), required=_("Enter what is looked for"), most=1_000, rows=3)
    weight = whole_number(
        _("Weight"),
        hint=_("A criterion of weight 2 counts twice as much as one of weight 1."),
        least=1,
        most=10,
        default=1,
        required=_("Enter the weight"),
    )
    level_1 = text(_("What a score of 1 looks like (poor)"), required=_("Enter what a 1 looks like"), most=500, rows=2)
    level_2 = text(_("What a score of 2 looks like"), required=_("Enter what a 2 looks like"), most=500, rows=2)
    level_3 = text(_("What a score of 3 looks like"), required=_("Enter what a 3 looks like"), most=500, rows=2)
    level_4 = text(_("What a score of 4 looks like"), required=_("Enter what a 4 looks like"), most=500, rows=2)
    level_5 = text(
        _("What a score of 5 looks like (strong)"), required=_("Enter what a 5 looks like"), most=500, rows=2
    )

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "EditCriterion":
        levels = {f"level_{number}": words for number, words in enumerate(entry.get("levels", ()), start=1)}
        return cls(data={**entry, **levels})

    def entry(self) -> dict[str, Any]:
        levels = [self[f"level_{number}"].data for number in range(1, LEVELS + 1)]
        return {
            "title": self.title.data,
            "about": self.about.data,
            "weight": self.weight.data,
            "levels": levels,
        }


MEMBERSHIPS = {
    Membership.FULL.value: _("From full members"),
    Membership.ASSOCIATE.value: _("From associate members"),
    Membership.AFFILIATE.value: _("From affiliates"),
    Membership.SUPPORTER.value: _("From supporters"),
}
NEWER = {"yes": _("Newer members of the network"), "no": _("Longer members of the network")}
RURAL = {"yes": _("From rural places"), "no": _("From places that are not rural")}

NAMES: Mapping[str, Mapping[str, Any]] = {
    "sector": dict(SECTORS),
    "membership": MEMBERSHIPS,
    "newer_member": NEWER,
    "rural": RURAL,
}


def group_name(attribute: str, value: str) -> Any:
    """What the people of a target are called; regions have their own names."""
    return NAMES.get(attribute, {}).get(value, value)


GROUPS = [
    *((f"sector:{value}", label) for value, label in SECTORS),
    *((f"region:{region.value}", region.value) for region in Region),
    *((f"membership:{value}", label) for value, label in MEMBERSHIPS.items()),
    *((f"newer_member:{value}", label) for value, label in NEWER.items()),
    *((f"rural:{value}", label) for value, label in RURAL.items()),
]


class EditTarget(EditEntry):
    group = dropdown(_("Group"), [("", _("Choose a group")), *GROUPS], required=_("Choose a group"))
    minimum = whole_number(_("At least (optional)"), least=0, most=PLACES_MOST)
    maximum = whole_number(_("At most (optional)"), least=0, most=PLACES_MOST)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "EditTarget":
        group = f"{entry['attribute']}:{entry['value']}"
        return cls(data={"group": group, "minimum": entry["minimum"], "maximum": entry["maximum"]})

    def validate_maximum(self, field: Any) -> None:
        if self.minimum.data is None and field.data is None:
            raise ValidationError(_("Enter at least or at most how many"))
        if self.minimum.data is not None and field.data is not None and field.data < self.minimum.data:
            raise ValidationError(_("“At most” cannot be less than “at least”"))

    def entry(self) -> dict[str, Any]:
        attribute, _colon, value = self.group.data.partition(":")
        return {
            "attribute": attribute,
            "value": value,
            "minimum": self.minimum.data,
            "maximum": self.maximum.data,
        }
