"""Who would be told what: found out by doing it, and held to when it is done."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from flask import Flask

from cop.core.errors import NotFound, Refusal
from cop.core.work import Work
from cop.models.events import EventKind, PartState
from cop.models.outbox import Outbox
from cop.models.summits import Answer
from cop.services import rehearsals
from cop.services.calling_off import cancel_part
from cop.services.events.editing import cancel_event
from tests.support import cohorts
from tests.support.make import Make, Reads, Working
from tests.support.summits import answer, breakouts_of, invitation_of, invite, make_summit
from tests.support.waiting import Line
from tests.support.webinars import Webinars

Posted = Callable[..., Sequence[Outbox]]


def told(work: Working, command: Callable[[Work], int]) -> list[tuple[str, str, bool]]:
    with work() as unit:
        _result, found = rehearsals.doing(unit, command)
        unit.session.rollback()
    return [(one.template, one.name, one.by_hand) for one in found]


def test_names_everybody_by_message_in_the_order_of_their_names(make: Make, work: Working, app: Flask) -> None:
    visit = make.visit(slots=1, capacity=2)
    make.booking(make.account("Zoë"), visit)
    make.booking(make.person("Amina", None), visit)
    Line(app, make, visit).join(make.account("Ben"))
    assert told(work, partial(cancel_event, event_id=visit.id, reason="Flood")) == [
        ("booking_cancelled_by_staff", "Amina", True),
        ("booking_cancelled_by_staff", "Zoë", False),
        ("waiting_ended", "Ben", False),
    ]
    assert make.event(visit.id).state.value == "published", "nothing of it has happened"


def test_counts_only_what_the_command_itself_says(make: Make, work: Working) -> None:
    visit = make.visit(slots=2)
    make.booking(make.account("Amina"), visit)
    with work() as unit:
        _, before = rehearsals.doing(unit, partial(cancel_part, part_id=visit.parts[1].id, reason="Flood"))
        _, after = rehearsals.doing(unit, partial(cancel_part, part_id=visit.parts[0].id, reason="Flood"))
    assert (len(before), [one.name for one in after]) == (0, ["Amina"])


class TestAsRehearsed:
    def test_does_what_was_shown(self, make: Make, work: Working, outbox: Posted) -> None:
        visit = make.visit()
        make.booking(make.account("Amina"), visit)
        command = partial(cancel_event, event_id=visit.id, reason="Flood")
        with work() as unit:
            _, found = rehearsals.doing(unit, command)
            unit.session.rollback()
        with work() as unit:
            assert rehearsals.as_rehearsed(command, seen=rehearsals.digest(found))(unit) == 1
        assert len(outbox("booking_cancelled_by_staff")) == 1

    def test_is_refused_where_others_would_be_told(self, make: Make, work: Working, outbox: Posted) -> None:
        visit = make.visit()
        make.booking(make.account("Amina"), visit)
        command = partial(cancel_event, event_id=visit.id, reason="Flood")
        with work() as unit:
            _, found = rehearsals.doing(unit, command)
            unit.session.rollback()
        make.booking(make.account("Ben"), visit)
        with pytest.raises(Refusal, match="Somebody booked or cancelled meanwhile") as refused, work() as unit:
            rehearsals.as_rehearsed(command, seen=rehearsals.digest(found))(unit)
        assert refused.value.field == "told"
        assert outbox("booking_cancelled_by_staff") == []


class TestAPart:
    def test_of_a_visit_ends_its_bookings(self, make: Make, work: Working) -> None:
        visit = make.visit(slots=2)
        make.booking(make.account("Amina"), visit)
        found = told(work, partial(cancel_part, part_id=visit.parts[0].id, reason="Flood", offer_others=True))
        assert found == [("booking_cancelled_by_staff", "Amina", False)]

    def test_of_a_summit_leaves_the_rest(self, make: Make, work: Working, reading: Reads) -> None:
        summit = make_summit(make, work)
        first, amina = breakouts_of(summit)[0], make.person("Amina", "amina@council.example")
        invite(work, summit, amina)
        answer(work, invitation_of(reading, summit, amina), Answer.YES, first)
        assert [one[:2] for one in told(work, partial(cancel_part, part_id=first.id, reason="Ill"))] == [
            ("part_cancelled", "Amina")
        ]

    def test_of_a_course_says_why(self, make: Make, work: Working) -> None:
        course = cohorts.course(work, make, programme=make.programme())
        with work() as unit:
            assert cancel_part(unit, part_id=course.parts[0].id, reason="Ill") == 0
        assert make.event(course.id).parts[0].state is PartState.CANCELLED

    def test_of_a_webinar_or_of_nothing_is_none(self, make: Make, work: Working) -> None:
        webinar = Webinars(make, work).webinar()
        assert webinar.kind is EventKind.WEBINAR
        for part_id in (webinar.parts[0].id, 10**9):
            with work() as unit, pytest.raises(NotFound):
                cancel_part(unit, part_id=part_id, reason="Ill")
