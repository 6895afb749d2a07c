"""What tests of summits start from: a summit with its agenda, invitations, and answers, made through the services."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cop.core.access import SYSTEM, Actor
from cop.core.work import Work
from cop.formats.guest_lists import read_people
from cop.models.accounts import Person
from cop.models.events import Attendance, Booking, Event, Mark, MarkSource, Part, Seat, Visibility
from cop.models.outbox import Outbox
from cop.models.summits import Answer, Invitation, PartKind, Substitution
from cop.queries import summits as queries
from cop.services import summits as services
from cop.services.events import editing as events
from cop.services.events.editing import summits as editing
from tests.support.make import Make, Reads, Working
from tests.support.waiting import Line

LONDON = ZoneInfo("Europe/London")

DAYS_AHEAD = 49

AGENDA = (("Welcome", time(10), time(10, 30)), ("Closing", time(15), time(15, 30)))


def make_summit(
    make: Make,
    work: Working,
    *,
    breakouts: Sequence[int | None] = (None, None),
    capacity: int | None = None,
    published: bool = True,
    title: str = "Roundtable summit",
    visibility: Visibility = Visibility.PUBLIC,
) -> Event:
    """A summit in seven weeks: a welcome and a closing for everybody, and breakouts with so many places.

    Breakouts lie side by side in pairs, from 11am: the first two at once, then the next two.
    """
    programme = make.programme()
    with work() as opened:
        event = editing.create_summit(
            opened,
            programme_id=programme.id,
            title=title,
            summary="One day round one table.",
            description="A day of plain talk.",
            visibility=visibility,
        )
        events.edit_practicalities(
            opened,
            event_id=event.id,
            place="Town Hall, Stevenage",
            getting_there="Ten minutes from the station.",
            step_free="A ramp at the door.\n\nA hearing loop in each room.",
            bring="",
        )
        if capacity is not None:
            events.edit_booking_rules(
                opened,
                event_id=event.id,
                party_max=1,
                capacity=capacity,
                opens_at=None,
                closes_at=None,
                change_until=None,
            )
        for title_of_part, start, end in AGENDA:
            plan(opened, event, PartKind.AGENDA, title_of_part, start, end)
        for number, places in enumerate(breakouts):
            start = time(11 + number // 2)
            plan(opened, event, PartKind.BREAKOUT, f"Breakout {number + 1}", start, time(start.hour, 50), places)
        if published:
            events.publish_event(opened, event_id=event.id)
    return make.event(event.id)


def day_of_summit(work: Work) -> date:
    return (work.now + timedelta(days=DAYS_AHEAD)).astimezone(LONDON).date()


def plan(
    work: Work, event: Event, kind: PartKind, title: str, start: time, end: time, capacity: int | None = None
) -> Part:
    return editing.add_part(
        work,
        event_id=event.id,
        kind=kind,
        title=title,
        on_date=day_of_summit(work),
        start=start,
        end=end,
        place="",
        capacity=capacity,
        zone=LONDON,
    )


def breakouts_of(event: Event) -> list[Part]:
    return [part for part in event.parts if part.kind == PartKind.BREAKOUT]


def invite(work: Working, event: Event, *people: Person | str) -> None:
    """Invite people by their address, or whatever a line of a list may be."""
    lines = [person if isinstance(person, str) else f"{person.name} <{person.email}>" for person in people]
    with work() as opened:
        services.invite(opened, event_id=event.id, rows=read_people("\n".join(lines)))


def invitation_of(reading: Reads, event: Event, person: Person | str) -> Invitation:
    """The invitation as it stands; somebody without e-mail goes by their name."""
    who = Person.name == person if isinstance(person, str) else Person.id == person.id
    found = select(Invitation).join(Person, Person.id == Invitation.person_id)
    with reading() as read:
        return read.session.scalars(
            found.where(Invitation.event_id == event.id, who).options(joinedload(Invitation.person))
        ).one()


def link_to(invitation: Invitation) -> str:
    return f"/invitations/{queries.link_token(invitation)}"


def answer(
    work: Working,
    invitation: Invitation,
    response: Answer,
    *breakouts: Part,
    needs: queries.Needs | None = None,
    actor: Actor | None = None,
    seen: int | None = None,
) -> Invitation:
    """Answer as the invited person would by the link in the letter."""
    reply = services.Reply(response, [part.id for part in breakouts], needs=needs or queries.Needs(), seen=seen)
    with work(actor or Actor(invitation.person_id, via="link")) as opened:
        return services.answer(opened, public_id=invitation.public_id, reply=reply)


def propose(
    work: Working,
    invitation: Invitation,
    *,
    name: str = "Ben Okri",
    email: str = "ben@council.example",
    organisation: str = "",
    reason: str = "",
    actor: Actor | None = None,
) -> Substitution:
    """Propose somebody else as the invited person would by the link in the letter."""
    about = {"name": name, "email": email, "organisation": organisation, "reason": reason}
    with work(actor or Actor(invitation.person_id, via="link")) as opened:
        return services.propose(opened, public_id=invitation.public_id, **about)


def mark(work: Working, booking: Booking, event: Event, status: Attendance) -> None:
    """Say of whoever booked whether they came to the first part."""
    with work() as opened:
        seat_id = opened.session.scalars(select(Seat.id).where(Seat.booking_id == booking.id)).one()
        row = Mark(
            part_id=event.parts[0].id,
            seat_id=seat_id,
            status=status,
            source=MarkSource.ROSTER,
            recorded_at=opened.now,
        )
        opened.session.add(row)


def posted(reading: Reads, template: str) -> Sequence[Outbox]:
    with reading(SYSTEM) as read:
        return read.session.scalars(select(Outbox).where(Outbox.template == template).order_by(Outbox.id)).all()


def offered_in_line(app: Flask, make: Make, work: Working, reading: Reads, event: Event) -> Line:
    """The line of a summit with one place: Ana has an open offer with the first breakout, since Ben gave it back."""
    ana, ben = make.account("Ana", "ana@council.example"), make.account("Ben", "ben@council.example")
    invite(work, event, ana, ben)
    answer(work, invitation_of(reading, event, ben), Answer.YES)
    line = Line(app, make, event)
    line.join(ana, slots=[event.parts.index(breakouts_of(event)[0])])
    answer(work, invitation_of(reading, event, ben), Answer.NO)
    return line
