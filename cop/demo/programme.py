"""The demo programme: the real Policy Lab and real organisations, with invented people, loaded through the services.

All dates are relative to the service's clock when it is loaded. What was booked in the past is booked by a unit of
work whose instant lies there, so the record reads as if it had grown.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import Refusal
from cop.core.work import Work
from cop.demo.people import NAMES, NEEDS
from cop.demo.roles import NAMES as ROLE_NAMES
from cop.demo.roles import ROLES
from cop.formats.tables import read_csv
from cop.models.accounts import Account, Person, Sector
from cop.models.events import Attendance, Claim, Event, MarkSource, Part, Seat, Visibility
from cop.models.organisations import Organisation
from cop.models.outbox import Outbox, OutboxState
from cop.models.programmes import Programme, Series
from cop.services import accounts, imports, programmes
from cop.services.events import attendance, booking, editing
from cop.web import ports, run

DATA = Path(__file__).parent / "data"

SLOTS_A_DAY = 4
SLOT_PLACES = 8


def load(say: Callable[[str], None]) -> None:
    """Fill an empty database, all of it or nothing. Refusal where it holds a programme already."""
    say("organisations")
    run(_load, SYSTEM)
    say("demo programme loaded")


def _load(work: Work) -> None:
    if work.session.scalar(select(Programme.id).limit(1)) is not None:
        raise Refusal("the database is not empty: the demo programme is only loaded into an empty one")
    chance = random.Random(15)  # noqa: S311  the same invented world each time
    _organisations(work, chance)
    programme = _programme(work)
    people = _people(work, chance)
    _roles(work, programme)
    zone = ports().settings.timezone
    stage = Stage(work, programme, people, zone, chance)
    _past_visit(stage)
    _coming_visit(stage)
    _other_states(stage)
    _history_was_sent(work)


@dataclass(frozen=True)
class Stage:
    work: Work
    programme: Programme
    people: Sequence[Person]
    zone: ZoneInfo
    chance: random.Random

    def day(self, days: int) -> date:
        """The working day nearest after so many days from now."""
        return _working_day((self.work.now + timedelta(days=days)).astimezone(self.zone).date())

    def ago(self, **ago: float) -> Work:
        """The unit of work as it would have been then."""
        return replace(self.work, now=self.work.now - timedelta(**ago))


def _working_day(found: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return found + timedelta(days=max(0, 7 - found.weekday()) if found.weekday() >= 5 else 0)  # noqa: PLR2004


def _organisations(work: Work, chance: random.Random) -> None:
    """The 90 real ones. Joining dates are not known: they are invented, and the source says so."""
    rows = read_csv((DATA / "organisations.csv").read_bytes(), *_columns())
    imports.import_organisations(work, rows)
    today = work.now.date()
    for organisation in work.session.scalars(select(Organisation).order_by(Organisation.id)):
        organisation.joined_on = today - timedelta(days=chance.randrange(120, 4_000))
        organisation.source = f"{organisation.source}. Joining date invented for this demonstration."


def _columns() -> tuple[frozenset[str], frozenset[str]]:
    return imports.ORGANISATIONS.required, imports.ORGANISATIONS.optional


def _programme(work: Work) -> Programme:
    today = work.now.date()
    programme = programmes.create_programme(
        work,
        slug="health-inequalities",
        name="Taking a co-operative approach to tackling health inequalities",
        summary=(
            "A Policy Lab of the Co-operative Councils’ Innovation Network: councils, residents and partners learn "
            "from one another how to close the gap in healthy life, and put it into practice at home."
        ),
        starts_on=today - timedelta(days=150),
        ends_on=today + timedelta(days=240),
    )
    programmes.create_series(
        work,
        programme_id=programme.id,
        slug="site-visits",
        name="Site visits",
        summary="Places where a council and its community run health together, open to all members.",
    )
    return programme


def _people(work: Work, chance: random.Random) -> Sequence[Person]:
    """Invented people from all sectors, spread over the organisations."""
    organisation_ids = work.session.scalars(select(Organisation.id).order_by(Organisation.id)).all()
    sectors = list(Sector)
    people = []
    for number, name in enumerate(NAMES):
        address = f"{'.'.join(name.lower().split())}@people.example".replace("’", "")
        person, _made = accounts.person_with_email(work, email=address, name=name)
        person.needs = NEEDS[number // 6 % len(NEEDS)] if number % 6 == 0 else None
        accounts.set_affiliation(
            work,
            person_id=person.id,
            organisation_id=chance.choice(organisation_ids),
            sector=sectors[number % len(sectors)],
        )
        work.session.add(Account(person_id=person.id, email_verified_at=work.now, session_epoch=0))
        people.append(person)
    work.session.flush()
    return people


def _roles(work: Work, programme: Programme) -> None:
    """One account per role; who only takes part holds no grant."""
    stevenage = work.session.scalars(select(Organisation.id).where(Organisation.name.contains("Stevenage"))).first()
    for role, address in ROLES.items():
        person, _made = accounts.person_with_email(work, email=address, name=ROLE_NAMES[role])
        accounts.set_affiliation(
            work, person_id=person.id, organisation_id=stevenage, sector=Sector.COUNCIL_OFFICER, role_title="Officer"
        )
        work.session.add(Account(person_id=person.id, email_verified_at=work.now, session_epoch=0))
        if role in list(Role):
            scope = None if role == Role.ADMIN else programme.slug
            accounts.grant(work, email=address, role=Role(role), programme_slug=scope)
    work.session.flush()


def _visit(work: Work, programme: Programme, *, slug: str, title: str, **more: object) -> Event:
    series_id = work.session.scalar(select(Series.id).where(Series.slug == "site-visits"))
    event = editing.create_visit(
        work,
        programme_id=programme.id,
        series_id=series_id,
        slug=slug,
        title=title,
        summary="A morning or afternoon at the Healthy Hub in Stevenage, with the people who run it and use it.",
        description=(
            "The hub brings exercise, mental health, housing advice and company under one roof. You will be shown "
            "round, sit down with residents and staff, and hear what worked, what did not, and what could be "
            "different.\n\nNo two hubs are the same: bring a question from your own place."
        ),
        visibility=Visibility(str(more.get("visibility", Visibility.PUBLIC))),
    )
    editing.edit_practicalities(
        work,
        event_id=event.id,
        place="Healthy Hub, Stevenage",
        getting_there=(
            "Stevenage station is on the line from London King’s Cross, about 25 minutes away. From the station it is "
            "a ten-minute walk; buses stop outside. There are four parking spaces for Blue Badge holders at the door."
        ),
        step_free=(
            "The entrance, all rooms and an accessible toilet are step-free. There is a hearing loop in the meeting "
            "room and a quiet room for breaks."
        ),
        bring="A water bottle, comfortable shoes and one question from your own council or community.",
    )
    return event


def _slots(stage: Stage, work: Work, event: Event, day: date, count: int = SLOTS_A_DAY) -> Sequence[Part]:
    return editing.add_slots(
        work,
        event_id=event.id,
        on_date=day,
        first_start=time(10),
        length_minutes=90,
        gap_minutes=15,
        count=count,
        capacity=SLOT_PLACES,
        zone=stage.zone,
    )


def _rules(work: Work, event: Event, *, party_max: int, change_until: datetime | None) -> None:
    editing.edit_booking_rules(
        work,
        event_id=event.id,
        party_max=party_max,
        capacity=None,
        opens_at=None,
        closes_at=None,
        change_until=change_until,
    )


def _book(work: Work, event: Event, part: Part, person: Person, *names: str, size: int = 1) -> str:
    party = booking.Party(max(size, len(names) + 1), names)
    as_person = replace(work, actor=Actor(person.id))
    return booking.book(as_person, event_id=event.id, part_ids=[part.id], party=party).public_id


def _past_visit(stage: Stage) -> None:
    """A visit six weeks ago, with attendance marked: most came, some did not, two cancelled before."""
    before = stage.ago(days=90)
    event = _visit(before, stage.programme, slug="healthy-hub-opening", title="Healthy Hub: opening visit")
    slots = _slots(stage, before, event, stage.day(-42), count=3)
    _rules(before, event, party_max=4, change_until=None)
    editing.publish_event(before, event_id=event.id)
    then = stage.ago(days=60)
    guests = [*stage.people[:13], _role(stage.work, "participant"), _role(stage.work, "alumna")]
    public_ids = [
        _book(then, event, slots[number % 3], person, size=1 if number % 5 else 2)
        for number, person in enumerate(guests[:12])
    ]
    public_ids += [_book(then, event, slots[number % 3], person) for number, person in enumerate(guests[12:])]
    for public_id, person in zip(public_ids[:2], guests, strict=False):
        booking.cancel(replace(stage.ago(days=50), actor=Actor(person.id)), public_id=public_id)
    _mark(stage, slots)


def _mark(stage: Stage, slots: Sequence[Part]) -> None:
    host = Actor(_role(stage.work, "host").id, via="system")
    for part in slots:
        claiming = select(Claim.booking_id).where(Claim.part_id == part.id, Claim.released_at.is_(None))
        seats = select(Seat.id).where(Seat.booking_id.in_(claiming), Seat.live).order_by(Seat.id)
        during = replace(stage.work, now=part.ends_at, actor=host)
        for seat_id in stage.work.session.scalars(seats).all():
            status = stage.chance.choices([Attendance.ATTENDED, Attendance.ABSENT, Attendance.EXCUSED], [8, 1, 1])[0]
            attendance.mark(during, part_id=part.id, seat_id=seat_id, status=status, source=MarkSource.ROSTER)


def _coming_visit(stage: Stage) -> None:
    """A visit over two days in three weeks: one slot full, others with parties and guests without names."""
    before = stage.ago(days=20)
    event = _visit(before, stage.programme, slug="healthy-hub-stevenage", title="A visit to the Healthy Hub")
    first = _slots(stage, before, event, stage.day(21))
    second = _slots(stage, before, event, _working_day(stage.day(21) + timedelta(days=1)))
    closing = first[0].starts_at - timedelta(days=2)
    _rules(before, event, party_max=6, change_until=closing)
    editing.publish_event(before, event_id=event.id)
    people = iter(stage.people[13:])
    for size in (3, 2, 2, 1):  # eight of eight: full
        _book(stage.ago(days=10), event, first[1], next(people), size=size)
    for part, sizes in ((first[0], (1, 2)), (first[2], (4,)), (second[0], (1, 1, 1)), (second[2], (2, 3, 1))):
        for size in sizes:
            _book(stage.ago(days=8), event, part, next(people), size=size)
    _book(stage.ago(days=5), event, second[1], _role(stage.work, "participant"), "Sam Newcomer", size=3)
    moved = _book(stage.ago(days=5), event, first[3], _role(stage.work, "alumna"))
    alumna = Actor(_role(stage.work, "alumna").id)
    booking.change(
        replace(stage.ago(days=4), actor=alumna), public_id=moved, part_ids=[second[3].id], party=booking.Party(2)
    )
    gone = next(people)
    cancelled = _book(stage.ago(days=6), event, second[3], gone)
    booking.cancel(replace(stage.ago(days=3), actor=Actor(gone.id)), public_id=cancelled)
    guest = booking.Guest(name="Rosa Resident", phone="01632 960 001", sector=Sector.RESIDENT)
    booking.book_for(stage.ago(days=2), event_id=event.id, part_ids=[second[1].id], party=booking.Party(1), guest=guest)


def _other_states(stage: Stage) -> None:
    """A draft, an unlisted visit and a cancelled one."""
    work, programme = stage.work, stage.programme
    draft = _visit(work, programme, slug="healthy-hub-spring", title="Healthy Hub in spring")
    _slots(stage, work, draft, stage.day(120))
    unlisted = _visit(
        work, programme, slug="healthy-hub-partners", title="Healthy Hub: partners’ day", visibility=Visibility.UNLISTED
    )
    _slots(stage, work, unlisted, stage.day(35), count=2)
    editing.publish_event(work, event_id=unlisted.id)
    cancelled = _visit(stage.ago(days=30), programme, slug="healthy-hub-evening", title="Healthy Hub: an evening visit")
    slots = _slots(stage, stage.ago(days=30), cancelled, stage.day(10), count=1)
    editing.publish_event(stage.ago(days=30), event_id=cancelled.id)
    _book(stage.ago(days=9), cancelled, slots[0], stage.people[-1])
    editing.cancel_event(stage.ago(days=7), event_id=cancelled.id, reason="The heating is being repaired.")


def _role(work: Work, role: str) -> Person:
    return work.session.scalars(select(Person).where(Person.email == ROLES[role])).one()


def _history_was_sent(work: Work) -> None:
    """The invented past sent its mail long ago; only what is posted from now on is delivered."""
    past = update(Outbox).where(Outbox.state == OutboxState.PENDING, Outbox.due_at < work.now - timedelta(hours=1))
    work.session.execute(past.values(state=OutboxState.SENT, sent_at=Outbox.due_at, attempts=1))
