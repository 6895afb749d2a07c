"""Staff enter an application for somebody: with or without e-mail, in the pages of applicants, and never against the
rules of conflict.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Application, ApplicationState, EndorsementKind
from cop.models.events import BookingSource, Event
from cop.models.outbox import Outbox
from cop.queries.accounts import standing_of
from cop.queries.cohorts.applications import entered_application
from cop.services import accounts
from cop.services.cohorts import applications, endorsements, entering
from cop.services.events.booking import Guest
from tests.support import cohorts
from tests.support.clock import FixedClock
from tests.support.cohorts import ANSWERS, DAY
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]

GRETA = Guest("Greta Olsen", None, "01632 960 125", None, Sector.RESIDENT)
HANA = Guest("Hana Lee", "hana@council.example", None, None, Sector.VCSE)


class Entering:
    """A course, its chair, and short ways for them to act for somebody."""

    def __init__(self, work: Working, reading: Reads, make: Make) -> None:
        self.work, self.reading, self.make = work, reading, make
        self.event: Event = cohorts.course(work, make)
        self.chair: Person = make.account("Femi")
        make.grant(self.chair, Role.FACILITATOR, event=self.event)

    def begin(self, guest: Guest = GRETA) -> Application:
        return cohorts.entered(self.work, self.make.actor(self.chair), self.event, guest)

    def do(self, command: Callable[..., Any], *, who: Person | None = None, **values: Any) -> Any:
        with self.work(self.make.actor(who or self.chair)) as unit:
            return command(unit, event_id=self.event.id, **values)

    def submitted(self, made: Application) -> Application:
        self.do(applications.save, answers=ANSWERS, seen=0, public_id=made.public_id)
        found: Application = self.do(applications.submit, public_id=made.public_id)
        return found

    def people(self) -> int:
        with self.reading() as read:
            return read.session.scalar(select(func.count()).select_from(Person)) or 0


@pytest.fixture
def entering_one(work: Working, reading: Reads, make: Make) -> Entering:
    return Entering(work, reading, make)


class TestBeginning:
    def test_notes_who_entered_it(self, entering_one: Entering) -> None:
        made = entering_one.begin()
        assert (made.source, made.by_person_id) == (BookingSource.STAFF, entering_one.chair.id)
        assert made.state is ApplicationState.DRAFT

    def test_tells_whoever_has_e_mail_and_troubles_nobody_else(self, entering_one: Entering, outbox: Posted) -> None:
        entering_one.begin(GRETA)
        assert outbox("application_started") == []
        made = entering_one.begin(HANA)
        assert [row.person_id for row in outbox("application_started")] == [made.person_id]

    @pytest.mark.parametrize("phone", ["01632960125", "(01632) 96 01 25", "+44 1632 960125", "0044 1632 960 125"])
    def test_knows_somebody_without_e_mail_by_name_and_number(self, entering_one: Entering, phone: str) -> None:
        first = entering_one.begin()
        entering_one.do(applications.withdraw, public_id=first.public_id)
        before = entering_one.people()
        again = entering_one.begin(Guest("greta olsen", None, phone, None, None))
        assert (again.person_id, entering_one.people()) == (first.person_id, before)

    @pytest.mark.parametrize(
        "other", [Guest("Greta Olsen", None, None, None, None), Guest("Greta Olsen", None, "01", None, None)]
    )
    def test_takes_nobody_for_somebody_else(self, entering_one: Entering, other: Guest) -> None:
        assert entering_one.begin(other).person_id != entering_one.begin().person_id

    def test_knows_whoever_has_e_mail_and_changes_nothing_about_them(
        self, entering_one: Entering, reading: Reads
    ) -> None:
        known = entering_one.make.account("Hana", "hana@council.example", sector=Sector.HEALTH)
        assert entering_one.begin(HANA).person_id == known.id
        with reading() as read:
            assert read.session.get_one(Person, known.id).name == "Hana"
            assert standing_of(read, known.id).sector is Sector.HEALTH

    def test_of_a_second_application_is_refused(self, entering_one: Entering) -> None:
        entering_one.begin(HANA)
        with pytest.raises(Refusal, match="has an application to this course already"):
            entering_one.begin(HANA)

    @pytest.mark.parametrize("applied", [False, True])
    def test_never_says_whether_a_colleague_applied(
        self, entering_one: Entering, work: Working, *, applied: bool
    ) -> None:
        make = entering_one.make
        council = make.organisation("Leeds City Council")
        colleague = make.account("Hana", "hana@council.example", organisation=council, sector=Sector.HEALTH)
        with work() as unit:
            accounts.set_affiliation(
                unit, person_id=entering_one.chair.id, organisation_id=council.id, sector=Sector.COUNCIL_OFFICER
            )
        if applied:
            with work(make.actor(colleague)) as unit:
                applications.start(unit, event_id=entering_one.event.id)
        with pytest.raises(Refusal, match="You have to do with"):
            entering_one.begin(HANA)

    def test_is_for_the_chair_in_the_time_of_the_call(self, entering_one: Entering, clock: FixedClock) -> None:
        for role in (Role.REVIEWER, Role.HOST):
            other = entering_one.make.account(role.capitalize())
            entering_one.make.grant(other, role, event=entering_one.event)
            with pytest.raises(NotFound):
                entering_one.do(entering.start_for, who=other, guest=GRETA)
        clock.move(14 * DAY)
        with pytest.raises(Refusal, match="have closed"):
            entering_one.begin()

    def test_of_a_visit_or_a_draft_is_refused(self, entering_one: Entering, work: Working, make: Make) -> None:
        with pytest.raises(NotFound), work() as unit:
            entering.start_for(unit, event_id=make.visit().id, guest=GRETA)
        draft = cohorts.course(work, make, "Not yet", published=False)
        with pytest.raises(Refusal, match="publish it before"), work() as unit:
            entering.start_for(unit, event_id=draft.id, guest=GRETA)

    def test_for_a_colleague_is_left_to_somebody_else(self, entering_one: Entering, outbox: Posted) -> None:
        council = entering_one.make.organisation()
        with entering_one.work(entering_one.make.actor(entering_one.chair)) as unit:
            accounts.join_organisation(unit, organisation_id=council.id)
        before = entering_one.people()
        with pytest.raises(Refusal, match="somebody else has to enter it"):
            entering_one.begin(Guest("Ida", "ida@council.example", None, council.id, Sector.HEALTH))
        assert (entering_one.people(), outbox("application_started")) == (before, [])


class TestGoingOn:
    def test_submits_like_any_other_and_tells_the_person(self, entering_one: Entering, outbox: Posted) -> None:
        done = entering_one.submitted(entering_one.begin())
        assert (done.number, done.sector) == (1, Sector.RESIDENT)
        (row,) = outbox("application_submitted")
        assert (row.person_id, row.channel) == (done.person_id, "tell")

    def test_reaches_no_application_that_somebody_wrote_themselves(self, entering_one: Entering) -> None:
        amina = entering_one.make.account("Amina", sector=Sector.RESIDENT)
        own = cohorts.begin(entering_one.work, entering_one.make, amina, entering_one.event, challenge="Mine")
        values: dict[str, Any] = {"public_id": own.public_id}
        for command, more in (
            (applications.save, {"answers": {"challenge": "Ours"}, "seen": 1}),
            (applications.submit, {}),
            (applications.withdraw, {}),
            (entering.say_sector, {"sector": Sector.HEALTH}),
            (endorsements.ask, {"kind": EndorsementKind.MANAGER, "name": "Ruth", "email": "r@c.example"}),
        ):
            with pytest.raises(NotFound):
                entering_one.do(command, **values, **more)
        actor = entering_one.make.actor(entering_one.chair)
        with pytest.raises(NotFound), entering_one.reading(actor) as read:
            entered_application(read, entering_one.event, public_id=own.public_id)

    def test_is_for_nobody_but_the_chair(self, entering_one: Entering) -> None:
        made = entering_one.begin()
        stranger = entering_one.make.account("Stranger")
        with pytest.raises(NotFound):
            entering_one.do(applications.submit, who=stranger, public_id=made.public_id)
        with pytest.raises(NotFound), entering_one.reading(entering_one.make.actor(stranger)) as read:
            entered_application(read, entering_one.event, public_id=made.public_id)

    def test_is_hidden_from_a_chair_who_belongs_to_the_same_place(self, entering_one: Entering) -> None:
        council = entering_one.make.organisation()
        made = entering_one.begin(Guest("Ida", "ida@council.example", None, council.id, Sector.HEALTH))
        with entering_one.work(entering_one.make.actor(entering_one.chair)) as unit:
            accounts.join_organisation(unit, organisation_id=council.id)
        with pytest.raises(NotFound):
            entering_one.do(applications.save, answers={}, seen=0, public_id=made.public_id)

    def test_lets_the_person_go_on_themselves(self, entering_one: Entering) -> None:
        hana = entering_one.make.account("Hana", "hana@council.example", sector=Sector.VCSE)
        made = entering_one.begin(HANA)
        entering_one.do(applications.save, answers={"challenge": "By telephone"}, seen=0, public_id=made.public_id)
        assert entering_one.do(applications.start, who=hana).id == made.id
        entering_one.do(applications.save, who=hana, answers={"challenge": "In my words"}, seen=1)
        with pytest.raises(Refusal, match="another window"):
            entering_one.do(applications.save, answers={"challenge": "Again"}, seen=1, public_id=made.public_id)

    def test_names_nobody_as_supporter_who_enters_it(self, entering_one: Entering) -> None:
        made = entering_one.begin()
        with pytest.raises(Refusal, match="cannot enter or judge it"):
            entering_one.do(
                endorsements.ask,
                kind=EndorsementKind.NOMINATOR,
                name="Femi",
                email=entering_one.chair.email,
                public_id=made.public_id,
            )

    def test_says_for_somebody_how_they_come_to_us_but_never_over_their_own_word(
        self, entering_one: Entering, reading: Reads
    ) -> None:
        made = entering_one.begin(Guest("Ona", "ona@council.example", None, None, None))
        for sector in (Sector.HEALTH, Sector.RESIDENT):
            entering_one.do(entering.say_sector, public_id=made.public_id, sector=sector)
            with reading() as read:
                assert standing_of(read, made.person_id).sector is Sector.HEALTH
