"""What staff say about an event, its slots and its days; one form for each page of the task list."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from cop.forms import dates
from cop.forms.base import (
    choices,
    dropdown,
    hidden_number,
    hidden_word,
    line,
    radios,
    text,
    tick,
    ticks,
    whole_number,
)
from cop.forms.programmes import ADDRESS_HINT, Answers
from cop.forms.sure import Sure, note
from cop.models.events import EventKind, Visibility

Choices = Iterable[tuple[int, str]]

PLACES_MOST = 10_000
PARTY_MOST = 100

VISIBILITIES = (
    (Visibility.PUBLIC.value, _("Public: in the lists and in the calendar")),
    (Visibility.UNLISTED.value, _("Unlisted: for people who have the link")),
    (Visibility.INVITED.value, _("Invited: for people whom staff book")),
)

NO_LIMIT = _("Without an answer there is no limit.")
WINDOW_HINT = _("Without an answer there is no limit. A time looks like 10:30 or 2pm.")


def _id_or_none(value: Any) -> int | None:
    return int(value) if value else None


class EditDetails(Answers):
    title = line(_("Title"), required=_("Enter a title"))
    summary = text(
        _("Summary"),
        hint=_("One or two sentences for lists, mails and calendars."),
        required=_("Enter a summary"),
        most=500,
        rows=3,
    )
    description = text(
        _("Description (optional)"),
        hint=_("What people will see and do. Leave a line between paragraphs."),
        rows=8,
    )
    series_id = dropdown(_("Series"), coerce=_id_or_none)
    visibility = radios(_("Who can see it?"), VISIBILITIES, required=_("Choose who can see it"))

    def __init__(self, series: Choices, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.series_id.choices = choices([("", _("Not part of a series")), *series])

    @classmethod
    def of(cls, event: Any, series: Choices) -> "EditDetails":
        """The form as the event stands; nobody is asked who sees a meet-up: it is for alumni."""
        form = cls(series, obj=event)
        if event.kind is EventKind.MEET_UP:
            del form.series_id, form.visibility
        return form

    def answers(self) -> dict[str, Any]:
        said = super().answers()
        return {**said, "visibility": Visibility(said["visibility"])} if "visibility" in said else said


class NewVisit(Answers):
    programme_id = dropdown(_("Programme"), coerce=int)
    title = line(_("Title"), required=_("Enter a title"))
    summary = text(
        _("Summary"),
        hint=_("One or two sentences for lists, mails and calendars."),
        required=_("Enter a summary"),
        most=500,
        rows=3,
    )
    slug = line(_("Web address (optional)"), hint=ADDRESS_HINT, most=80)

    def __init__(self, programmes: Choices) -> None:
        super().__init__()
        self.programme_id.choices = choices(programmes)


class EditPracticalities(Sure):
    place = line(_("Place"), hint=_("Name, street, town and postcode."), most=300)
    map_url = line(
        _("Link to a map (optional)"),
        hint=_("For example https://www.openstreetmap.org/… with a mark at the door."),
        most=2_000,
    )
    getting_there = text(_("How to get there"), hint=_("By train, bus, bicycle and car."))
    parking = text(_("Parking (optional)"), hint=_("Where, what it costs, and spaces for Blue Badge holders."), rows=3)
    step_free = text(
        _("Step-free access"),
        hint=_("The way in, lifts, toilets, and where there are steps. Say it when there is none."),
    )
    bring = text(_("What to bring (optional)"), rows=3)
    contact = text(
        _("Who to ask for (optional)"),
        hint=_("A name and a phone number for the day. Only those who booked see it."),
        most=500,
        rows=2,
    )
    safety = text(
        _("Safety (optional)"),
        hint=_("Fire exits, where to meet, and what to mind in the building. Only those who booked see it."),
        rows=3,
    )
    note = note()

    @classmethod
    def of(cls, event: Any) -> "EditPracticalities":
        """The form as the event stands; only visits have a pack that says whom to ask for."""
        form = cls(obj=event)
        if event.kind is not EventKind.VISIT:
            del form.contact, form.safety
        return form


class EditRules(Answers):
    party_max = whole_number(
        _("Most people in one booking"),
        least=1,
        most=PARTY_MOST,
        required=_("Enter how many people one booking may be for"),
    )
    capacity = whole_number(
        _("Places over all slots (optional)"),
        hint=_("Only where the slots and days do not set the limits."),
        least=1,
        most=PLACES_MOST,
    )
    opens_at = dates.moment(_("When does booking open? (optional)"), called=_("The opening"), hint=WINDOW_HINT)
    closes_at = dates.moment(_("When does booking close? (optional)"), called=_("The close"), hint=WINDOW_HINT)
    change_until = dates.moment(
        _("Until when can people change or cancel? (optional)"), called=_("The last change"), hint=WINDOW_HINT
    )

    MOMENTS = ("opens_at", "closes_at", "change_until")

    @classmethod
    def of(cls, event: Any, zone: ZoneInfo) -> "EditRules":
        """The form as the event stands, with its moments on the wall clock of ``zone``."""
        walls = {name: dates.on_the_wall(getattr(event, name), zone) for name in cls.MOMENTS}
        form = cls(data={"party_max": event.party_max, "capacity": event.capacity, **walls})
        if event.kind is not EventKind.VISIT:
            del form.party_max
            form.capacity.label.text, form.capacity.description = _("Places (optional)"), NO_LIMIT
        return form

    def answers_in(self, zone: ZoneInfo) -> dict[str, Any]:
        return {**self.answers(), **{name: dates.instant_of(self[name].data, zone) for name in self.MOMENTS}}


class AddSlots(Answers):
    on_date = dates.day(_("Date"), called=_("Visit date"), required=_("Enter the date of the visit"))
    first_start = dates.time_of_day(
        _("When does the first slot begin?"),
        called=_("The first slot"),
        hint=_("For example, 10:30 or 2pm."),
        required=_("Enter when the first slot begins"),
    )
    length_minutes = whole_number(
        _("Minutes in each slot"), least=5, most=720, default=60, required=_("Enter how many minutes a slot lasts")
    )
    count = whole_number(
        _("How many slots?"), least=1, most=48, default=1, required=_("Enter how many slots there are")
    )
    gap_minutes = whole_number(
        _("Minutes between slots"), least=0, most=720, default=0, required=_("Enter the minutes between slots, or 0")
    )
    capacity = whole_number(_("Places in each slot (optional)"), hint=NO_LIMIT, least=1, most=PLACES_MOST)


class EditSlot(Sure):
    on_date = dates.day(_("Date"), called=_("Visit date"), required=_("Enter the date of the visit"))
    start = dates.time_of_day(
        _("Begins at"),
        called=_("The beginning"),
        hint=_("For example, 10:30 or 2pm."),
        required=_("Enter when it begins"),
    )
    end = dates.time_of_day(_("Ends at"), called=_("The end"), required=_("Enter when it ends"))
    title = line(_("Title (optional)"), hint=_("Leave it blank to name the slot by its day and time."))
    place = line(_("Place (optional)"), hint=_("Only where it differs from the place of the visit."), most=300)
    capacity = whole_number(_("Places (optional)"), hint=NO_LIMIT, least=1, most=PLACES_MOST)
    note = note()
    seen = hidden_number(required=_("Open this page anew"))


class LimitDay(Answers):
    capacity = whole_number(
        _("Places on this day (optional)"),
        hint=_("Over all its slots together. Without an answer the slots alone set the limit."),
        least=1,
        most=PLACES_MOST,
    )


class AddBlackout(Answers):
    first_on = dates.day(_("First day"), required=_("Enter the first day"))
    last_on = dates.day(_("Last day (optional)"), called=_("The last day"), hint=_("Leave it blank for a single day."))
    reason = line(_("Reason (optional)"), hint=_("Staff who plan a slot on such a day read it."))
    for_all = tick(_("For all visits of the programme"))


class ChooseOnline(Answers):
    online_event_id = dropdown(_("Where can people take part online?"), coerce=_id_or_none)

    def offer(self, pairs: Choices) -> None:
        self.online_event_id.choices = choices([("", _("Nowhere")), *pairs])


class AskHost(Answers):
    person_id = dropdown(_("Who could receive the visitors?"), coerce=_id_or_none, required=_("Choose a person"))
    part_ids = ticks(_("For which slots?"), coerce=int)

    def offer(self, people: Choices, slots: Choices) -> None:
        self.person_id.choices = choices([("", _("Choose a person")), *people])
        self.part_ids.choices = choices(slots)

    def validate_part_ids(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Choose at least one slot"))


class StandDown(Answers):
    slot_host_id = hidden_number(required=_("Choose a person from the list"))
    seen = hidden_word(["yes", "no"])


class CallOff(Sure):
    reason = text(
        _("Reason"),
        hint=_("Everybody who has booked reads this in their message."),
        required=_("Enter the reason, so that people know why"),
        most=500,
        rows=3,
    )


class CallOffPart(CallOff):
    offer_others = tick(
        _("Name the other times of this visit in the message"), hint=_("Those that still have places when it is sent.")
    )


class CallOffEvent(CallOff):
    instead_event_id = dropdown(
        _("Is there another date, or something online instead? (optional)"),
        hint=_("The message and the page of the cancelled event lead there."),
        coerce=_id_or_none,
    )

    def offer(self, pairs: Choices) -> None:
        """The other dates to choose from; without any the question is not asked."""
        self.instead_event_id.choices = choices([("", _("None")), *pairs])
        if len(self.instead_event_id.choices) == 1:
            del self.instead_event_id
