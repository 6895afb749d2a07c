"""Letters about the forum: what they say, to whom, how they end, and how they are answered."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import Role
from cop.formats.answers import read_answer
from cop.mail.drawing import HIDDEN
from cop.models.accounts import Person, RoleGrant
from cop.models.forum import FollowLevel, Mention, Post, Space, Topic
from cop.models.forum_mail import MailOutcome, Pace
from cop.models.outbox import Outbox
from cop.queries import forum as queries
from cop.services import forum as services
from cop.services.forum.following import tell_of_reply
from scheduled import send_digests
from tests.support.answers import plain
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum, address_of
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.test_mail import readable

GOLDEN = Path(__file__).parent / "golden" / "mail"

ADDRESS = "replies@cop.example"

WORDS = "So did we:\n\n- tea\n- **cake** & <b>time</b>\n\nhttps://tea.example/how"


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    person = forum.alumna("Alma Ashdown", email="alma@council.example")
    forum.hears(person)
    return person


@pytest.fixture
def ben(forum: MakeForum) -> Person:
    return forum.alumna("Ben Birkett", email="ben@council.example")


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


@pytest.fixture
def topic(forum: MakeForum, alma: Person, space: Space) -> Topic:
    return forum.topic(alma, space)


@pytest.fixture
def takes_answers(app: Flask) -> Iterator[None]:
    """The setting that lets people answer by e-mail."""
    ports = app.extensions["cop"]
    before = ports.settings
    ports.settings = replace(before, reply_address=ADDRESS)
    yield
    ports.settings = before


@pytest.fixture
def digests(app: Flask, clock: FixedClock, mailbox: Mailbox) -> Callable[[], list[Mail]]:
    """``digests()`` are the letters that came the next morning."""

    def come() -> list[Mail]:
        clock.move(timedelta(days=1))
        with app.app_context():
            send_digests.run()
        return mailbox.deliver()

    return come


def follow(work: Working, make: Make, person: Person, space: Space) -> None:
    with work(make.actor(person)) as unit:
        services.follow_space(unit, space_id=space.id, level=FollowLevel.FOLLOW)


@pytest.fixture
def letter(
    forum: MakeForum,
    make: Make,
    work: Working,
    mailbox: Mailbox,
    digests: Callable[[], list[Mail]],
    clock: FixedClock,
    alma: Person,
    ben: Person,
    topic: Topic,
) -> Callable[[str], Mail]:
    """The letter of that name, to Alma."""
    space = forum.space("Tea room")

    def write(name: str) -> Mail:
        if name == "forum-news":
            forum.hears(alma, pace=Pace.DAILY)
            follow(work, make, alma, space)
            clock.move(timedelta(minutes=1))
            forum.reply(ben, topic, "One")
            forum.topic(ben, space, "Tea, & then?", WORDS)
            (digest,) = digests()
            return digest
        if name == "forum-topic":
            follow(work, make, alma, space)
            forum.topic(ben, space, "Tea, & then?", WORDS)
        elif name == "forum-mention":
            other = forum.topic(ben, space, "Tea, & then?", WORDS)
            with work() as unit:
                post = unit.session.scalars(select(Post).where(Post.topic_id == other.id)).one()
                unit.session.add(Mention(post_id=post.id, person_id=alma.id))
                tell_of_reply(unit, post)
        else:
            forum.reply(ben, topic, WORDS)
        (mail,) = mailbox.deliver()
        return mail

    return write


LETTERS = ("forum-reply", "forum-topic", "forum-mention", "forum-news")


def without_names(text: str, reading: Reads) -> str:
    """The letter without the words that differ from one run to the next."""
    with reading() as read:
        for message_id in read.session.scalars(select(Outbox.message_id)):
            text = text.replace(message_id, "MESSAGE")
    return re.sub(r"\+[a-z0-9]{31}@", "+OWN@", text)


@pytest.mark.usefixtures("takes_answers")
@pytest.mark.parametrize("name", LETTERS)
class TestALetter:
    def test_is_letter_for_letter_what_was_read_and_approved(
        self, letter: Callable[[str], Mail], golden: Golden, reading: Reads, name: str
    ) -> None:
        golden(GOLDEN / f"{name}.txt", without_names(readable(letter(name).message), reading))

    def test_has_a_button_of_its_own_in_mail_programs(
        self, letter: Callable[[str], Mail], browse: Browse, reading: Reads, name: str
    ) -> None:
        mail = letter(name)
        address = mail["List-Unsubscribe"]
        assert re.fullmatch(r"<http://localhost/unsubscribe/[\w.-]+>", address)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        path = address.strip("<>").removeprefix("http://localhost")
        assert path in mail.text
        assert mail.link("/unsubscribe/") != path  # the first link in the text ends less: one topic, or one space
        assert browse.post(path, {"List-Unsubscribe": "One-Click"}, csrf=False).heading == "These mails are stopped"

    def test_is_sound_html_that_loads_nothing(self, letter: Callable[[str], Mail], name: str) -> None:
        soup = letter(name).soup
        assert [fault for fault in faults(soup) if "attribute style" not in fault] == []
        assert not soup.select("img, script, link, iframe, form, b")
        assert "& <b>time</b>" in soup.get_text()

    def test_puts_its_links_on_lines_of_their_own(self, letter: Callable[[str], Mail], name: str) -> None:
        mail = letter(name)
        linked = [line for line in mail.text.splitlines() if "://" in line]
        assert all(re.fullmatch(r"https?://\S+", line) for line in linked)
        ours = {str(link["href"]) for link in mail.soup.select("a[href]") if "localhost" in str(link["href"])}
        assert ours == {line for line in linked if "localhost" in line}

    def test_keeps_no_link_in_the_outbox(self, letter: Callable[[str], Mail], reading: Reads, name: str) -> None:
        token = letter(name).link("/unsubscribe/").rpartition("/")[2]
        with reading() as read:
            rows = read.session.scalars(select(Outbox)).all()
        assert [row for row in rows if token in str(vars(row)) or re.search(r"[a-z0-9]{31}", str(row.params))] == []

    def test_shows_its_keys_to_nobody_who_only_looks(
        self, letter: Callable[[str], Mail], make: Make, browse: Browse, alma: Person, reading: Reads, name: str
    ) -> None:
        mail = letter(name)
        secrets = re.findall(r"\+([a-z0-9]{31})@", f"{mail.text} {mail.message['Reply-To']}")
        assert secrets
        with reading() as read:
            (outbox_id,) = read.session.scalars(select(Outbox.id))
        page = browse.sign_in(alma).get(f"/account/messages/{outbox_id}").text
        assert "Ben Birkett" in page
        assert f"/unsubscribe/{HIDDEN}" in page
        assert not any(secret in page for secret in secrets)


class TestTheThread:
    def test_is_one_for_a_topic_and_another_for_the_next(
        self, forum: MakeForum, mailbox: Mailbox, alma: Person, ben: Person, space: Space, topic: Topic
    ) -> None:
        other = forum.topic(alma, space, "Cake")
        forum.reply(ben, topic, "One")
        forum.reply(ben, topic, "Two")
        forum.reply(ben, other, "Three")
        mails = sorted(mailbox.deliver(), key=lambda mail: mail.text.index("wrote"))
        threads = [mail["References"] for mail in mails]
        assert threads.count(f"<forum-topic-{topic.id}@localhost>") == 2
        assert threads.count(f"<forum-topic-{other.id}@localhost>") == 1
        assert all(mail["In-Reply-To"] == mail["References"] for mail in mails)
        assert {mail.subject for mail in mails} == {"Re: What works in Brent", "Re: Cake"}
        assert {mail["List-Id"] for mail in mails} == {f"<{space.slug}.forum.localhost>"}
        assert len({mail["Message-ID"] for mail in mails}) == 3

    @pytest.mark.usefixtures("takes_answers")
    def test_says_that_a_machine_sent_it(self, letter: Callable[[str], Mail]) -> None:
        mail = letter("forum-reply")
        assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")

    @pytest.mark.usefixtures("takes_answers")
    def test_that_comes_back_to_us_is_taken_for_no_answer(
        self, letter: Callable[[str], Mail], alma: Person, work: Working
    ) -> None:
        mail = letter("forum-reply")
        returned = mail.raw.replace(b"From: ", b"X-From: ", 1)
        to = str(mail.message["Reply-To"])
        raw = f"From: alma@council.example\r\nDelivered-To: {to}\r\n".encode() + returned
        with work() as unit:
            assert services.receive(unit, answer=read_answer(raw), own_domain="localhost") is MailOutcome.LEFT


class TestAnAnswer:
    @pytest.mark.usefixtures("takes_answers")
    def test_goes_to_an_address_of_ones_own(
        self, letter: Callable[[str], Mail], work: Working, alma: Person, topic: Topic
    ) -> None:
        mail = letter("forum-reply")
        assert mail["Reply-To"] == queries.answer_address(ADDRESS, alma.public_id, topic.id, 0)
        assert "Reply to this e-mail to answer in the forum" in mail.text
        with work() as unit:
            raw = plain(mail["Reply-To"], "By e-mail.")
            assert services.receive(unit, answer=read_answer(raw), own_domain="localhost") is MailOutcome.POSTED

    def test_is_not_asked_for_where_nobody_reads_it(
        self, forum: MakeForum, mailbox: Mailbox, ben: Person, topic: Topic
    ) -> None:
        forum.reply(ben, topic)
        (mail,) = mailbox.deliver()
        assert "Reply-To" not in mail.message
        assert "Reply to this e-mail" not in mail.text

    @pytest.mark.usefixtures("takes_answers")
    def test_is_not_asked_for_in_a_locked_topic(
        self, forum: MakeForum, mailbox: Mailbox, ben: Person, topic: Topic
    ) -> None:
        forum.reply(ben, topic)
        forum.lock_topic(topic)
        (mail,) = mailbox.deliver()
        assert "Reply-To" not in mail.message


@pytest.mark.parametrize("name", ["locked", "rules", "stranger", "long", "files", "gone"])
def test_the_letter_about_an_answer_says_what_helps(
    forum: MakeForum,
    work: Working,
    mailbox: Mailbox,
    golden: Golden,
    reading: Reads,
    ben: Person,
    space: Space,
    name: str,
) -> None:
    carol = forum.alumna("Carol Carter", email="alma@council.example", accepts=name != "rules")
    topic = forum.topic(ben, space)
    if name == "locked":
        forum.lock_topic(topic)
    if name == "gone":
        forum.hide_topic(topic)
    to = queries.answer_address(ADDRESS, carol.public_id, topic.id, 0)
    answer = read_answer(plain(to, "We have a kettle.\n\nIt <whistles>.", "Message-ID: <1@mail.council.example>"))
    changed: dict[str, dict[str, Any]] = {"stranger": {"sender": "other@elsewhere.example"}, "files": {"files": 1}}
    answer = replace(answer, **changed.get(name, {}))
    if name == "long":
        answer = replace(answer, words="word " * 3_000)
    with work() as unit:
        services.receive(unit, answer=answer, own_domain="localhost")
    (mail,) = mailbox.deliver()
    assert str(mail.message["To"]) == "Carol Carter <alma@council.example>"
    assert mail["In-Reply-To"] == "<1@mail.council.example>"
    assert ("whistles" in mail.text) is (name in {"locked", "rules", "gone"})
    assert (topic.slug in mail.text) is (name in {"locked", "long", "files"})
    if name != "long":
        golden(GOLDEN / f"forum-answer-{name}.txt", without_names(readable(mail.message), reading))


class TestTheLink:
    def test_leads_to_the_post(
        self, forum: MakeForum, browse: Browse, mailbox: Mailbox, alma: Person, ben: Person, topic: Topic, space: Space
    ) -> None:
        forum.hears(alma, pace=Pace.NEVER)
        forum.posts(ben, topic, 19)
        forum.hears(alma)
        forum.reply(ben, topic, "Reply with the number 21.")
        (mail,) = mailbox.deliver()
        link = next(line for line in mail.text.splitlines() if "/forum/" in line)
        assert link == f"http://localhost{address_of(space, topic)}?page=2#post-21"
        path = link.removeprefix("http://localhost")
        assert browse.get(path, follow=False).location.startswith("/sign-in?next=")
        assert "Reply with the number 21" in browse.sign_in(alma).get(path).text


@pytest.fixture
def alma_hears_daily(forum: MakeForum, alma: Person, topic: Topic) -> None:
    forum.hears(alma, pace=Pace.DAILY)


@pytest.mark.usefixtures("alma_hears_daily")
class TestADigest:
    def test_brings_several_posts_by_topic_and_once(
        self,
        forum: MakeForum,
        work: Working,
        make: Make,
        mailbox: Mailbox,
        digests: Callable[[], list[Mail]],
        alma: Person,
        ben: Person,
        space: Space,
        clock: FixedClock,
    ) -> None:
        first, second = forum.topic(alma, space, "Tea"), forum.topic(alma, space, "Cake <b>")
        follow(work, make, alma, space)
        clock.move(timedelta(minutes=1))
        forum.reply(ben, first, "One")
        forum.reply(ben, second, "Two")
        forum.reply(ben, first, "Three")
        third = forum.topic(ben, space, "Biscuits", "Four")
        (mail,) = digests()
        assert mail.subject == "4 new posts in the forum"
        headings = [heading.get_text(strip=True) for heading in mail.soup.select("h2")]
        assert headings == ["Tea", "Cake <b>", "Biscuits"]
        words = mail.text
        places = [words.splitlines().index(said) for said in ("One", "Three", "Two", "Four")]
        assert places == sorted(places)
        assert words.count("Stop mails about this topic") == 2
        assert words.count("Stop mails about this space") == 1
        assert f"{address_of(space, third)}#post-1" in words
        assert digests() == []

    def test_leaves_out_what_was_read_meanwhile(
        self,
        forum: MakeForum,
        browse: Browse,
        digests: Callable[[], list[Mail]],
        alma: Person,
        ben: Person,
        topic: Topic,
        space: Space,
        clock: FixedClock,
    ) -> None:
        clock.move(timedelta(minutes=1))
        forum.reply(ben, topic, "Read this")
        browse.sign_in(alma).get(address_of(space, topic))
        forum.reply(ben, topic, "And this later")
        (mail,) = digests()
        assert "And this later" in mail.text
        assert "Read this" not in mail.text

    def test_links_to_what_is_beyond_twenty(
        self, forum: MakeForum, digests: Callable[[], list[Mail]], ben: Person, topic: Topic, clock: FixedClock
    ) -> None:
        clock.move(timedelta(minutes=1))
        forum.posts(ben, topic, 22)
        (mail,) = digests()
        assert mail.subject == "20 new posts in the forum"
        assert mail.text.count("Read it in the forum:") == 20
        assert "There is more in the forum:" in mail.text

    def test_cuts_what_is_long(
        self, forum: MakeForum, digests: Callable[[], list[Mail]], ben: Person, topic: Topic, clock: FixedClock
    ) -> None:
        clock.move(timedelta(minutes=1))
        forum.reply(ben, topic, "word " * 1_900)
        (mail,) = digests()
        assert 50 < mail.text.count("word") < 70
        assert "…" in mail.text

    def test_does_not_wait_for_other_mail_nor_other_mail_for_it(
        self, forum: MakeForum, digests: Callable[[], list[Mail]], ben: Person, topic: Topic, clock: FixedClock
    ) -> None:
        """Three routine mails a week are enough, but whoever chose one a day gets one a day."""
        came = []
        for number in range(4):
            clock.move(timedelta(minutes=1))
            forum.reply(ben, topic, f"On day {number}")
            came.append(len(digests()))
        assert came == [1, 1, 1, 1]


class TestALetterIsNotSent:
    """Though it was promised: what counts is how things stand when it is written."""

    @pytest.fixture
    def femi(self, forum: MakeForum, make: Make, work: Working, topic: Topic) -> Person:
        """A facilitator who follows the topic."""
        person = make.account("Femi")
        make.grant(person, Role.FACILITATOR, programme=make.programme())
        forum.hears(person)
        with work(make.actor(person)) as unit:
            services.follow_topic(unit, topic_id=topic.id, level=FollowLevel.FOLLOW)
        return person

    @pytest.fixture(params=[Pace.EACH, Pace.DAILY])
    def come(
        self,
        request: pytest.FixtureRequest,
        app: Flask,
        forum: MakeForum,
        alma: Person,
        femi: Person,
        ben: Person,
        topic: Topic,
        mailbox: Mailbox,
        clock: FixedClock,
    ) -> Callable[[], list[str]]:
        """A reply by Ben; ``come()`` are the names of those whom a letter of it reached in the end."""
        forum.hears(alma, femi, pace=request.param)
        clock.move(timedelta(minutes=1))
        forum.reply(ben, topic)
        if request.param is Pace.DAILY:
            clock.move(timedelta(days=1))
            with app.app_context():
                assert send_digests.run() == "2 digests posted"

        def names() -> list[str]:
            return sorted(mail.message["To"].addresses[0].display_name for mail in mailbox.deliver())

        return names

    def test_to_anybody_but_those_whom_it_is_for(self, come: Callable[[], list[str]]) -> None:
        assert come() == ["Alma Ashdown", "Femi"]

    def test_to_somebody_who_is_out_meanwhile(self, work: Working, come: Callable[[], list[str]]) -> None:
        with work() as unit:
            unit.session.execute(update(RoleGrant).values(revoked_at=unit.now))
        assert come() == ["Alma Ashdown"]

    def test_to_somebody_who_muted_the_topic_meanwhile(
        self, work: Working, make: Make, femi: Person, come: Callable[[], list[str]], topic: Topic
    ) -> None:
        with work(make.actor(femi)) as unit:
            services.follow_topic(unit, topic_id=topic.id, level=FollowLevel.MUTE)
        assert come() == ["Alma Ashdown"]

    def test_to_somebody_who_muted_the_space_meanwhile(
        self, work: Working, make: Make, femi: Person, come: Callable[[], list[str]], space: Space
    ) -> None:
        with work(make.actor(femi)) as unit:
            services.follow_space(unit, space_id=space.id, level=FollowLevel.MUTE)
        assert come() == ["Alma Ashdown"]

    def test_about_what_was_read_meanwhile(
        self, browse: Browse, alma: Person, topic: Topic, space: Space, come: Callable[[], list[str]]
    ) -> None:
        browse.sign_in(alma).get(address_of(space, topic))
        assert come() == ["Femi"]

    def test_about_a_post_that_was_hidden(
        self, forum: MakeForum, reading: Reads, topic: Topic, come: Callable[[], list[str]]
    ) -> None:
        with reading() as read:
            post_id = read.session.scalars(select(Post.id).where(Post.topic_id == topic.id, Post.number == 2)).one()
        forum.hide_post(post_id)
        assert come() == []

    def test_about_a_post_that_was_deleted(
        self, work: Working, make: Make, ben: Person, topic: Topic, reading: Reads, come: Callable[[], list[str]]
    ) -> None:
        with reading() as read:
            post_id = read.session.scalars(select(Post.id).where(Post.topic_id == topic.id, Post.number == 2)).one()
        with work(make.actor(ben)) as unit:
            services.delete_post(unit, post_id=post_id)
        assert come() == []

    def test_about_a_topic_that_was_hidden(self, forum: MakeForum, topic: Topic, come: Callable[[], list[str]]) -> None:
        forum.hide_topic(topic)
        assert come() == []


def test_other_letters_cannot_be_ended_by_a_button(make: Make, mailbox: Mailbox) -> None:
    make.booking(make.person(), make.visit())
    (mail,) = mailbox.deliver()
    assert mail.message["List-Unsubscribe"] is None
