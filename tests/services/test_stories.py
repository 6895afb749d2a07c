"""Stories of what changed: told in five steps, read by whom their tellers say, taken back, and hidden."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import VISITOR, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.adoption import Story, StoryConsent, StoryLink
from cop.models.events import Event, Visibility
from cop.models.organisations import Organisation
from cop.queries import stories as queries
from cop.queries.stories import STEPS
from cop.services import stories as services
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working
from tests.support.stories import WORDS, begin, tell, write_all

NETWORK, PUBLIC, PRIVATE = StoryConsent.NETWORK, StoryConsent.PUBLIC, StoryConsent.PRIVATE


@pytest.fixture
def council(make: Make) -> Organisation:
    return make.organisation("Brent Council")


@pytest.fixture
def amina(make: Make, council: Organisation) -> Person:
    return make.account("Amina Yusuf", organisation=council)


@pytest.fixture
def stranger(make: Make) -> Person:
    """With an account, and no member."""
    return make.account("Sam Stranger")


def titles(reading: Reads, actor: Actor, **which: int) -> Sequence[str]:
    with reading(actor) as read:
        return [item.title for item in queries.told(read, **which)]


def page(reading: Reads, actor: Actor, story: Story) -> queries.StoryPage:
    with reading(actor) as read:
        return queries.story_page(read, public_id=story.public_id)


class TestTelling:
    def test_goes_step_by_step_and_is_nobodys_business_before(
        self, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        story = begin(make, work, amina)
        assert page(reading, make.actor(amina), story).missing == list(STEPS)
        story = write_all(work, make.actor(amina), story)
        found = page(reading, make.actor(amina), story)
        assert ({step: getattr(found.story, step) for step in STEPS}, found.missing) == (WORDS, [])
        for actor in (
            VISITOR,
            make.actor(make.account("Mo", organisation=make.organisation())),
            make.actor(make.admin()),
        ):
            assert titles(reading, actor) == []
            with pytest.raises(NotFound):
                page(reading, actor, story)

    def test_needs_words_in_every_step(self, make: Make, work: Working, amina: Person) -> None:
        story = begin(make, work, amina)
        with work(make.actor(amina)) as opened:
            services.write(opened, public_id=story.public_id, step="activity", words="The visit.", seen=1)
        with pytest.raises(Refusal, match="Missing: 4"), work(make.actor(amina)) as opened:
            services.tell(opened, public_id=story.public_id, consent=PUBLIC, named=True)
        with pytest.raises(Refusal, match="who may read"), work(make.actor(amina)) as opened:
            services.tell(opened, public_id=story.public_id, consent=PRIVATE, named=True)

    @pytest.mark.parametrize("title", ["", "   ", "x" * 121])
    def test_needs_a_title_of_some_length(self, make: Make, work: Working, amina: Person, title: str) -> None:
        with pytest.raises(Refusal, match="title"):
            begin(make, work, amina, title)
        story = begin(make, work, amina, "x" * 120)
        with pytest.raises(Refusal, match="title"), work(make.actor(amina)) as opened:
            services.write(opened, public_id=story.public_id, step="title", words=title, seen=1)

    def test_refuses_too_long_a_step_and_knows_five(self, make: Make, work: Working, amina: Person) -> None:
        story = begin(make, work, amina)
        with work(make.actor(amina)) as opened:
            story = services.write(opened, public_id=story.public_id, step="change", words="x" * 3_000, seen=1)
        with pytest.raises(Refusal, match="3000 characters"), work(make.actor(amina)) as opened:
            services.write(opened, public_id=story.public_id, step="change", words="x" * 3_001, seen=2)
        with pytest.raises(NotFound), work(make.actor(amina)) as opened:
            services.write(opened, public_id=story.public_id, step="hidden_why", words="x", seen=2)

    def test_a_stale_page_does_not_overwrite_and_pressing_twice_is_once(
        self, make: Make, work: Working, amina: Person
    ) -> None:
        story = begin(make, work, amina)
        for _ in range(2):
            with work(make.actor(amina)) as opened:
                story = services.write(opened, public_id=story.public_id, step="insight", words="One.", seen=1)
        assert story.revision == 2
        with pytest.raises(Refusal, match="changed meanwhile"), work(make.actor(amina)) as opened:
            services.write(opened, public_id=story.public_id, step="insight", words="Two.", seen=1)
        assert begin(make, work, amina, "Another").id == begin(make, work, amina, "Another").id

    def test_ten_may_be_begun_and_untold(self, make: Make, work: Working, amina: Person) -> None:
        for number in range(services.DRAFTS):
            begin(make, work, amina, f"Story {number}")
        with pytest.raises(Refusal, match="begun 10 stories"):
            begin(make, work, amina, "One more")

    def test_belongs_to_a_programme_and_to_somebody(self, make: Make, work: Working, amina: Person) -> None:
        with pytest.raises(NotFound), work(make.actor(amina)) as opened:
            services.begin(opened, title="No programme")
        make.programme()
        with pytest.raises(NotFound), work(VISITOR) as opened:
            services.begin(opened, title="Nobody")


class TestReading:
    @pytest.mark.parametrize(
        ("consent", "readers"), [(PUBLIC, {"visitor", "stranger", "member"}), (NETWORK, {"member"})]
    )
    def test_is_for_whom_its_teller_says(
        self,
        make: Make,
        work: Working,
        reading: Reads,
        amina: Person,
        stranger: Person,
        consent: StoryConsent,
        readers: set[str],
    ) -> None:
        story = tell(make, work, amina, consent=consent)
        member = make.account("Mo Member", organisation=make.organisation())
        actors = {"visitor": VISITOR, "stranger": make.actor(stranger), "member": make.actor(member)}
        assert {name for name, actor in actors.items() if titles(reading, actor)} == readers
        for name, actor in actors.items():
            if name in readers:
                assert page(reading, actor, story).teller == "Amina Yusuf"
            else:
                with pytest.raises(NotFound):
                    page(reading, actor, story)

    def test_a_link_in_a_mail_opens_only_what_is_for_everybody(
        self, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        network = tell(make, work, amina, consent=NETWORK)
        with pytest.raises(NotFound):
            page(reading, Actor(amina.id, via="link"), network)
        assert titles(reading, Actor(amina.id, via="link")) == []

    def test_without_a_name_there_is_no_organisation_either(
        self, make: Make, work: Working, reading: Reads, amina: Person, council: Organisation
    ) -> None:
        story = tell(make, work, amina, named=False)
        found = page(reading, VISITOR, story)
        assert (found.teller, found.organisation, found.organisation_slug) == (None, None, None)
        with reading(VISITOR) as read:
            [item] = queries.told(read)
        assert (item.teller, item.organisation) == (None, None)
        assert titles(reading, VISITOR, organisation_id=council.id) == []

    def test_with_a_name_it_stands_on_the_organisations_page(
        self, make: Make, work: Working, reading: Reads, amina: Person, council: Organisation
    ) -> None:
        story = tell(make, work, amina)
        assert page(reading, VISITOR, story).organisation == "Brent Council"
        assert titles(reading, VISITOR, organisation_id=council.id) == ["Tea at reception"]
        assert titles(reading, VISITOR, organisation_id=make.organisation().id) == []

    def test_lists_the_latest_first_and_knows_of_a_next_page(
        self, make: Make, work: Working, reading: Reads, amina: Person, clock: FixedClock
    ) -> None:
        for number in range(3):
            clock.move(timedelta(minutes=1))
            tell(make, work, amina, f"Story {number}")
        with reading(VISITOR) as read:
            assert [item.title for item in queries.told(read, limit=1)] == ["Story 2", "Story 1"]
            assert [item.title for item in queries.told(read, offset=2, limit=1)] == ["Story 0"]

    def test_stories_of_another_programme_are_elsewhere(
        self, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        tell(make, work, amina)
        other = make.programme("another")
        assert titles(reading, VISITOR, programme_id=other.id) == []
        assert titles(reading, VISITOR, programme_id=make.programme().id) == ["Tea at reception"]


class TestTakingBack:
    def test_leaves_it_with_its_teller_who_can_tell_it_again(
        self, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        story = tell(make, work, amina)
        with work(make.actor(amina)) as opened:
            services.withdraw(opened, public_id=story.public_id)
        assert titles(reading, VISITOR) == []
        assert not page(reading, make.actor(amina), story).is_told
        with pytest.raises(NotFound):
            page(reading, make.actor(make.admin()), story)
        with work(make.actor(amina)) as opened:
            services.tell(opened, public_id=story.public_id, consent=PUBLIC, named=False)
        assert page(reading, VISITOR, story).teller is None

    def test_deletes_it_with_what_it_came_from(
        self, make: Make, work: Working, reading: Reads, amina: Person, clock: FixedClock
    ) -> None:
        story, _event = visited(make, work, amina, clock)
        with work(make.actor(amina)) as opened:
            services.remove(opened, public_id=story.public_id)
        with reading() as read:
            assert read.session.scalars(select(Story)).all() == []
            assert read.session.scalars(select(StoryLink)).all() == []

    def test_is_for_its_teller_alone(self, make: Make, work: Working, amina: Person) -> None:
        story = tell(make, work, amina)
        admin = make.actor(make.admin())
        for actor in (admin, VISITOR):
            for command in (services.withdraw, services.remove):
                with pytest.raises(NotFound), work(actor) as opened:
                    command(opened, public_id=story.public_id)
            with pytest.raises(NotFound), work(actor) as opened:
                services.write(opened, public_id=story.public_id, step="change", words="Mine now.", seen=6)
            with pytest.raises(NotFound), work(actor) as opened:
                services.tell(opened, public_id=story.public_id, consent=PUBLIC, named=True)
            with pytest.raises(NotFound), work(actor) as opened:
                services.link(opened, public_id=story.public_id, keys=[])

    def test_a_story_that_others_read_keeps_all_its_steps(self, make: Make, work: Working, amina: Person) -> None:
        story = tell(make, work, amina)
        with pytest.raises(Refusal, match="no step can be empty"), work(make.actor(amina)) as opened:
            services.write(opened, public_id=story.public_id, step="result", words=" ", seen=story.revision)


class TestHiding:
    def test_takes_it_out_of_sight_with_a_reason_and_shows_it_again(
        self, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        story = tell(make, work, amina)
        facilitator = make.account("Femi")
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        keeper = make.actor(facilitator)
        with work(keeper) as opened:
            services.hide(opened, public_id=story.public_id, why="It names a resident.")
        assert titles(reading, VISITOR) == titles(reading, keeper) == []
        with pytest.raises(NotFound):
            page(reading, VISITOR, story)
        assert page(reading, make.actor(amina), story).story.hidden_why == "It names a resident."
        assert page(reading, keeper, story).may_hide
        with reading(keeper) as read:
            assert [item.id for item in queries.hidden(read)] == [story.id]
        with work(make.actor(amina)) as opened:
            services.tell(opened, public_id=story.public_id, consent=PUBLIC, named=True)
        assert titles(reading, VISITOR) == []
        with work(keeper) as opened:
            services.show_again(opened, public_id=story.public_id)
        assert titles(reading, VISITOR) == ["Tea at reception"]

    @pytest.mark.parametrize("why", ["", "  ", "x" * 501])
    def test_says_why(self, make: Make, work: Working, amina: Person, why: str) -> None:
        story = tell(make, work, amina)
        with pytest.raises(Refusal, match="Say why"), work(make.actor(make.admin())) as opened:
            services.hide(opened, public_id=story.public_id, why=why)

    def test_is_for_those_who_keep_order_in_its_programme_and_of_what_was_told(
        self, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        story = tell(make, work, amina)
        elsewhere = make.account("Else Where")
        make.grant(elsewhere, Role.ADMIN, programme=make.programme("another"))
        host = make.account("Hana")
        make.grant(host, Role.HOST, programme=make.programme())
        for person in (elsewhere, host, amina):
            for command, words in ((services.hide, {"why": "No."}), (services.show_again, {})):
                with pytest.raises(NotFound), work(make.actor(person)) as opened:
                    command(opened, public_id=story.public_id, **words)
            with reading(make.actor(person)) as read:
                assert queries.hidden(read) == []
        draft = begin(make, work, amina, "Not told")
        with pytest.raises(NotFound), work(make.actor(make.admin())) as opened:
            services.hide(opened, public_id=draft.public_id, why="No.")


def visited(make: Make, work: Working, person: Person, clock: FixedClock) -> tuple[Story, Event]:
    """A story that came from a visit, told to everybody."""
    event = make.visit()
    make.booking(person, event)
    clock.set(event.parts[0].ends_at)
    story = tell(make, work, person)
    with work(make.actor(person)) as opened:
        services.link(opened, public_id=story.public_id, keys=[f"event:{event.slug}"])
    return story, event


class TestWhereItCameFrom:
    def test_is_what_they_took_part_in(
        self, make: Make, work: Working, reading: Reads, amina: Person, stranger: Person, clock: FixedClock
    ) -> None:
        story, event = visited(make, work, amina, clock)
        assert [source.key for source in page(reading, VISITOR, story).sources] == [f"event:{event.slug}"]
        assert titles(reading, VISITOR, event_id=event.id) == ["Tea at reception"]
        another = make.visit()
        for key in (f"event:{another.slug}", "event:nowhere", "promise:none", "topic:1", ""):
            with pytest.raises(Refusal, match="Choose from the list"), work(make.actor(amina)) as opened:
                services.link(opened, public_id=story.public_id, keys=[key])

    def test_once_named_it_stays_when_the_place_was_given_back_and_can_be_taken_out(
        self, make: Make, work: Working, reading: Reads, amina: Person, clock: FixedClock
    ) -> None:
        story, event = visited(make, work, amina, clock)
        for _ in range(2):
            with work(make.actor(amina)) as opened:
                services.link(opened, public_id=story.public_id, keys=[f"event:{event.slug}"] * 2)
        assert len(page(reading, VISITOR, story).sources) == 1
        with work(make.actor(amina)) as opened:
            services.link(opened, public_id=story.public_id, keys=[])
        assert page(reading, VISITOR, story).sources == []
        assert titles(reading, VISITOR, event_id=event.id) == []

    def test_an_event_that_is_not_for_anybody_is_shown_to_its_teller_alone(
        self, make: Make, work: Working, reading: Reads, amina: Person, clock: FixedClock
    ) -> None:
        story, event = visited(make, work, amina, clock)
        with work() as opened:
            opened.session.get_one(Event, event.id).visibility = Visibility.INVITED
        assert page(reading, VISITOR, story).sources == []
        assert len(page(reading, make.actor(amina), story).sources) == 1
        assert titles(reading, VISITOR, event_id=event.id) == ["Tea at reception"]

    def test_a_topic_is_there_for_those_who_may_enter_its_space(
        self, app: Flask, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        forum = MakeForum(app, make)
        forum.course(amina)
        forum.accept(amina)
        topic = forum.topic(amina, forum.space())
        story = tell(make, work, amina)
        with work(make.actor(amina)) as opened:
            services.link(opened, public_id=story.public_id, keys=[f"topic:{topic.id}"])
        alumnus = make.account("Al Umnus")
        forum.course(alumnus)
        assert [source.topic_id for source in page(reading, make.actor(alumnus), story).sources] == [topic.id]
        assert page(reading, VISITOR, story).sources == []
