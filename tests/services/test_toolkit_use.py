"""What people say of a resource, whom the jobs ask and tell because of it, and who is refused."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import SYSTEM, VISITOR, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.organisations import Organisation
from cop.models.outbox import MailTopic, Outbox, OutboxState
from cop.models.toolkit import Resource, ResourceItem, ResourceTaken, ResourceUse, Step, Usefulness
from cop.queries import toolkit_use as queries
from cop.services import preferences, toolkit_use
from cop.services import toolkit as editing
from scheduled import tend_toolkit
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.toolkit import Toolkit

Posted = Callable[..., Sequence[Outbox]]

SLUG = "panel"
SOMEBODY, ANOTHER = b"0123456789abcdef", b"fedcba9876543210"


@pytest.fixture
def toolkit(make: Make, work: Working) -> Toolkit:
    return Toolkit(make, work)


@pytest.fixture
def resource(toolkit: Toolkit) -> Resource:
    return toolkit.resource(slug=SLUG)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina", organisation=make.organisation("Brent"), sector=Sector.COUNCILLOR)


@pytest.fixture
def tend(app: Flask) -> Callable[[], str]:
    def carry_out() -> str:
        with app.app_context():
            return tend_toolkit.run()

    return carry_out


def renew(toolkit: Toolkit, resource: Resource, changes: str = "A second page") -> None:
    """Publish the next version."""
    with toolkit.work(SYSTEM) as unit:
        editing.begin_version(unit, resource_id=resource.id)
    toolkit.publish(resource, changes)


@pytest.mark.usefixtures("resource")
class TestWasItUseful:
    def say(self, work: Working, *, visitor: bytes = SOMEBODY, useful: bool = True, words: str = "") -> None:
        with work(VISITOR) as unit:
            toolkit_use.say_useful(unit, slug=SLUG, useful=useful, words=words, visitor=visitor)

    def said(self, reading: Reads) -> list[tuple[bool, str, int | None]]:
        with reading() as read:
            found = read.session.scalars(select(Usefulness).order_by(Usefulness.id))
            return [(answer.useful, answer.words, answer.person_id) for answer in found]

    def test_is_answered_without_signing_in(self, work: Working, reading: Reads) -> None:
        self.say(work, words="Clear.")
        self.say(work, visitor=ANOTHER, useful=False)
        assert self.said(reading) == [(True, "Clear.", None), (False, "", None)]

    def test_has_one_answer_of_whoever_is_signed_in(
        self, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        for useful, words in ((True, "Clear."), (False, "Not so clear.")):
            with work(make.actor(amina)) as unit:
                toolkit_use.say_useful(unit, slug=SLUG, useful=useful, words=words, visitor=SOMEBODY)
        assert self.said(reading) == [(False, "Not so clear.", amina.id)]

    def test_is_not_answered_twice_by_one_visitor_at_once(
        self, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        self.say(work)
        clock.move(timedelta(minutes=10) - timedelta(seconds=1))
        with pytest.raises(Refusal, match="a moment ago"):
            self.say(work)
        clock.move(timedelta(seconds=1))
        self.say(work)
        assert len(self.said(reading)) == 2

    def test_is_answered_thirty_times_an_hour_at_most_by_those_who_are_signed_out(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock, amina: Person
    ) -> None:
        for number in range(30):
            self.say(work, visitor=number.to_bytes(16))
        with pytest.raises(Refusal, match="Many answers"):
            self.say(work)
        with work(make.actor(amina)) as unit:
            toolkit_use.say_useful(unit, slug=SLUG, useful=True, visitor=SOMEBODY)
        clock.move(timedelta(hours=1))
        self.say(work)
        assert len(self.said(reading)) == 32

    def test_is_not_for_staff_to_say(self, make: Make, work: Working) -> None:
        with work(make.actor(make.admin())) as unit, pytest.raises(Refusal, match="would not count"):
            toolkit_use.say_useful(unit, slug=SLUG, useful=True, visitor=SOMEBODY)

    def test_is_not_asked_of_what_somebody_does_not_see(self, make: Make, work: Working, toolkit: Toolkit) -> None:
        hidden = toolkit.members_only()
        with work(VISITOR) as unit, pytest.raises(NotFound):
            toolkit_use.say_useful(unit, slug=hidden.slug, useful=True, visitor=SOMEBODY)


@pytest.mark.usefixtures("resource")
class TestTellingOfUse:
    def tell(self, make: Make, work: Working, person: Person, step: Step, words: str = "") -> None:
        with work(make.actor(person)) as unit:
            toolkit_use.tell_use(unit, slug=SLUG, step=step, words=words)

    def told(self, reading: Reads) -> list[ResourceUse]:
        with reading() as read:
            return list(read.session.scalars(select(ResourceUse).order_by(ResourceUse.id)))

    def test_keeps_each_step_with_the_organisation_and_role_of_the_day(
        self, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        self.tell(make, work, amina, Step.USED, "In Harlesden.")
        camden = make.organisation("Camden")
        with work() as unit:
            unit.session.execute(update(Affiliation).values(organisation_id=camden.id, sector=Sector.COUNCIL_OFFICER))
        self.tell(make, work, amina, Step.RESULT, "A panel that meets.")
        first, second = self.told(reading)
        assert (first.step, first.words, first.sector, first.version) == (
            Step.USED,
            "In Harlesden.",
            Sector.COUNCILLOR,
            1,
        )
        assert (second.step, second.sector, second.organisation_id) == (
            Step.RESULT,
            Sector.COUNCIL_OFFICER,
            camden.id,
        )
        assert first.organisation_id != camden.id

    def test_of_the_same_step_again_replaces_what_was_told(
        self, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        self.tell(make, work, amina, Step.USED, "Once.")
        self.tell(make, work, amina, Step.USED, "Twice.")
        assert [told.words for told in self.told(reading)] == ["Twice."]

    def test_of_a_result_needs_words(self, make: Make, work: Working, amina: Person) -> None:
        with pytest.raises(Refusal, match="Say what came of it") as refused:
            self.tell(make, work, amina, Step.RESULT)
        assert refused.value.field == "words"

    def test_is_for_people_without_an_organisation_too(self, make: Make, work: Working, reading: Reads) -> None:
        self.tell(make, work, make.account("Noor"), Step.ADAPTED)
        [told] = self.told(reading)
        assert (told.organisation_id, told.sector) == (None, None)

    def test_is_not_for_staff_nor_for_visitors(self, make: Make, work: Working) -> None:
        with pytest.raises(Refusal, match="would not count"):
            self.tell(make, work, make.admin(), Step.USED)
        with work(VISITOR) as unit, pytest.raises(NotFound):
            toolkit_use.tell_use(unit, slug=SLUG, step=Step.USED)


@pytest.mark.usefixtures("resource")
class TestWishes:
    def wish(self, make: Make, work: Working, person: Person, *, news: bool = False, ask: bool = False) -> None:
        with work(make.actor(person)) as unit:
            toolkit_use.wish(unit, slug=SLUG, news=news, ask=ask)

    def taken(self, reading: Reads) -> list[ResourceTaken]:
        with reading() as read:
            return list(read.session.scalars(select(ResourceTaken)))

    def test_are_nobodys_until_they_are_said(
        self, make: Make, work: Working, reading: Reads, amina: Person, tend: Callable[[], str], outbox: Posted
    ) -> None:
        self.wish(make, work, amina)
        assert self.taken(reading) == []
        assert tend() == "0 people asked about a resource, 0 told of a new version, 0 resources to review"
        assert outbox() == []

    def test_can_be_taken_back(self, make: Make, work: Working, reading: Reads, amina: Person) -> None:
        self.wish(make, work, amina, news=True, ask=True)
        [taken] = self.taken(reading)
        assert (taken.wants_news, taken.ask_at) == (True, taken.taken_at + timedelta(days=30))
        self.wish(make, work, amina, news=True)
        assert self.taken(reading)[0].ask_at is None
        self.wish(make, work, amina)
        assert self.taken(reading) == []

    def test_said_again_put_nothing_off(
        self, make: Make, work: Working, reading: Reads, amina: Person, clock: FixedClock
    ) -> None:
        self.wish(make, work, amina, ask=True)
        [first] = self.taken(reading)
        clock.move(timedelta(days=20))
        self.wish(make, work, amina, news=True, ask=True)
        [second] = self.taken(reading)
        assert (second.ask_at, second.wants_news, second.public_id) == (first.ask_at, True, first.public_id)

    def test_are_for_people_who_see_the_resource(self, make: Make, work: Working, toolkit: Toolkit) -> None:
        hidden = toolkit.members_only()
        with work(make.actor(make.account("Noor"))) as unit, pytest.raises(NotFound):
            toolkit_use.wish(unit, slug=hidden.slug, news=True, ask=True)
        with work(VISITOR) as unit, pytest.raises(NotFound):
            toolkit_use.wish(unit, slug=SLUG, news=True, ask=True)

    def test_to_be_asked_come_true_once_after_thirty_days(
        self, make: Make, work: Working, amina: Person, tend: Callable[[], str], outbox: Posted, clock: FixedClock
    ) -> None:
        self.wish(make, work, amina, ask=True)
        clock.move(timedelta(days=30) - timedelta(seconds=1))
        assert tend().startswith("0 people asked")
        clock.move(timedelta(seconds=1))
        assert [tend()[:2], tend()[:2]] == ["1 ", "0 "]
        [letter] = outbox()
        assert (letter.template, letter.person_id) == ("resource_used", amina.id)

    def test_to_be_asked_are_forgotten_where_the_result_is_told_or_it_is_too_late(
        self, make: Make, work: Working, amina: Person, tend: Callable[[], str], outbox: Posted, clock: FixedClock
    ) -> None:
        late = make.account("Late")
        self.wish(make, work, amina, ask=True)
        clock.move(timedelta(days=30))
        with work(make.actor(amina)) as unit:
            toolkit_use.tell_use(unit, slug=SLUG, step=Step.RESULT, words="A panel that meets.")
        self.wish(make, work, late, ask=True)
        clock.move(timedelta(days=61))
        assert tend().startswith("0 people asked")
        assert outbox() == []

    def test_for_news_come_true_once_a_version(
        self,
        make: Make,
        work: Working,
        toolkit: Toolkit,
        resource: Resource,
        amina: Person,
        tend: Callable[[], str],
        outbox: Posted,
    ) -> None:
        self.wish(make, work, amina, news=True)
        assert "0 told" in tend()
        renew(toolkit, resource)
        assert ["1 told" in tend(), "0 told" in tend()] == [True, True]
        renew(toolkit, resource)
        tend()
        assert [(letter.template, letter.params["since"]) for letter in outbox()] == [
            ("resource_changed", 1),
            ("resource_changed", 2),
        ]

    def test_for_news_tell_of_nothing_that_was_published_while_they_were_off(
        self,
        make: Make,
        work: Working,
        toolkit: Toolkit,
        resource: Resource,
        amina: Person,
        tend: Callable[[], str],
        outbox: Posted,
    ) -> None:
        self.wish(make, work, amina, ask=True)
        renew(toolkit, resource)
        self.wish(make, work, amina, news=True)
        tend()
        assert outbox() == []

    def test_end_with_the_right_to_see_it(
        self, make: Make, work: Working, toolkit: Toolkit, amina: Person, tend: Callable[[], str], outbox: Posted
    ) -> None:
        hidden = toolkit.members_only()
        with work(make.actor(amina)) as unit:
            toolkit_use.wish(unit, slug=hidden.slug, news=True, ask=True)
        renew(toolkit, hidden)
        with work() as unit:
            unit.session.execute(update(Organisation).values(membership=None))
        tend()
        assert outbox() == []

    def test_yield_to_what_somebody_turned_off(
        self,
        make: Make,
        work: Working,
        toolkit: Toolkit,
        resource: Resource,
        amina: Person,
        tend: Callable[[], str],
        outbox: Posted,
    ) -> None:
        self.wish(make, work, amina, news=True)
        with work(make.actor(amina)) as unit:
            preferences.choose(unit, wanted=[MailTopic.FORUM])
        renew(toolkit, resource)
        tend()
        assert [letter.state for letter in outbox()] == [OutboxState.DROPPED]


class TestTheMailedLink:
    @pytest.fixture
    def token(self, make: Make, work: Working, reading: Reads, resource: Resource, amina: Person) -> str:
        with work(make.actor(amina)) as unit:
            toolkit_use.wish(unit, slug=resource.slug, news=False, ask=True)
        with reading() as read:
            return queries.link_token(read.session.scalars(select(ResourceTaken)).one())

    def test_tells_for_whoever_was_asked(self, work: Working, reading: Reads, amina: Person, token: str) -> None:
        with work(VISITOR) as unit:
            toolkit_use.tell_use_by_link(unit, token=token, step=Step.ADAPTED, words="For Willesden.")
        with reading() as read:
            told = read.session.scalars(select(ResourceUse)).one()
        assert (told.person_id, told.step, told.sector) == (amina.id, Step.ADAPTED, Sector.COUNCILLOR)

    def test_is_worth_nothing_when_it_is_forged(self, work: Working, token: str) -> None:
        middle = len(token) // 2
        forged = token[:middle] + ("a" if token[middle] != "a" else "b") + token[middle + 1 :]
        with work(VISITOR) as unit, pytest.raises(NotFound):
            toolkit_use.tell_use_by_link(unit, token=forged, step=Step.USED)

    def test_ends_when_the_wish_is_taken_back(self, make: Make, work: Working, amina: Person, token: str) -> None:
        with work(make.actor(amina)) as unit:
            toolkit_use.wish(unit, slug=SLUG, news=False, ask=False)
        with work(VISITOR) as unit, pytest.raises(NotFound):
            toolkit_use.tell_use_by_link(unit, token=token, step=Step.USED)

    def test_ends_with_the_resource(self, work: Working, resource: Resource, token: str) -> None:
        with work() as unit:
            editing.withdraw(unit, resource_id=resource.id, reason="Out of date")
        with work(VISITOR) as unit, pytest.raises(NotFound):
            toolkit_use.tell_use_by_link(unit, token=token, step=Step.USED)


class TestReviews:
    @pytest.fixture
    def owner(self, make: Make) -> Person:
        person = make.account("Femi Facilitates")
        make.grant(person, Role.FACILITATOR, programme=make.programme())
        return person

    def test_are_recalled_on_their_day_and_once(
        self, toolkit: Toolkit, owner: Person, tend: Callable[[], str], outbox: Posted, clock: FixedClock
    ) -> None:
        toolkit.resource(owner_id=owner.id, review_on=date(2026, 3, 3))
        assert tend().endswith("0 resources to review")
        clock.move(timedelta(days=1))
        assert [tend()[-21:], tend()[-21:]] == ["1 resources to review", "0 resources to review"]
        assert [(letter.template, letter.person_id) for letter in outbox()] == [("resource_review", owner.id)]

    def test_are_recalled_anew_when_the_next_day_has_come(
        self, toolkit: Toolkit, work: Working, owner: Person, tend: Callable[[], str], outbox: Posted, clock: FixedClock
    ) -> None:
        made = toolkit.resource(owner_id=owner.id, review_on=date(2026, 3, 2))
        tend()
        with work() as unit:
            unit.session.execute(update(Resource).where(Resource.id == made.id).values(review_on=date(2026, 9, 1)))
        clock.move(timedelta(days=183))
        tend()
        assert len(outbox()) == 2

    def test_go_to_all_who_could_own_it_where_its_owner_is_gone(
        self, make: Make, toolkit: Toolkit, work: Working, owner: Person, tend: Callable[[], str], outbox: Posted
    ) -> None:
        made = toolkit.resource(review_on=date(2026, 3, 2))
        left = make.account("Lee Left")
        with work() as unit:
            unit.session.execute(update(Resource).where(Resource.id == made.id).values(owner_id=left.id))
        tend()
        assert {letter.person_id for letter in outbox()} == {owner.id}

    def test_of_withdrawn_resources_are_not_recalled(
        self, toolkit: Toolkit, work: Working, owner: Person, tend: Callable[[], str], outbox: Posted
    ) -> None:
        made = toolkit.resource(owner_id=owner.id, review_on=date(2026, 3, 2))
        with work() as unit:
            editing.withdraw(unit, resource_id=made.id, reason="Out of date")
        tend()
        assert outbox() == []


class TestTriedAddresses:
    @pytest.fixture
    def owner(self, make: Make) -> Person:
        return make.admin()

    @pytest.fixture
    def item(self, toolkit: Toolkit, owner: Person) -> ResourceItem:
        resource = toolkit.draft(owner_id=owner.id)
        item = toolkit.link(resource)
        toolkit.publish(resource)
        return item

    def test_are_broken_after_two_failures_and_told_of_once(
        self, work: Working, reading: Reads, item: ResourceItem, outbox: Posted, owner: Person
    ) -> None:
        assert item.url
        note = partial(toolkit_use.note_try, item_id=item.id, url=item.url)
        told = []
        for why in ("it does not answer", "it answers with 404", "it answers with 404", "", "no", "no"):
            with work() as unit:
                told.append(note(unit, why=why))
        assert told == [False, True, False, False, False, True]
        first, *_again = outbox("resource_link_broken")
        assert (first.person_id, first.params) == (owner.id, {"item_id": item.id, "why": "it answers with 404"})

    def test_that_were_changed_meanwhile_are_left_alone(
        self, work: Working, reading: Reads, item: ResourceItem
    ) -> None:
        with work() as unit:
            assert not toolkit_use.note_try(unit, item_id=item.id, url="https://old.example/", why="no")
        with reading() as read:
            assert read.session.get_one(ResourceItem, item.id).checked_at is None

    def test_come_again_after_a_week_or_after_a_day_where_they_failed(
        self, work: Working, reading: Reads, item: ResourceItem, clock: FixedClock
    ) -> None:
        def is_due() -> bool:
            with reading() as read:
                return [row.id for row in queries.addresses_to_try(read, limit=5)] == [item.id]

        due = [is_due()]
        for why, days in (("", 7), ("no", 1)):
            with work() as unit:
                toolkit_use.note_try(unit, item_id=item.id, url=item.url or "", why=why)
            clock.move(timedelta(days=days) - timedelta(seconds=1))
            due.append(is_due())
            clock.move(timedelta(seconds=1))
            due.append(is_due())
        assert due == [True, False, True, False, True]

    def test_are_those_of_the_published_version_alone(
        self, toolkit: Toolkit, work: Working, reading: Reads, item: ResourceItem
    ) -> None:
        with work() as unit:
            resource = unit.session.scalars(select(Resource)).one()
            editing.begin_version(unit, resource_id=resource.id)
        toolkit.link(toolkit.draft("Another"), "https://draft.example/")
        with reading() as read:
            assert [row.id for row in queries.addresses_to_try(read, limit=5)] == [item.id]
