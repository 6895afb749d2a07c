"""Visits to the Healthy Hub: one coming, one past, a draft, an unlisted and a cancelled one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from cop.core.access import Actor
from cop.core.work import Work
from cop.demo.stage import Stage, as_person, working_day
from cop.models.accounts import Person, Sector
from cop.models.events import Attendance, Booking, Claim, Event, MarkSource, Part, Seat, Visibility
from cop.models.programmes import Programme, Series
from cop.models.visits import SlotHost
from cop.queries import alternatives
from cop.queries import hosting as hosting_queries
from cop.services.events import (
    attendance,
    blackouts,
    booking,
    editing,
    hosting,
    rota,
    self_check_in,
    waiting,
    walk_ins,
)

COMING = "healthy-hub-stevenage"
SLOTS_A_DAY = 4
SLOT_PLACES = 8


def load(stage: Stage) -> None:
    _past_visit(stage)
    coming = _coming_visit(stage)
    _other_states(stage, coming)
    _waiting_list(stage, coming)
    _days_off(stage, coming)
    _rota(stage, coming)


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
        map_url="https://www.openstreetmap.org/?mlat=51.9017&mlon=-0.2019#map=17/51.9017/-0.2019",
        parking=(
            "The multi-storey car park next door charges by the hour. Tell the desk the number plate of a minibus "
            "the day before, and a bay is kept."
        ),
        contact="Ask for the hub team at the desk in the foyer, or ring 01632 960 180 on the day.",
        safety=(
            "When the alarm sounds, leave by the nearest green sign and meet at the bandstand. Somebody of the hub "
            "brings the roll. The yard is used by delivery vans until 11am: mind them."
        ),
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
    return booking.book(as_person(work, person), event_id=event.id, part_ids=[part.id], party=party).public_id


def _past_visit(stage: Stage) -> None:
    """A visit six weeks ago, with attendance marked: most came, some did not, two cancelled before."""
    before = stage.ago(days=90)
    event = _visit(before, stage.programme, slug="healthy-hub-opening", title="Healthy Hub: opening visit")
    slots = _slots(stage, before, event, stage.day(-42), count=3)
    _rules(before, event, party_max=4, change_until=None)
    editing.publish_event(before, event_id=event.id)
    then = stage.ago(days=60)
    guests = [*stage.people[:13], stage.role("participant"), stage.role("alumna")]
    public_ids = [
        _book(then, event, slots[number % 3], person, size=1 if number % 5 else 2)
        for number, person in enumerate(guests[:12])
    ]
    public_ids += [_book(then, event, slots[number % 3], person) for number, person in enumerate(guests[12:])]
    for public_id, person in zip(public_ids[:2], guests, strict=False):
        booking.cancel(replace(stage.ago(days=50), actor=Actor(person.id)), public_id=public_id)
    _mark(stage, slots)
    _missed_and_came_unasked(stage, event, slots[0])


def _missed_and_came_unasked(stage: Stage, event: Event, part: Part) -> None:
    """Nobody of one party came, and a neighbour of the hub walked in with a friend."""
    during = replace(stage.work, now=part.ends_at, actor=Actor(stage.role("host").id, via="system"))
    held = select(Claim.booking_id).where(Claim.part_id == part.id, Claim.released_at.is_(None))
    first = stage.work.session.scalars(held.order_by(Claim.booking_id).limit(1)).one()
    for seat_id in stage.work.session.scalars(select(Seat.id).where(Seat.booking_id == first, Seat.live)).all():
        attendance.mark(during, part_id=part.id, seat_id=seat_id, status=Attendance.ABSENT)
    walk_ins.add_walk_in(
        during,
        event_id=event.id,
        part_id=part.id,
        name="Nell Neighbour",
        organisation="Bandstand Neighbours",
        party_size=2,
    )


def _mark(stage: Stage, slots: Sequence[Part]) -> None:
    """By the host, and in the last slot by those who booked, with a code on a slide."""
    host = Actor(stage.role("host").id, via="system")
    last = slots[-1]
    begins = replace(stage.work, now=last.starts_at, actor=host)
    door = self_check_in.open_code(begins, event_id=last.event_id, part_id=last.id, minutes=20)
    for part in slots:
        claiming = select(Claim.booking_id).where(Claim.part_id == part.id, Claim.released_at.is_(None))
        seats = select(Seat.id, Seat.person_id).where(Seat.booking_id.in_(claiming), Seat.live).order_by(Seat.id)
        during = replace(stage.work, now=part.ends_at, actor=host)
        for seat_id, person_id in stage.work.session.execute(seats).all():
            status = stage.chance.choices([Attendance.ATTENDED, Attendance.ABSENT, Attendance.EXCUSED], [8, 1, 1])[0]
            if part is last and status is Attendance.ATTENDED and person_id is not None:
                self_check_in.check_oneself_in(replace(begins, actor=Actor(person_id)), code=door.code)
                continue
            attendance.mark(during, part_id=part.id, seat_id=seat_id, status=status, source=MarkSource.ROSTER)


def _coming_visit(stage: Stage) -> Event:
    """A visit over two days in three weeks: one slot full, others with parties and guests without names."""
    before = stage.ago(days=20)
    event = _visit(before, stage.programme, slug=COMING, title="A visit to the Healthy Hub")
    first = _slots(stage, before, event, stage.day(21))
    second = _slots(stage, before, event, working_day(stage.day(21) + timedelta(days=1)))
    closing = first[0].starts_at - timedelta(days=2)
    _rules(before, event, party_max=6, change_until=closing)
    editing.publish_event(before, event_id=event.id)
    people = iter(stage.people[13:])
    for size in (3, 2, 2, 1):  # eight of eight: full
        _book(stage.ago(days=10), event, first[1], next(people), size=size)
    for part, sizes in ((first[0], (1, 2)), (first[2], (4,)), (second[0], (1, 1, 1)), (second[2], (2, 3, 1))):
        for size in sizes:
            _book(stage.ago(days=8), event, part, next(people), size=size)
    _book(stage.ago(days=5), event, second[1], stage.role("participant"), "Sam Newcomer", size=3)
    moved = _book(stage.ago(days=5), event, first[3], stage.role("alumna"))
    alumna = Actor(stage.role("alumna").id)
    booking.change(
        replace(stage.ago(days=4), actor=alumna), public_id=moved, part_ids=[second[3].id], party=booking.Party(2)
    )
    gone = next(people)
    cancelled = _book(stage.ago(days=6), event, second[3], gone)
    booking.cancel(replace(stage.ago(days=3), actor=Actor(gone.id)), public_id=cancelled)
    guest = booking.Guest(name="Rosa Resident", phone="01632 960 001", sector=Sector.RESIDENT)
    booking.book_for(stage.ago(days=2), event_id=event.id, part_ids=[second[1].id], party=booking.Party(1), guest=guest)
    notes = (
        "The key to the meeting room is at the desk. Tea is ordered for the middle of each slot.\n\n"
        "The quiet room is ours on both days."
    )
    seen = hosting_queries.notes_revision(event)
    hosting.write_host_notes(stage.ago(days=2), event_id=event.id, notes=notes, seen=seen)
    return event


def _waiting_list(stage: Stage, event: Event) -> None:
    """Four parties wait for the full slot; one place came free yesterday, and is offered to whoever joined first."""
    slots = select(Part).where(Part.event_id == event.id).order_by(Part.starts_at)
    full = stage.work.session.scalars(slots).all()[1]
    for days, person, size in (
        (6, stage.role("reviewer"), 1),
        (5, stage.people[40], 3),
        (4, stage.role("applicant"), 1),
    ):
        wish = waiting.Wish([full.id], size)
        waiting.join(as_person(stage.ago(days=days), person), event_id=event.id, wish=wish)
    guest = booking.Guest(name="Walter Resident", phone="01632 960 002", sector=Sector.RESIDENT)
    waiting.join_for(stage.ago(days=3), event_id=event.id, wish=waiting.Wish([full.id], 1), guest=guest)
    single = select(Booking).join(Claim, Claim.booking_id == Booking.id)
    held = stage.work.session.scalars(single.where(Claim.part_id == full.id, Claim.seats == 1)).one()
    yesterday = replace(stage.ago(hours=20), actor=Actor(held.person_id))
    booking.cancel(yesterday, public_id=held.public_id)


def _days_off(stage: Stage, event: Event) -> None:
    """The hub is closed for works after the visit, and one day is kept free of this visit."""
    first = stage.day(50)
    blackouts.add_blackout(
        stage.work,
        event_id=event.id,
        first_on=first,
        last_on=first + timedelta(days=4),
        reason="The hall floor is renewed",
        for_all=True,
    )
    blackouts.add_blackout(
        stage.work, event_id=event.id, first_on=stage.day(28), last_on=None, reason="Polling station", for_all=False
    )


def _rota(stage: Stage, event: Event) -> None:
    """The host has agreed to the first day; the facilitator is asked for the second and has not answered."""
    parts = stage.work.session.scalars(
        select(Part).where(Part.event_id == event.id).order_by(Part.starts_at, Part.id)
    ).all()
    host, facilitator = stage.role("host"), stage.role("facilitator")
    first, second = parts[:SLOTS_A_DAY], parts[SLOTS_A_DAY:]
    asked = stage.ago(days=4)
    rota.ask_host(asked, event_id=event.id, person_id=host.id, part_ids=[part.id for part in first])
    rota.ask_host(asked, event_id=event.id, person_id=facilitator.id, part_ids=[part.id for part in second[:2]])
    receiving = stage.work.session.scalars(select(SlotHost).where(SlotHost.person_id == host.id)).all()
    for one in receiving:
        rota.answer_rota(
            as_person(stage.work, host, stage.ago(days=3).now),
            event_id=event.id,
            slot_host_id=one.id,
            accepted=True,
            seen=0,
        )


def offer_online(stage: Stage) -> None:
    """Once there are webinars: the next one is for those who cannot come to the hub."""
    event = stage.work.session.scalars(select(Event).where(Event.slug == COMING)).one()
    online = alternatives.online_choices(stage.work, event)
    editing.choose_online(stage.ago(days=1), event_id=event.id, online_event_id=online[0].id)


def _other_states(stage: Stage, coming: Event) -> None:
    """A draft, an unlisted visit and a cancelled one, for which the coming one stands in."""
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
    editing.cancel_event(
        stage.ago(days=7),
        event_id=cancelled.id,
        reason="The heating is being repaired.",
        instead_event_id=coming.id,
    )
