"""Inviting whoever of the directory fits: exactly those whom the page counted, and nobody a second time."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import FORMER_APPLICANT, Person, Sector
from cop.models.events import Attendance, Event, EventKind
from cop.models.organisations import Membership, OrganisationKind
from cop.models.outbox import Outbox, OutboxChannel
from cop.models.regions import Region
from cop.models.summits import Answer
from cop.queries import summits as queries
from cop.queries.summits import Fits, Wanted
from cop.services import summits as services
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.summits import invitation_of, invite, make_summit, mark

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work)


def fitting(reading: Reads, summit: Event, wanted: Wanted) -> Fits:
    with reading() as read:
        return queries.fits(read, summit, wanted)


def names(found: Fits) -> list[str]:
    return [one.name for one in found.new]


def invite_all(work: Working, summit: Event, wanted: Wanted, seen: int, actor: Actor | None = None) -> int:
    with work(*([actor] if actor else [])) as opened:
        return services.invite_fitting(opened, event_id=summit.id, wanted=wanted, seen=seen)


class TestWhoFits:
    @pytest.fixture(autouse=True)
    def people(self, make: Make) -> None:
        brent = make.organisation(
            "Brent Council", region=Region.LONDON, membership=Membership.FULL, kind=OrganisationKind.COUNCIL
        )
        trust = make.organisation("Health trust", region=Region.LONDON, membership=None, kind=OrganisationKind.HEALTH)
        make.person("Amina", "amina@x.example", organisation=brent, sector=Sector.COUNCILLOR)
        make.person("Ben", "ben@x.example", organisation=trust, sector=Sector.HEALTH)
        make.person("Cara", "cara@x.example")

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            (Wanted(kind=OrganisationKind.COUNCIL), ["Amina"]),
            (Wanted(region=Region.LONDON), ["Amina", "Ben"]),
            (Wanted(membership=Membership.FULL), ["Amina"]),
            (Wanted(sector=Sector.HEALTH), ["Ben"]),
            (Wanted(region=Region.LONDON, sector=Sector.COUNCILLOR), ["Amina"]),
            (Wanted(region=Region.WALES), []),
        ],
    )
    def test_is_said_by_all_that_is_chosen(
        self, reading: Reads, summit: Event, wanted: Wanted, expected: list[str]
    ) -> None:
        assert names(fitting(reading, summit, wanted)) == expected

    def test_leaves_out_whoever_was_invited_also_where_that_was_withdrawn(
        self, work: Working, reading: Reads, summit: Event
    ) -> None:
        invite(work, summit, "amina@x.example", "ben@x.example")
        with work() as opened:
            services.withdraw(opened, public_id=invitation_of(reading, summit, "Ben").public_id)
        found = fitting(reading, summit, Wanted(region=Region.LONDON))
        assert (names(found), found.invited) == ([], 2)

    def test_leaves_out_records_that_are_nobody(self, work: Working, reading: Reads, summit: Event) -> None:
        with work() as opened:
            amina, ben = (
                opened.session.scalars(select(Person).where(Person.name == name)).one() for name in ("Amina", "Ben")
            )
            ben.merged_into = amina.id
            amina.public_id = FORMER_APPLICANT
        assert fitting(reading, summit, Wanted(region=Region.LONDON)).people == []


def test_who_came_to_something_is_who_was_marked_there(
    make: Make, work: Working, reading: Reads, clock: FixedClock, summit: Event
) -> None:
    visit, other = make.visit("A visit"), make.visit("Another visit")
    came, partly, stayed = (make.person(name, f"{name.lower()}@x.example") for name in ("Came", "Partly", "Stayed"))
    for person, status in (
        (came, Attendance.ATTENDED),
        (partly, Attendance.PARTIAL),
        (stayed, Attendance.ABSENT),
    ):
        mark(work, make.booking(person, visit), visit, status)
    make.booking(stayed, other)
    for wanted, expected in (
        (Wanted(came_to=visit.slug), ["Came", "Partly"]),
        (Wanted(came_to_kind=EventKind.VISIT), ["Came", "Partly"]),
        (Wanted(came_to=other.slug), []),
        (Wanted(came_to_kind=EventKind.WEBINAR), []),
    ):
        assert names(fitting(reading, summit, wanted)) == expected


class TestInviting:
    def test_writes_to_them_and_to_nobody_a_second_time(
        self, make: Make, work: Working, reading: Reads, summit: Event, outbox: Posted
    ) -> None:
        make.person("Amina", "amina@x.example", organisation=make.organisation(region=Region.LONDON))
        make.person("Rosa", None, organisation=make.organisation("Residents", region=Region.LONDON))
        wanted = Wanted(region=Region.LONDON)
        found = fitting(reading, summit, wanted)
        assert (found.organisations, found.without_email) == (2, 1)
        assert invite_all(work, summit, wanted, found.seen) == 2
        assert {row.channel for row in outbox("invitation")} == {OutboxChannel.EMAIL, OutboxChannel.TELL}
        assert invitation_of(reading, summit, "Amina").response is Answer.NONE
        with pytest.raises(Refusal, match="Others fit now"):
            invite_all(work, summit, wanted, found.seen)
        assert invite_all(work, summit, wanted, fitting(reading, summit, wanted).seen) == 0
        assert len(outbox("invitation")) == 2

    def test_invites_nobody_whom_the_page_did_not_count(
        self, make: Make, work: Working, reading: Reads, summit: Event, outbox: Posted
    ) -> None:
        london = make.organisation(region=Region.LONDON)
        make.person("Amina", "amina@x.example", organisation=london)
        seen = fitting(reading, summit, Wanted(region=Region.LONDON)).seen
        make.person("Ben", "ben@x.example", organisation=london)
        with pytest.raises(Refusal, match="Others fit now"):
            invite_all(work, summit, Wanted(region=Region.LONDON), seen)
        assert outbox() == []

    def test_is_refused_for_everybody_for_too_many_and_after_the_close(
        self,
        make: Make,
        work: Working,
        reading: Reads,
        clock: FixedClock,
        summit: Event,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        make.person("Amina", "amina@x.example", organisation=make.organisation(region=Region.LONDON))
        wanted = Wanted(region=Region.LONDON)
        seen = fitting(reading, summit, wanted).seen
        with pytest.raises(Refusal, match="at least one of these"):
            invite_all(work, summit, Wanted(), fitting(reading, summit, Wanted()).seen)
        with monkeypatch.context() as context:
            context.setattr("cop.services.summits.inviting.MOST_AT_ONCE", 0)
            with pytest.raises(Refusal, match="at most 0 people"):
                invite_all(work, summit, wanted, seen)
        clock.set(summit.parts[0].starts_at)
        with pytest.raises(Refusal, match="Answers have closed"):
            invite_all(work, summit, wanted, seen)

    def test_is_for_those_who_invite_to_a_summit(self, make: Make, work: Working, summit: Event) -> None:
        host = make.account()
        make.grant(host, Role.HOST, event=summit)
        for actor in (make.actor(host), Actor()):
            with pytest.raises(NotFound):
                invite_all(work, summit, Wanted(region=Region.LONDON), 0, actor)
        with pytest.raises(NotFound):
            invite_all(work, make.visit(), Wanted(region=Region.LONDON), 0)
