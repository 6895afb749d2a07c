"""Lists of those who come: for the caterer, for access, and for the door. Callers have checked that staff ask."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select

from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.events import Arrangement, Booking, BookingState, Entry, EntryStatus, Event, Part
from cop.models.organisations import Organisation
from cop.models.summits import PartKind
from cop.queries.summits.needs import Needs, needs_from

LIVE_PRIMARY = and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))


@dataclass(frozen=True)
class WithNeeds:
    """Somebody who comes, with what they said; ``profile`` is what stands in their profile where they said nothing."""

    name: str
    organisation: str | None
    needs: Needs
    profile: str = ""


@dataclass(frozen=True)
class NeedsList:
    """How many come, how often each thing is asked for, and who asked for anything."""

    coming: int
    counts: Mapping[str, int]
    people: Sequence[WithNeeds]


def caterer_list(read: Reading, event: Event) -> NeedsList:
    """What those who come cannot or do not eat; nothing else about them is decrypted."""
    rows = read.session.execute(
        select(Person.name, _organisation().label("organisation"), Arrangement.diet)
        .select_from(Booking)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(Affiliation, LIVE_PRIMARY)
        .outerjoin(Arrangement, Arrangement.booking_id == Booking.id)
        .where(Booking.event_id == event.id, Booking.state == BookingState.LIVE)
        .order_by(Person.name, Booking.id)
    ).all()
    everybody = [WithNeeds(row.name, row.organisation, needs_from(None, row.diet)) for row in rows]
    people = [person for person in everybody if person.needs.has_diet]
    counts = Counter(word for person in people for word in (*person.needs.ways, *person.needs.allergens))
    return NeedsList(len(everybody), counts, people)


def access_list(read: Reading, event: Event) -> NeedsList:
    """What those who come need to take part; whoever answered without a word on it is listed with their profile."""
    rows = read.session.execute(
        select(Person.name, _organisation().label("organisation"), Arrangement.access, Person.needs)
        .select_from(Booking)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(Affiliation, LIVE_PRIMARY)
        .outerjoin(Arrangement, Arrangement.booking_id == Booking.id)
        .where(Booking.event_id == event.id, Booking.state == BookingState.LIVE)
        .order_by(Person.name, Booking.id)
    ).all()
    everybody = [
        WithNeeds(row.name, row.organisation, needs_from(row.access, None), "" if row.access else row.needs or "")
        for row in rows
    ]
    people = [person for person in everybody if person.needs.has_access or person.profile]
    counts = Counter(word for person in people for word in person.needs.needs)
    return NeedsList(len(everybody), counts, people)


@dataclass(frozen=True)
class AtTheDoor:
    name: str
    organisation: str | None
    breakouts: Sequence[str]


def door_list(read: Reading, event: Event) -> Sequence[AtTheDoor]:
    """Everybody who comes, by name, with the breakouts that they chose."""
    rows = read.session.execute(
        select(Booking.id, Person.name, _organisation().label("organisation"))
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(Affiliation, LIVE_PRIMARY)
        .where(Booking.event_id == event.id, Booking.state == BookingState.LIVE)
        .order_by(Person.name, Booking.id)
    ).all()
    chosen = read.session.execute(
        select(Entry.booking_id, Part.title)
        .join(Part, Part.id == Entry.part_id)
        .where(Part.event_id == event.id, Part.kind == PartKind.BREAKOUT.value, Entry.status == EntryStatus.CONFIRMED)
        .order_by(Part.starts_at, Part.id)
    )
    breakouts = defaultdict(list)
    for booking_id, title in chosen:
        breakouts[booking_id].append(title)
    return [AtTheDoor(row.name, row.organisation, breakouts[row.id]) for row in rows]


def _organisation() -> ColumnElement[str | None]:
    """The organisation on the day of booking; a name that the directory does not know stands as it was typed."""
    return func.coalesce(Organisation.name, Affiliation.organisation_text)
