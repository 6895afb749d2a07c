"""Offers and asks: what waits on the board, what fits together, who is told of it, and how it ends."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound
from cop.models.accounts import Person
from cop.models.forum import Post, Space, Topic, TopicKind
from cop.models.forum_mail import Pace
from cop.models.outbox import MailTopic, Outbox
from cop.queries.forum import offers
from cop.queries.forum.offers import NEWS_FOR
from cop.services import forum as services
from cop.services import preferences
from cop.services.forum import offering
from cop.services.forum.sorting import About
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.golden import Golden
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.members import Directory
from tests.support.queries import count_queries
from tests.test_mail import readable, without

Posted = Callable[..., Sequence[Outbox]]
Offer = Callable[..., Topic]

GOLDEN = Path(__file__).parents[2] / "golden" / "mail"

OFFER, ASK, TALK = TopicKind.OFFER, TopicKind.ASK, TopicKind.TALK


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def directory(app: Flask, make: Make) -> Directory:
    return Directory(app, make)


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    return forum.alumna("Alma Ashdown", email="alma@council.example")


@pytest.fixture
def ben(forum: MakeForum) -> Person:
    return forum.alumna("Ben Birkett", email="ben@council.example")


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


@pytest.fixture
def write(make: Make, work: Working, directory: Directory, space: Space) -> Offer:
    """``write(alma, ASK, "Who has …", "Housing")``: an offer or an ask, sorted by these words."""

    def written(author: Person, kind: TopicKind, title: str, *words: str, into: Space | None = None) -> Topic:
        about = About(kind=kind, tag_ids=directory.words(*words))
        with work(make.actor(author)) as unit:
            space_id = (into or space).id
            return services.open_topic(unit, space_id=space_id, title=title, body=f"{title}, in words.", about=about)

    return written


def titles(found: Sequence[offers.OnBoard]) -> list[str]:
    return [topic.title for topic in found]


class TestTheBoard:
    def test_shows_what_waits_the_newest_first_by_kind_and_by_word(
        self, make: Make, reading: Reads, write: Offer, alma: Person, ben: Person, clock: FixedClock
    ) -> None:
        write(alma, ASK, "Who has a lease for a hub?", "Housing")
        clock.move(timedelta(hours=1))
        write(ben, OFFER, "A lease to copy", "Housing", "Peer research")
        clock.move(timedelta(hours=1))
        write(ben, TALK, "Just talk", "Housing")
        with reading(make.actor(alma)) as read:
            assert titles(offers.board(read)) == ["A lease to copy", "Who has a lease for a hub?"]
            assert titles(offers.board(read, kind=ASK)) == ["Who has a lease for a hub?"]
            assert titles(offers.board(read, tag="peer-research")) == ["A lease to copy"]
            assert titles(offers.board(read, limit=1)) == ["A lease to copy", "Who has a lease for a hub?"]
            assert titles(offers.board(read, offset=1)) == ["Who has a lease for a hub?"]
            assert titles(offers.own(read)) == ["Who has a lease for a hub?"]
            [first, _other] = offers.board(read)
        assert (first.author, first.space, set(first.tags)) == (
            "Ben Birkett",
            "Project updates",
            {"Housing", "Peer research"},
        )

    @pytest.mark.parametrize("what", ["settled", "hidden", "locked", "post deleted", "post hidden", "space closed"])
    def test_leaves_out_what_nobody_can_take_up(
        self,
        make: Make,
        work: Working,
        reading: Reads,
        forum: MakeForum,
        write: Offer,
        alma: Person,
        ben: Person,
        space: Space,
        what: str,
    ) -> None:
        ask = write(ben, ASK, "Who has one?", "Housing")
        own = write(alma, OFFER, "I have one", "Housing")
        with reading(make.actor(alma)) as read:
            assert "Who has one?" in titles(offers.board(read))
            assert own.id in offers.fitting(read, [own.id], each=3)
            first = read.session.scalars(select(Post.id).where(Post.topic_id == ask.id)).one()
        if what == "settled":
            with work(make.actor(ben)) as unit:
                offering.settle(unit, topic_id=ask.id)
        elif what == "hidden":
            forum.hide_topic(ask)
        elif what == "locked":
            forum.lock_topic(ask)
        elif what == "post deleted":
            with work(make.actor(ben)) as unit:
                services.delete_post(unit, post_id=first)
        elif what == "post hidden":
            forum.hide_post(first)
        else:
            with work() as unit:
                unit.session.get_one(Space, space.id).closed_at = unit.now
        with reading(make.actor(alma)) as read:
            assert "Who has one?" not in titles(offers.board(read))
            assert offers.fitting(read, [own.id], each=3) == {}

    def test_shows_nothing_of_spaces_that_somebody_does_not_enter(
        self, make: Make, reading: Reads, forum: MakeForum, write: Offer, alma: Person, ben: Person
    ) -> None:
        shut = forum.space("Of one course", course=forum.course(ben))
        own = write(alma, ASK, "Who has one?", "Housing")
        hidden = write(ben, OFFER, "Kestrel", "Housing", into=shut)
        stranger = make.account("Stan Stranger")
        with reading(make.actor(alma)) as read:
            assert titles(offers.board(read)) == ["Who has one?"]
            assert offers.fitting(read, [own.id], each=3) == {}
            with pytest.raises(NotFound):
                offers.one(read, topic_id=hidden.id)
        with reading(make.actor(ben)) as read:
            assert [found.topic.title for found in offers.fitting(read, [hidden.id], each=3)[hidden.id]] == [
                "Who has one?"
            ]
        for actor in (make.actor(stranger), Actor(), Actor(alma.id, via="link")):
            with reading(actor) as read:
                assert offers.board(read) == []
                with pytest.raises(NotFound):
                    offers.one(read, topic_id=own.id)

    def test_takes_as_many_statements_for_many_as_for_few(
        self, make: Make, reading: Reads, write: Offer, alma: Person, ben: Person
    ) -> None:
        def statements() -> int:
            with count_queries() as sent, reading(make.actor(alma)) as read:
                offers.board(read)
                offers.fitting(read, [topic.id for topic in offers.own(read)], each=3)
            return len(sent)

        write(alma, ASK, "First ask", "Housing")
        write(ben, OFFER, "First offer", "Housing")
        few = statements()
        for number in range(5):
            write(alma, ASK, f"Ask {number}", "Housing")
            write(ben, OFFER, f"Offer {number}", "Housing", "Education")
        assert statements() == few


class TestWhatFits:
    def test_is_of_the_other_kind_by_somebody_else_and_says_why(
        self, make: Make, reading: Reads, forum: MakeForum, write: Offer, alma: Person, ben: Person
    ) -> None:
        cara = forum.alumna("Cara Cole")
        ask = write(alma, ASK, "Who has one?", "Housing", "Peer research")
        write(alma, OFFER, "My own offer", "Housing")
        write(ben, ASK, "Another ask", "Housing")
        write(ben, OFFER, "One word", "Housing")
        write(cara, OFFER, "Both words", "Peer research", "Housing")
        write(cara, OFFER, "No word of it", "Writing bids")
        with reading(make.actor(alma)) as read:
            found = offers.fitting(read, [ask.id], each=3)[ask.id]
            best = offers.fitting(read, [ask.id], each=1)[ask.id]
        assert [(one.topic.title, sorted(one.shared)) for one in found] == [
            ("Both words", ["Housing", "Peer research"]),
            ("One word", ["Housing"]),
        ]
        assert [one.topic.title for one in best] == ["Both words"]

    def test_goes_by_skills_and_themes_alone(
        self, make: Make, reading: Reads, write: Offer, alma: Person, ben: Person
    ) -> None:
        ask = write(alma, ASK, "Who has one?", "Civic")
        write(ben, OFFER, "I do", "Civic")
        with reading(make.actor(alma)) as read:
            assert offers.fitting(read, [ask.id], each=3) == {}
            assert list(offers.one(read, topic_id=ask.id).tags) == ["Civic"]
            assert list(offers.one(read, topic_id=ask.id).help_tags) == []

    def test_needs_words(self, make: Make, reading: Reads, write: Offer, alma: Person, ben: Person) -> None:
        ask = write(alma, ASK, "Who has one?")
        write(ben, OFFER, "I do")
        with reading(make.actor(alma)) as read:
            assert offers.fitting(read, [ask.id], each=3) == {}
            assert offers.fitting(read, [], each=3) == {}


class TestSettling:
    def test_is_for_its_author_and_for_who_keeps_order(
        self, make: Make, work: Working, reading: Reads, write: Offer, alma: Person, ben: Person
    ) -> None:
        ask = write(alma, ASK, "Who has one?", "Housing")
        facilitator = make.account("Femi Facilitator")
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        with pytest.raises(NotFound), work(make.actor(ben)) as unit:
            offering.settle(unit, topic_id=ask.id)
        for person in (alma, facilitator):
            with work(make.actor(person)) as unit:
                offering.settle(unit, topic_id=ask.id)
            with reading(make.actor(person)) as read:
                assert offers.may_settle(read, topic_id=ask.id)
                assert offers.one(read, topic_id=ask.id).settled_at is not None
                assert offers.board(read) == []
            with work(make.actor(person)) as unit:
                offering.put_back(unit, topic_id=ask.id)
            with reading(make.actor(person)) as read:
                assert titles(offers.board(read)) == ["Who has one?"]
        with reading(make.actor(ben)) as read:
            assert not offers.may_settle(read, topic_id=ask.id)

    def test_keeps_the_first_day_and_is_for_offers_and_asks_alone(
        self, make: Make, work: Working, write: Offer, alma: Person, clock: FixedClock
    ) -> None:
        ask, talk = write(alma, ASK, "Who has one?"), write(alma, TALK, "Just talk")
        with work(make.actor(alma)) as unit:
            first = offering.settle(unit, topic_id=ask.id).settled_at
        clock.move(timedelta(days=1))
        with work(make.actor(alma)) as unit:
            assert offering.settle(unit, topic_id=ask.id).settled_at == first
        with pytest.raises(NotFound), work(make.actor(alma)) as unit:
            offering.settle(unit, topic_id=talk.id)


class TestTelling:
    @pytest.fixture
    def tell(self, work: Working) -> Callable[[], int]:
        def run() -> int:
            with work() as unit:
                return offering.tell(unit)

        return run

    def test_the_older_side_hears_once_of_the_newer(
        self,
        forum: MakeForum,
        write: Offer,
        tell: Callable[[], int],
        alma: Person,
        ben: Person,
        mailbox: Mailbox,
        outbox: Posted,
        reading: Reads,
        golden: Golden,
    ) -> None:
        forum.hears(alma, ben)
        write(alma, ASK, "Who has a lease?", "Housing", "Peer research")
        write(ben, OFFER, "A lease to copy", "Housing")
        tell()
        tell()
        assert [row.person_id for row in outbox("forum_match")] == [alma.id]
        [mail] = [mail for mail in mailbox.deliver() if "fits what you ask for" in mail.subject]
        with reading() as read:
            random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
        golden(GOLDEN / "forum-match.txt", without(random, readable(mail.message)))
        assert "A lease to copy" in mail.subject
        assert "Both name: Housing." in mail.text
        assert "“Who has a lease?”" in mail.text
        assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_one_letter_tells_of_one_topic_however_many_of_theirs_it_fits(
        self, forum: MakeForum, write: Offer, tell: Callable[[], int], alma: Person, ben: Person, outbox: Posted
    ) -> None:
        forum.hears(alma)
        write(alma, ASK, "First", "Housing")
        best = write(alma, ASK, "Second", "Housing", "Peer research")
        write(ben, OFFER, "It fits both", "Housing", "Peer research")
        tell()
        [row] = outbox("forum_match")
        assert row.params["own_id"] == best.id

    @pytest.mark.parametrize("why", ["never asked", "no letters", "turned off", "not let in", "too old", "its own"])
    def test_nobody_is_told_who_should_not_be(
        self,
        make: Make,
        work: Working,
        forum: MakeForum,
        write: Offer,
        tell: Callable[[], int],
        alma: Person,
        ben: Person,
        clock: FixedClock,
        mailbox: Mailbox,
        why: str,
    ) -> None:
        if why != "never asked":
            forum.hears(alma, pace=Pace.NEVER if why == "no letters" else Pace.DAILY)
        if why == "turned off":
            with work(make.actor(alma)) as unit:
                preferences.choose(unit, wanted=[topic for topic in MailTopic if topic is not MailTopic.FORUM])
        into = forum.space("Of one course", course=forum.course(ben)) if why == "not let in" else None
        write(alma, ASK, "Who has one?", "Housing")
        write(alma if why == "its own" else ben, OFFER, "Quagga", "Housing", into=into)
        if why == "too old":
            clock.move(NEWS_FOR)
        tell()
        assert [mail.subject for mail in mailbox.deliver() if "fits" in mail.subject] == []

    @pytest.mark.parametrize("what", ["settled", "hidden", "let out"])
    def test_what_changed_before_it_was_sent_is_not_told(
        self,
        make: Make,
        work: Working,
        forum: MakeForum,
        write: Offer,
        tell: Callable[[], int],
        alma: Person,
        ben: Person,
        mailbox: Mailbox,
        what: str,
    ) -> None:
        forum.hears(alma)
        write(alma, ASK, "Who has one?", "Housing")
        offer = write(ben, OFFER, "Quagga", "Housing")
        tell()
        if what == "settled":
            with work(make.actor(ben)) as unit:
                offering.settle(unit, topic_id=offer.id)
        elif what == "hidden":
            forum.hide_topic(offer)
        else:
            course = forum.course(ben)
            with work() as unit:
                shut = unit.session.get_one(Space, offer.space_id)
                shut.cohort_id = course.id
        assert [mail.subject for mail in mailbox.deliver() if "fits" in mail.subject] == []
