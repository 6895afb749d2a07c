"""Answers that come to the forum by e-mail: whose they are, what is posted, and what is said about the rest."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.formats.answers import read_answer
from cop.models.accounts import Person, RoleGrant
from cop.models.events import Booking, BookingState
from cop.models.forum import POST_MOST, Post, PostSource, Space, Topic
from cop.models.forum_mail import Because, ForumAnswer, MailOutcome, Pace
from cop.models.outbox import Outbox
from cop.queries import forum as queries
from cop.services import forum as services
from cop.services.forum.by_mail import LETTERS_A_DAY, POSTS_AN_HOUR
from tests.support.answers import html, mixed, part, plain
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working, working

ADDRESS = "replies@cop.example"
OUR_DOMAIN = "cop.example"

Posted = Callable[..., Sequence[Outbox]]
Take = Callable[[bytes], MailOutcome | None]


@pytest.fixture
def topic(forum: MakeForum, ben: Person, space: Space) -> Topic:
    return forum.topic(ben, space)


@pytest.fixture
def to(alma: Person, topic: Topic) -> str:
    """Where Alma answers in the topic."""
    return queries.answer_address(ADDRESS, alma.public_id, topic.id, 0)


@pytest.fixture
def take(work: Working) -> Take:
    """What the service makes of a mail."""

    def receive(raw: bytes) -> MailOutcome | None:
        with work() as unit:
            return services.receive(unit, answer=read_answer(raw), own_domain=OUR_DOMAIN)

    return receive


@pytest.fixture
def posts(reading: Reads, topic: Topic) -> Callable[[], list[tuple[str, int, PostSource]]]:
    """``posts()`` are the answers in the topic: words, author and the way that they came."""

    def found() -> list[tuple[str, int, PostSource]]:
        with reading() as read:
            rows = read.session.scalars(select(Post).where(Post.number > 1).order_by(Post.topic_id, Post.number)).all()
        return [(post.body, post.author_id, post.source) for post in rows]

    return found


@pytest.fixture
def reasons(reading: Reads) -> Callable[[], list[str]]:
    def found() -> list[str]:
        with reading() as read:
            return list(read.session.scalars(select(ForumAnswer.reason).order_by(ForumAnswer.id)))

    return found


Posts = Callable[[], list[tuple[str, int, PostSource]]]
Reasons = Callable[[], list[str]]


class TestAnAnswer:
    def test_is_posted_as_its_author_who_hears_of_more(
        self,
        forum: MakeForum,
        take: Take,
        to: str,
        alma: Person,
        ben: Person,
        topic: Topic,
        posts: Posts,
        outbox: Posted,
    ) -> None:
        forum.hears(alma, ben)
        assert take(plain(to, "We have a **kettle**.")) is MailOutcome.POSTED
        assert posts() == [("We have a **kettle**.", alma.id, PostSource.EMAIL)]
        assert [row.person_id for row in outbox("forum_post")] == [ben.id]
        forum.reply(ben, topic, "What colour?")
        assert [row.person_id for row in outbox("forum_post")] == [ben.id, alma.id]
        assert outbox("forum_answer") == []

    def test_in_html_alone_is_posted_too(self, take: Take, to: str, posts: Posts) -> None:
        assert take(html(to, "<p>Tea &amp; <b>time</b></p><blockquote>So did we.</blockquote>")) is MailOutcome.POSTED
        assert [body for body, _author, _source in posts()] == ["Tea & time"]

    def test_counts_once_however_often_the_mail_comes(self, take: Take, to: str, posts: Posts) -> None:
        raw = plain(to)
        assert [take(raw), take(raw), take(raw.replace(b"kettle", b"pot"))] == [MailOutcome.POSTED, None, None]
        assert len(posts()) == 1

    def test_counts_once_where_two_read_it_together(self, app: Flask, to: str, topic: Topic, posts: Posts) -> None:
        answer, both = read_answer(plain(to)), Barrier(2)

        def read_it(_number: int) -> MailOutcome | None:
            both.wait(timeout=30)
            with working(app) as unit:
                return services.receive(unit, answer=answer, own_domain=OUR_DOMAIN)

        with ThreadPoolExecutor(2) as pool:
            came = list(pool.map(read_it, range(2)))
        assert sorted(came, key=str) == [None, MailOutcome.POSTED]
        assert len(posts()) == 1

    def test_goes_where_the_topic_was_merged_into(
        self,
        forum: MakeForum,
        work: Working,
        take: Take,
        to: str,
        ben: Person,
        space: Space,
        topic: Topic,
        reading: Reads,
    ) -> None:
        other = forum.topic(ben, space, "All about tea")
        with work() as unit:
            unit.session.get_one(Topic, topic.id).merged_into = other.id
        assert take(plain(to)) is MailOutcome.POSTED
        with reading() as read:
            assert read.session.scalars(select(Post.topic_id).order_by(Post.id.desc())).first() == other.id

    def test_of_a_record_that_was_merged_is_the_others(
        self, make: Make, work: Working, take: Take, alma: Person, topic: Topic, posts: Posts
    ) -> None:
        double = make.person("Alma Ashdown", email=None)
        with work() as unit:
            unit.session.get_one(Person, double.id).merged_into = alma.id
        assert take(plain(queries.answer_address(ADDRESS, double.public_id, topic.id, 0))) is MailOutcome.POSTED
        assert posts()[0][1] == alma.id

    def test_is_taken_by_the_service_alone(self, make: Make, work: Working, alma: Person, to: str) -> None:
        with pytest.raises(NotFound), work(make.actor(alma)) as unit:
            services.receive(unit, answer=read_answer(plain(to)), own_domain=OUR_DOMAIN)


class TestAnAddress:
    def test_fits_into_what_mail_servers_take(self, alma: Person) -> None:
        longest = queries.answer_address(f"{'r' * 32}@cop.example", alma.public_id, 36**7 - 1, 10**9)
        assert len(longest.partition("@")[0]) == 64
        (named,) = queries.answers_named([longest])
        assert (named.public_id, named.topic_id) == (alma.public_id, 36**7 - 1)

    def test_is_the_same_in_capitals(self, take: Take, to: str) -> None:
        assert take(plain(to.upper())) is MailOutcome.POSTED

    def test_that_was_changed_anywhere_is_nobodys(
        self, take: Take, to: str, outbox: Posted, posts: Posts, reasons: Reasons
    ) -> None:
        begin = to.index("+") + 1
        for place in range(begin, to.index("@")):
            forged = to[:place] + ("x" if to[place] != "x" else "y") + to[place + 1 :]
            assert take(plain(forged)) is None
        assert (posts(), outbox("forum_answer"), reasons()) == ([], [], [])

    def test_dies_when_its_owner_says_so(
        self, make: Make, work: Working, take: Take, to: str, alma: Person, topic: Topic
    ) -> None:
        with work(make.actor(alma)) as unit:
            services.renew_addresses(unit)
        assert take(plain(to)) is None
        assert take(plain(queries.answer_address(ADDRESS, alma.public_id, topic.id, 1))) is MailOutcome.POSTED

    def test_takes_nothing_from_another_sender(
        self, take: Take, to: str, alma: Person, outbox: Posted, posts: Posts, reasons: Reasons, reading: Reads
    ) -> None:
        """The owner is told, at the address that we know; whoever wrote is not, and their words go nowhere."""
        assert take(plain(to, "Buy this.", sender="mallory@elsewhere.example")) is MailOutcome.REFUSED
        assert posts() == []
        assert reasons() == [Because.STRANGER]
        assert [(row.person_id, row.address) for row in outbox("forum_answer")] == [(alma.id, None)]
        with reading() as read:
            assert read.session.scalars(select(ForumAnswer.words)).all() == [None]

    def test_takes_nothing_that_the_mail_server_found_forged(self, take: Take, to: str, reasons: Reasons) -> None:
        raw = plain(to, "x", "Authentication-Results: mx.cop.example; dmarc=fail header.from=council.example")
        assert take(raw) is MailOutcome.REFUSED
        assert reasons() == [Because.STRANGER]


class TestAMachine:
    @pytest.mark.parametrize(
        "header",
        [
            "Auto-Submitted: auto-replied",
            "Precedence: bulk",
            "Return-Path: <>",
            "List-Id: <x.example>",
            "X-Auto-Response-Suppress: OOF",
            "Message-ID: <0123456789abcdef@cop.example>",
        ],
    )
    def test_is_neither_posted_nor_answered(
        self, take: Take, to: str, header: str, outbox: Posted, posts: Posts, reasons: Reasons
    ) -> None:
        assert take(plain(to, "I am away until Monday.", header)) is MailOutcome.LEFT
        assert (posts(), outbox("forum_answer"), reasons()) == ([], [], [Because.AUTOMATIC])

    def test_that_says_nothing_of_itself_is_stopped_by_the_hour(
        self, take: Take, to: str, clock: FixedClock, posts: Posts, outbox: Posted, reasons: Reasons
    ) -> None:
        for number in range(POSTS_AN_HOUR + LETTERS_A_DAY + 3):
            take(plain(to, f"Loop {number}"))
        assert len(posts()) == POSTS_AN_HOUR
        assert len(outbox("forum_answer")) == LETTERS_A_DAY
        assert set(reasons()[POSTS_AN_HOUR:]) == {Because.OFTEN}
        clock.move(timedelta(hours=1, seconds=1))
        assert take(plain(to, "I am back.")) is MailOutcome.POSTED


class TestWhatIsNotPosted:
    """Everything that keeps somebody from writing on the page keeps them from writing by mail, and is explained."""

    @pytest.fixture
    def refused(
        self, take: Take, to: str, alma: Person, outbox: Posted, posts: Posts, reading: Reads
    ) -> Callable[..., None]:
        def check(because: Because, words: str = "We have a kettle.", kept: str | None = "We have a kettle.") -> None:
            assert take(plain(to, words)) is MailOutcome.REFUSED
            assert posts() == []
            with reading() as read:
                answer = read.session.scalars(select(ForumAnswer)).one()
            assert (answer.reason, answer.words) == (because, kept)
            (letter,) = outbox("forum_answer")
            assert (letter.person_id, letter.params) == (alma.id, {"answer_id": answer.id})

        return check

    def test_in_a_locked_topic(self, forum: MakeForum, topic: Topic, refused: Callable[..., None]) -> None:
        forum.lock_topic(topic)
        refused(Because.LOCKED)

    def test_in_a_closed_space(self, work: Working, space: Space, refused: Callable[..., None]) -> None:
        with work() as unit:
            unit.session.get_one(Space, space.id).closed_at = unit.now
        refused(Because.CLOSED)

    def test_in_a_hidden_topic(self, forum: MakeForum, topic: Topic, refused: Callable[..., None]) -> None:
        forum.hide_topic(topic)
        refused(Because.GONE)

    def test_by_somebody_who_is_out(self, work: Working, alma: Person, refused: Callable[..., None]) -> None:
        with work() as unit:
            of_alma = update(Booking).where(Booking.person_id == alma.id)
            unit.session.execute(of_alma.values(state=BookingState.CANCELLED, cancelled_at=unit.now))
        refused(Because.GONE)

    def test_without_the_house_rules(
        self, make: Make, forum: MakeForum, work: Working, take: Take, topic: Topic, reasons: Reasons
    ) -> None:
        carol = forum.alumna("Carol", email="alma@council.example", accepts=False)
        raw = plain(queries.answer_address(ADDRESS, carol.public_id, topic.id, 0))
        assert take(raw) is MailOutcome.REFUSED
        assert reasons() == [Because.RULES]

    def test_without_words(self, refused: Callable[..., None]) -> None:
        refused(Because.EMPTY, words="", kept=None)

    def test_with_words_that_show_nothing(self, refused: Callable[..., None]) -> None:
        refused(Because.EMPTY, words="[tea]: https://tea.example", kept="[tea]: https://tea.example")

    def test_with_too_many_words(self, refused: Callable[..., None]) -> None:
        long = "word " * (POST_MOST // 5) + "w"
        refused(Because.LONG, words=long, kept=long)

    def test_even_by_a_facilitator_in_a_hidden_topic(
        self, forum: MakeForum, take: Take, topic: Topic, facilitator: Person, reasons: Reasons
    ) -> None:
        forum.hide_topic(topic)
        to = queries.answer_address(ADDRESS, facilitator.public_id, topic.id, 0)
        assert take(plain(to, sender="femi@council.example")) is MailOutcome.REFUSED
        assert reasons() == [Because.GONE]


class TestFiles:
    def test_stay_out_and_their_sender_is_told(
        self, take: Take, to: str, posts: Posts, outbox: Posted, reading: Reads
    ) -> None:
        file = part("application/pdf", b"%PDF-1.7", 'Content-Disposition: attachment; filename="plan.pdf"')
        assert take(mixed(to, part("text/plain", b"See the plan."), file)) is MailOutcome.POSTED
        assert [body for body, _author, _source in posts()] == ["See the plan."]
        assert len(outbox("forum_answer")) == 1
        with reading() as read:
            assert read.session.scalars(select(ForumAnswer.reason)).all() == [Because.FILES]

    def test_alone_are_no_answer(self, take: Take, to: str, reasons: Reasons) -> None:
        file = part("image/png", b"\x89PNG", 'Content-Disposition: attachment; filename="tea.png"')
        assert take(mixed(to, file)) is MailOutcome.REFUSED
        assert reasons() == [Because.EMPTY]


def test_a_facilitator_answers_like_everybody(
    make: Make,
    forum: MakeForum,
    work: Working,
    take: Take,
    topic: Topic,
    facilitator: Person,
    posts: Posts,
    reasons: Reasons,
) -> None:
    forum.hears(facilitator, pace=Pace.EACH)
    to = queries.answer_address(ADDRESS, facilitator.public_id, topic.id, 0)
    assert take(plain(to, sender="Femi@Council.example")) is MailOutcome.POSTED
    with work() as unit:
        unit.session.execute(update(RoleGrant).where(RoleGrant.role == Role.FACILITATOR).values(revoked_at=unit.now))
    assert take(plain(to, "More.", sender="femi@council.example")) is MailOutcome.REFUSED
    assert reasons() == ["", Because.GONE]
