"""Letters about the forum: what they say, to whom, and how they end."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import Role
from cop.models.accounts import Person, RoleGrant
from cop.models.forum import FollowLevel, Post, Space, Topic
from cop.models.outbox import Outbox
from cop.services import forum as services
from tests.support.browse import Browse
from tests.support.forum import MakeForum, address_of
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.test_mail import readable

GOLDEN = Path(__file__).parent / "golden" / "mail"

WORDS = "So did we:\n\n- tea\n- **cake** & <b>time</b>\n\nhttps://tea.example/how"


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


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
def topic(forum: MakeForum, alma: Person, space: Space) -> Topic:
    return forum.topic(alma, space)


@pytest.fixture
def letter(
    forum: MakeForum, make: Make, work: Working, mailbox: Mailbox, alma: Person, ben: Person, topic: Topic, space: Space
) -> Callable[[str], Mail]:
    """The letter of that name, to Alma."""

    def write(name: str) -> Mail:
        if name == "forum-reply":
            forum.reply(ben, topic, WORDS)
        else:
            with work(make.actor(alma)) as unit:
                services.follow_space(unit, space_id=space.id, level=FollowLevel.FOLLOW)
            forum.topic(ben, space, "Tea, & then?", WORDS)
        (mail,) = mailbox.deliver()
        return mail

    return write


LETTERS = ("forum-reply", "forum-topic")


@pytest.mark.parametrize("name", LETTERS)
class TestALetter:
    def test_is_letter_for_letter_what_was_read_and_approved(
        self, letter: Callable[[str], Mail], golden: Golden, reading: Reads, name: str
    ) -> None:
        text = readable(letter(name).message)
        with reading() as read:
            for message_id in read.session.scalars(select(Outbox.message_id)):
                text = text.replace(message_id, "MESSAGE")
        golden(GOLDEN / f"{name}.txt", text)

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
        assert "**cake** & <b>time</b>" in soup.get_text()

    def test_puts_its_links_on_lines_of_their_own(self, letter: Callable[[str], Mail], name: str) -> None:
        mail = letter(name)
        linked = [line for line in mail.text.splitlines() if "://" in line]
        assert len(linked) == 5
        assert all(line.startswith("http") for line in linked)
        ours = {str(link["href"]) for link in mail.soup.select("a[href]")}
        assert ours == {line for line in linked if "localhost" in line}

    def test_keeps_no_link_in_the_outbox(self, letter: Callable[[str], Mail], reading: Reads, name: str) -> None:
        token = letter(name).link("/unsubscribe/").rpartition("/")[2]
        with reading() as read:
            rows = read.session.scalars(select(Outbox)).all()
        assert [row for row in rows if token in str(vars(row))] == []
        assert {key for row in rows for key in row.params} == {"since"}


class TestTheLink:
    def test_leads_to_the_post(
        self, forum: MakeForum, browse: Browse, mailbox: Mailbox, alma: Person, ben: Person, topic: Topic, space: Space
    ) -> None:
        forum.posts(ben, topic, 20)
        (mail,) = mailbox.deliver()
        link = [line for line in mail.text.splitlines() if "/forum/" in line][-1]
        assert link == f"http://localhost{address_of(space, topic)}?page=2#post-21"
        path = link.removeprefix("http://localhost")
        assert browse.get(path, follow=False).location.startswith("/sign-in?next=")
        assert "Reply with the number 21" in browse.sign_in(alma).get(path).text


class TestSeveralPosts:
    def test_come_in_one_letter_by_topic_and_once(
        self,
        forum: MakeForum,
        work: Working,
        make: Make,
        mailbox: Mailbox,
        alma: Person,
        ben: Person,
        space: Space,
        reading: Reads,
        golden: Golden,
    ) -> None:
        first, second = forum.topic(alma, space, "Tea"), forum.topic(alma, space, "Cake <b>")
        with work(make.actor(alma)) as unit:
            services.follow_space(unit, space_id=space.id, level=FollowLevel.FOLLOW)
        forum.reply(ben, first, "One")
        forum.reply(ben, second, "Two")
        forum.reply(ben, first, "Three")
        third = forum.topic(ben, space, "Biscuits", "Four")
        (mail,) = mailbox.deliver()
        assert mail.subject == "4 new posts in the forum"
        headings = [heading.get_text(strip=True) for heading in mail.soup.select("h2")]
        assert headings == ["Tea", "Cake <b>", "Biscuits"]
        words = mail.text
        assert [words.index(said) for said in ("One", "Three", "Two", "Four")] == sorted(
            words.index(said) for said in ("One", "Three", "Two", "Four")
        )
        assert words.count("Stop mails about this topic") == 2
        assert words.count("Stop mails about new topics in this space") == 1
        assert f"{address_of(space, third)}#post-1" in words
        assert faults(mail.soup) == [fault for fault in faults(mail.soup) if "attribute style" in fault]
        assert mailbox.deliver() == []
        with reading() as read:
            (message_id,) = read.session.scalars(select(Outbox.message_id))
        golden(GOLDEN / "forum-news.txt", readable(mail.message).replace(message_id, "MESSAGE"))

    def test_that_were_read_meanwhile_are_left_out(
        self, forum: MakeForum, browse: Browse, mailbox: Mailbox, alma: Person, ben: Person, topic: Topic, space: Space
    ) -> None:
        forum.reply(ben, topic, "Read this")
        browse.sign_in(alma).get(address_of(space, topic))
        forum.reply(ben, topic, "And this later")
        (mail,) = mailbox.deliver()
        assert "And this later" in mail.text
        assert "Read this" not in mail.text

    def test_beyond_twenty_are_counted_by_a_link(
        self, forum: MakeForum, mailbox: Mailbox, ben: Person, topic: Topic
    ) -> None:
        forum.posts(ben, topic, 22)
        (mail,) = mailbox.deliver()
        assert mail.subject == "20 new posts in the forum"
        assert mail.text.count("Read it and answer:") == 20
        assert "There is more in the forum:" in mail.text


class TestALetterIsNotSent:
    """Though it was promised: what counts is how things stand when it is written."""

    @pytest.fixture
    def femi(self, forum: MakeForum, make: Make, work: Working, topic: Topic) -> Person:
        """A facilitator who follows the topic."""
        person = make.account("Femi")
        make.grant(person, Role.FACILITATOR, programme=make.programme())
        with work(make.actor(person)) as unit:
            services.follow_topic(unit, topic_id=topic.id, level=FollowLevel.FOLLOW)
        return person

    @pytest.fixture
    def post(self, forum: MakeForum, femi: Person, ben: Person, topic: Topic) -> Post:
        return forum.reply(ben, topic)

    def test_to_somebody_who_is_out_meanwhile(self, work: Working, post: Post, mailbox: Mailbox) -> None:
        with work() as unit:
            unit.session.execute(update(RoleGrant).values(revoked_at=unit.now))
        assert [mail.message["To"].addresses[0].display_name for mail in mailbox.deliver()] == ["Alma Ashdown"]

    def test_to_somebody_who_stopped_following_meanwhile(
        self, work: Working, make: Make, femi: Person, post: Post, topic: Topic, mailbox: Mailbox
    ) -> None:
        with work(make.actor(femi)) as unit:
            services.follow_topic(unit, topic_id=topic.id, level=FollowLevel.MUTE)
        assert [mail.message["To"].addresses[0].display_name for mail in mailbox.deliver()] == ["Alma Ashdown"]

    def test_about_what_was_read_meanwhile(
        self, browse: Browse, alma: Person, ben: Person, topic: Topic, space: Space, forum: MakeForum, mailbox: Mailbox
    ) -> None:
        forum.reply(ben, topic)
        browse.sign_in(alma).get(address_of(space, topic))
        assert mailbox.deliver() == []

    def test_about_a_post_that_was_hidden(self, forum: MakeForum, post: Post, mailbox: Mailbox) -> None:
        forum.hide_post(post.id)
        assert mailbox.deliver() == []

    def test_about_a_post_that_was_deleted(
        self, work: Working, make: Make, ben: Person, post: Post, mailbox: Mailbox
    ) -> None:
        with work(make.actor(ben)) as unit:
            services.delete_post(unit, post_id=post.id)
        assert mailbox.deliver() == []

    def test_about_a_topic_that_was_hidden(self, forum: MakeForum, topic: Topic, post: Post, mailbox: Mailbox) -> None:
        forum.hide_topic(topic)
        assert mailbox.deliver() == []


def test_a_long_post_is_cut_in_the_mail(forum: MakeForum, mailbox: Mailbox, ben: Person, topic: Topic) -> None:
    forum.reply(ben, topic, "word " * 1_900)
    (mail,) = mailbox.deliver()
    assert 190 < mail.text.count("word") < 210
    assert "…" in mail.text


def test_other_letters_cannot_be_ended_by_a_button(make: Make, mailbox: Mailbox) -> None:
    make.booking(make.person(), make.visit())
    (mail,) = mailbox.deliver()
    assert mail.message["List-Unsubscribe"] is None
