"""The forum as its members use it, and how little of it others learn."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.forum import Follow, FollowLevel, Post, Space, Topic
from cop.models.outbox import Outbox
from cop.models.service import Observation
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum, address_of
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

Posted = Callable[..., Sequence[Outbox]]

SECRETS = ("Kestrel", "kestrel", "Quagga", "Axolotl", "Ocelot")
"""Words of a space, its topic and its posts, which stand nowhere else."""


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def alma(forum: MakeForum, make: Make) -> Person:
    return forum.alumna("Alma Ashdown", email="alma@council.example", organisation=make.organisation("Brent Council"))


@pytest.fixture
def ben(forum: MakeForum) -> Person:
    return forum.alumna("Ben Birkett", email="ben@council.example")


@pytest.fixture
def facilitator(make: Make, forum: MakeForum) -> Person:
    person = make.account("Femi Facilitator", "femi@council.example")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    forum.accept(person)
    return person


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


@pytest.fixture
def topic(forum: MakeForum, alma: Person, space: Space) -> Topic:
    return forum.topic(alma, space)


@pytest.fixture
def last_post(reading: Reads) -> Callable[[], Post]:
    def found() -> Post:
        with reading() as read:
            return read.session.scalars(select(Post).order_by(Post.id.desc()).limit(1)).one()

    return found


def post_of(page: Browse, number: int) -> str:
    (found,) = page.soup.select(f"#post-{number}")
    return " ".join(found.get_text(" ").split())


def links_of(page: Browse, number: int) -> set[str]:
    return {link.get_text(" ").split()[0] for link in page.soup.select(f"#post-{number} .cop-post__links a")}


class TestTheFirstPage:
    @pytest.mark.parametrize("signed_in", [False, True])
    def test_tells_strangers_what_the_forum_is_and_nothing_more(
        self,
        browse: Browse,
        make: Make,
        topic: Topic,
        space: Space,
        signed_in: bool,  # noqa: FBT001
    ) -> None:
        if signed_in:
            browse.sign_in(make.account())
        page = browse.get("/forum/")
        assert page.heading == "Practice forum"
        assert "Everybody who completed a course" in page.text
        assert [word for word in (space.name, topic.title, "Alma Ashdown") if word in page.html] == []
        assert page.click("See when you can apply").path == "/cohorts/"

    def test_shows_the_spaces_and_what_is_new_in_them(
        self, browse: Browse, forum: MakeForum, ben: Person, topic: Topic, space: Space
    ) -> None:
        forum.space("Quiet corner")
        page = browse.sign_in(ben).get("/forum/")
        cards = [" ".join(card.get_text(" ").split()) for card in page.soup.select(".cop-columns .cop-card")]
        assert len(cards) == 2
        for words in ("Project updates", "How it goes.", "1 topic with something new", "What works in Brent"):
            assert words in cards[0]
        assert "No topic yet" in cards[1]
        page.get(address_of(space, topic))
        assert "something new" not in page.get("/forum/").text

    def test_begins_with_the_house_rules_until_they_are_accepted(
        self, browse: Browse, forum: MakeForum, space: Space, topic: Topic
    ) -> None:
        newcomer = forum.alumna("Nell", accepts=False)
        page = browse.sign_in(newcomer).get("/forum/")
        assert "Before you write: our house rules" in page.text
        assert "What is said here stays here" in page.text
        assert page.get(address_of(space, topic)).status == 200
        page.get("/forum/").submit("I accept the house rules")
        assert page.path == "/forum/"
        assert "You can write in the forum now" in page.text
        assert "Before you write" not in page.text
        assert "You have accepted these rules" in page.click("House rules").text

    def test_lists_questions_that_nobody_answered(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space, topic: Topic, clock: FixedClock
    ) -> None:
        forum.question(alma, space)
        answered, locked, hidden = (forum.question(alma, space, title) for title in ("Answered", "Locked", "Hidden"))
        forum.reply(ben, answered)
        forum.lock_topic(locked)
        forum.hide_topic(hidden)

        def waiting() -> list[str]:
            page = browse.sign_in(ben).get("/forum/")
            return [link.get_text() for link in page.soup.select(".cop-topics--waiting h3 a")]

        assert waiting() == ["Who pays for the minibus?"]
        clock.move(timedelta(days=91))
        assert waiting() == []

    def test_without_any_space_says_so(self, browse: Browse, forum: MakeForum) -> None:
        assert "There is no space to write in yet" in browse.sign_in(forum.alumna()).get("/forum/").text

    def test_groups_the_spaces_of_two_programmes(
        self, browse: Browse, forum: MakeForum, make: Make, alma: Person, space: Space
    ) -> None:
        other = make.programme("housing", name="Housing together")
        forum.course(alma, programme=other)
        forum.space("Damp and mould", programme=other)
        page = browse.sign_in(alma).get("/forum/")
        assert [heading.get_text() for heading in page.soup.select("section h2")] == [
            "Before you write: our house rules",
            "Spaces: Tackling health inequalities",
            "Spaces: Housing together",
        ]


class TestASpace:
    def test_lists_topics_with_the_latest_post_first(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space, clock: FixedClock
    ) -> None:
        assert "Nobody has written here yet" in browse.sign_in(ben).get(f"/forum/{space.slug}/").text
        first = forum.topic(alma, space, "First")
        clock.move(timedelta(hours=1))
        forum.topic(alma, space, "Second")
        clock.move(timedelta(hours=1))
        forum.reply(ben, first)
        page = browse.get(f"/forum/{space.slug}/")
        rows = [" ".join(row.get_text(" ").split()) for row in page.soup.select(".cop-topics li")]
        assert rows[0] == "First 2 new in First Alma Ashdown · 1 reply · 2 March 2026"
        assert rows[1] == "Second 1 new in Second No reply yet Alma Ashdown · 2 March 2026"

    def test_leads_to_the_first_new_post(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space, topic: Topic
    ) -> None:
        forum.posts(ben, topic, 20)
        browse.sign_in(alma).get(address_of(space, topic))
        link = browse.get(f"/forum/{space.slug}/").soup.select_one(".cop-topics .cop-places")
        assert link is not None
        assert link["href"] == f"{address_of(space, topic)}?page=2#post-21"
        assert browse.click("1 new").path == f"{address_of(space, topic)}?page=2#post-21"
        assert not browse.get(f"/forum/{space.slug}/").soup.select(".cop-topics .cop-places")

    def test_is_cut_into_pages(
        self, browse: Browse, forum: MakeForum, alma: Person, space: Space, clock: FixedClock
    ) -> None:
        for number in range(26):
            clock.move(timedelta(minutes=1))
            forum.topic(alma, space, f"Topic {number:02d}")
        page = browse.sign_in(alma).get(f"/forum/{space.slug}/")
        assert len(page.soup.select(".cop-topics li")) == 25
        assert [link.get_text() for link in page.click("Next page").soup.select(".cop-topics h3")] == ["Topic 00"]
        assert "There are no more topics" in page.get(f"/forum/{space.slug}/", page=3).text

    def test_is_followed_and_no_longer(self, browse: Browse, ben: Person, space: Space, reading: Reads) -> None:
        def level() -> FollowLevel:
            with reading() as read:
                return read.session.scalars(select(Follow.level)).one()

        page = browse.sign_in(ben).get(f"/forum/{space.slug}/").submit("Mail me about new topics")
        assert "We will mail you about new topics here" in page.text
        assert level() is FollowLevel.FOLLOW
        page.submit("Stop mails about this space")
        assert level() is FollowLevel.MUTE
        assert page.soup.find("button", string="Mail me about new topics")


class TestANewTopic:
    def test_is_looked_at_before_it_is_posted(
        self, browse: Browse, ben: Person, space: Space, last_post: Callable[[], Post], reading: Reads
    ) -> None:
        page = browse.sign_in(ben).get(f"/forum/{space.slug}/").click("Start a topic")
        page.submit("Preview", title="What about **cake**?", body="We *like* cake.\r\n\r\n<script>alert(1)</script>")
        assert page.status == 200
        assert "Preview: not posted yet We like cake. <script>alert(1)</script>" in page.text
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(Post)) == 0
        page.submit("Post the topic")
        assert page.heading == "What about **cake**?"
        assert page.path == f"/forum/{space.slug}/1-what-about-cake"
        assert last_post().body == "We *like* cake.\n\n<script>alert(1)</script>"
        assert not page.soup.select("main script")

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"title": "", "body": "Words"}, "Enter a title"),
            ({"title": "Title", "body": "  \n "}, "Write your post"),
            ({"title": "T" * 151, "body": "Words"}, "Use 150 characters or fewer"),
            ({"title": "Title", "body": "W" * 10_001}, "Use 10000 characters or fewer"),
            ({"title": "Title", "body": "[a]: /b"}, "Write something that others can see"),
            ({"title": "Ti\x07tle", "body": "Words"}, "Remove the invisible control characters from this answer"),
        ],
    )
    @pytest.mark.parametrize("button", ["Post the topic", "Preview"])
    def test_that_does_not_fit_is_refused_with_nothing_lost(
        self, browse: Browse, ben: Person, space: Space, fields: dict[str, str], error: str, button: str
    ) -> None:
        page = browse.sign_in(ben).get(f"/forum/{space.slug}/new").submit(button, **fields)
        if button == "Preview" and "others can see" in error:
            assert page.status == 200
            return
        assert page.status == 422
        assert page.errors == [error]
        (title,) = page.soup.select("#title")
        (body,) = page.soup.select("#body")
        assert title.get("value", "") == fields["title"]
        assert body.get_text().strip() == fields["body"].strip()

    def test_asks_for_the_house_rules_first_and_comes_back(
        self, browse: Browse, forum: MakeForum, space: Space, topic: Topic
    ) -> None:
        newcomer = forum.alumna("Nell", accepts=False)
        page = browse.sign_in(newcomer).get(f"/forum/{space.slug}/").click("Start a topic")
        assert page.heading == "House rules of the forum"
        page.submit("I accept the house rules")
        assert page.path == f"/forum/{space.slug}/new"

    def test_is_one_when_the_button_is_pressed_twice(
        self, browse: Browse, ben: Person, space: Space, reading: Reads
    ) -> None:
        address = f"/forum/{space.slug}/new"
        browse.sign_in(ben)
        paths = {browse.post(address, {"title": "Once", "body": "Only once."}).path for _ in range(3)}
        assert len(paths) == 1
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(Post)) == 1


class TestATopic:
    def test_shows_posts_with_who_wrote_them_and_when(
        self, browse: Browse, forum: MakeForum, ben: Person, facilitator: Person, space: Space, topic: Topic
    ) -> None:
        forum.reply(ben, topic)
        forum.reply(facilitator, topic, "Well said.")
        page = browse.sign_in(ben).get(address_of(space, topic))
        assert page.heading == "What works in Brent"
        for words in ("Alma Ashdown", "Alumni", "Brent Council", "2 March 2026 at 9am", "We began with tea."):
            assert words in post_of(page, 1)
        assert "Facilitator" in post_of(page, 3)
        assert page.soup.select_one('#post-2 a[href="#post-2"]')

    def test_with_another_slug_leads_to_its_own(
        self, browse: Browse, ben: Person, forum: MakeForum, space: Space, topic: Topic
    ) -> None:
        forum.posts(ben, topic, 20)
        page = browse.sign_in(ben).get(f"/forum/{space.slug}/{topic.id}-other", follow=False)
        assert (page.status, page.location) == (302, address_of(space, topic))
        page = browse.get(f"/forum/{space.slug}/{topic.id}-other?page=2&space=x&_anchor=y", follow=False)
        assert page.location == f"{address_of(space, topic)}?page=2"

    def test_is_in_its_own_space_only(
        self, browse: Browse, forum: MakeForum, ben: Person, space: Space, topic: Topic
    ) -> None:
        other = forum.space("Elsewhere")
        assert browse.sign_in(ben).get(address_of(other, topic), follow=False).location == address_of(space, topic)

    def test_is_cut_into_pages_of_twenty_by_number(
        self, browse: Browse, forum: MakeForum, ben: Person, space: Space, topic: Topic
    ) -> None:
        forum.posts(ben, topic, 44)
        page = browse.sign_in(ben).get(address_of(space, topic))
        seen = [[str(post["id"]) for post in page.soup.select("article")]]
        for _ in range(2):
            page.click("Next page")
            seen.append([str(post["id"]) for post in page.soup.select("article")])
        assert [len(ids) for ids in seen] == [20, 20, 5]
        assert [number for ids in seen for number in ids] == [f"post-{number}" for number in range(1, 46)]
        assert browse.get(f"{address_of(space, topic)}?page=4").status == 404

    def test_remembers_how_far_it_was_read_and_only_that(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space, topic: Topic, reading: Reads
    ) -> None:
        forum.posts(ben, topic, 24)
        address = address_of(space, topic)

        def noted() -> list[int | None]:
            with reading() as read:
                return list(read.session.scalars(select(Observation.value).order_by(Observation.id)))

        browse.sign_in(alma).get(address)
        browse.get(address)
        assert noted() == [20]
        assert browse.click("Go to the first post that is new to you").path == f"{address}?page=2#post-21"
        browse.get(address)
        assert noted() == [20, 25]
        assert "first post that is new" not in browse.text

    def test_takes_a_reply_from_its_own_page(
        self, browse: Browse, forum: MakeForum, ben: Person, space: Space, topic: Topic
    ) -> None:
        forum.posts(ben, topic, 19)
        page = browse.sign_in(ben).get(address_of(space, topic)).submit("Reply", body="The twenty-first.")
        assert page.path == f"{address_of(space, topic)}?page=2"
        assert "The twenty-first." in post_of(page, 21)

    def test_takes_no_reply_when_it_is_locked(
        self, browse: Browse, forum: MakeForum, alma: Person, space: Space, topic: Topic, ben: Person
    ) -> None:
        page = browse.sign_in(alma).get(address_of(space, topic))
        forum.lock_topic(topic)
        page.submit("Reply", body="I was about to say this.")
        assert page.status == 422
        assert page.errors == ["This topic is locked: it can be read, and nobody can write in it any more."]
        assert "I was about to say this." in page.soup.select("#body")[0].get_text()
        page.get(address_of(space, topic))
        assert "This topic is locked" in page.text
        assert not page.soup.select("#body")
        assert links_of(page, 1) == {"Delete"}

    def test_is_muted_and_followed(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space, topic: Topic, outbox: Posted
    ) -> None:
        forum.hears(alma)
        page = browse.sign_in(alma).get(address_of(space, topic))
        assert "We mail you about replies" in page.text
        page.submit("Stop mails about replies")
        assert "You get no mail about this topic, even if you write in it" in page.text
        forum.reply(ben, topic)
        assert outbox("forum_post") == []
        page.submit("Mail me about replies")
        forum.reply(ben, topic, "Again.")
        assert len(outbox("forum_post")) == 1


class TestAReply:
    def test_begins_with_what_it_answers(
        self, browse: Browse, ben: Person, space: Space, topic: Topic, last_post: Callable[[], Post]
    ) -> None:
        page = browse.sign_in(ben).get(address_of(space, topic)).click("Quote post 1")
        (body,) = page.soup.select("#body")
        assert body.get_text().strip() == "> **Alma Ashdown**\n>\n> We began with tea."
        page.submit("Preview", body=f"{body.get_text().strip()}\n\nSo did we.")
        assert [quote.get_text(strip=True) for quote in page.soup.select(".cop-post blockquote p:last-child")] == [
            "We began with tea."
        ]
        page.submit("Reply")
        assert page.path == address_of(space, topic)
        assert "<blockquote>" in last_post().html

    @pytest.mark.parametrize("number", ["0", "2", "-1", "x", "9" * 30])
    def test_to_no_post_begins_empty(
        self, browse: Browse, ben: Person, space: Space, topic: Topic, number: str
    ) -> None:
        page = browse.sign_in(ben).get(f"{address_of(space, topic)}/reply", quote=number)
        assert page.soup.select("#body")[0].get_text().strip() == ""

    def test_quotes_nothing_that_is_gone(
        self,
        browse: Browse,
        forum: MakeForum,
        ben: Person,
        facilitator: Person,
        space: Space,
        topic: Topic,
        last_post: Callable[[], Post],
    ) -> None:
        forum.hide_post(last_post().id)
        for person in (ben, facilitator):
            page = browse.sign_in(person).get(f"{address_of(space, topic)}/reply", quote=1)
            assert page.soup.select("#body")[0].get_text().strip() == ""

    def test_that_is_too_long_is_refused_with_nothing_lost(
        self, browse: Browse, ben: Person, space: Space, topic: Topic
    ) -> None:
        words = "w" * 10_001
        page = browse.sign_in(ben).get(address_of(space, topic)).submit("Reply", body=words)
        assert page.status == 422
        assert page.errors == ["Use 10000 characters or fewer"]
        assert page.soup.select("#body")[0].get_text().strip() == words

    def test_asks_for_the_house_rules_first_and_comes_back(
        self, browse: Browse, forum: MakeForum, space: Space, topic: Topic
    ) -> None:
        newcomer = forum.alumna("Nell", accepts=False)
        page = browse.sign_in(newcomer).get(address_of(space, topic))
        assert not page.soup.select("#body")
        page.click("Read the house rules and reply")
        page.submit("I accept the house rules")
        assert page.path == f"{address_of(space, topic)}/reply"
        forged = browse.sign_in(forum.alumna("Nick", accepts=False))
        assert forged.post(f"{address_of(space, topic)}/reply", {"body": "No rules."}).errors == [
            "Read and accept the house rules before you write."
        ]


class TestOnesOwnPost:
    def test_is_changed_and_others_see_that(
        self,
        browse: Browse,
        alma: Person,
        ben: Person,
        facilitator: Person,
        space: Space,
        topic: Topic,
        clock: FixedClock,
    ) -> None:
        clock.move(timedelta(hours=2))
        page = browse.sign_in(alma).get(address_of(space, topic)).click("Edit post 1")
        page.submit("Save", body="We began with **coffee**.")
        assert page.path == address_of(space, topic)
        page = browse.sign_in(ben).get(address_of(space, topic))
        assert "edited 2 March 2026 at 11am" in post_of(page, 1)
        assert "tea" not in page.text
        assert links_of(page, 1) == {"Quote", "Report"}
        page = browse.sign_in(facilitator).get(address_of(space, topic)).click("Versions post 1")
        assert "We began with **coffee**." in page.text
        assert "Until 2 March 2026 at 11am We began with tea." in page.text

    def test_changed_in_two_windows_loses_neither_text(
        self, browse: Browse, alma: Person, space: Space, topic: Topic, last_post: Callable[[], Post]
    ) -> None:
        other = browse.another().sign_in(alma).get(f"{address_of(space, topic)}/posts/1/edit")
        browse.sign_in(alma).get(f"{address_of(space, topic)}/posts/1/edit").submit("Save", body="First window.")
        other.submit("Save", body="Second window.")
        assert other.status == 422
        assert other.errors[0].startswith("This post was changed in another window meanwhile")
        assert "What the post says now First window." in other.text
        assert other.soup.select("#body")[0].get_text().strip() == "Second window."
        other.submit("Save")
        assert other.path == address_of(space, topic)
        assert last_post().body == "Second window."

    def test_is_looked_at_before_it_is_saved(
        self, browse: Browse, alma: Person, space: Space, topic: Topic, last_post: Callable[[], Post]
    ) -> None:
        page = browse.sign_in(alma).get(f"{address_of(space, topic)}/posts/1/edit").submit("Preview", body="*Tea*.")
        assert [shown.get_text() for shown in page.soup.select(".cop-post__text em")] == ["Tea"]
        assert last_post().body == "We began with tea."
        page.submit("Save")
        assert last_post().body == "*Tea*."

    def test_is_deleted_and_comes_back(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space, topic: Topic
    ) -> None:
        forum.reply(ben, topic, "Well said, Alma.")
        page = browse.sign_in(alma).get(address_of(space, topic)).click("Delete post 1").submit("Yes, delete it")
        assert page.path == address_of(space, topic)
        for person in (alma, ben):
            page = browse.sign_in(person).get(address_of(space, topic))
            assert "Deleted by its author." in post_of(page, 1)
            assert "tea" not in page.html
            assert "Well said" in post_of(page, 2)
        assert "Undo the deletion" not in page.text
        page = browse.sign_in(alma).get(address_of(space, topic)).submit("Undo the deletion")
        assert "We began with tea." in post_of(page, 1)

    @pytest.mark.parametrize("action", ["edit", "delete"])
    def test_is_nobody_elses(
        self, browse: Browse, ben: Person, facilitator: Person, space: Space, topic: Topic, action: str
    ) -> None:
        for person in (ben, facilitator):
            address = f"{address_of(space, topic)}/posts/1/{action}"
            assert browse.sign_in(person).get(address).status == 404
            assert browse.post(address, {"body": "Mine", "revision": "0"}).status == 404
            assert browse.post(f"{address_of(space, topic)}/posts/1/restore").status == 404


class TestModeration:
    def test_begins_with_a_report_and_ends_with_a_reason_in_place_of_the_words(
        self, browse: Browse, ben: Person, alma: Person, facilitator: Person, space: Space, topic: Topic
    ) -> None:
        page = browse.sign_in(ben).get(address_of(space, topic)).click("Report post 1")
        assert page.submit("Send the report", reason="").errors == ["Say what is wrong with the post"]
        page.submit("Send the report", reason="It names a patient.")
        assert "A facilitator will look at this post" in page.text
        page.click("Report post 1").submit("Send the report", reason="Once more.")
        assert page.errors == ["You have reported this post already. A facilitator looks at it."]

        staff = browse.another().sign_in(facilitator).get("/forum/")
        assert "1 report waits for you" in staff.text
        staff.click("Look at the reported posts").click("What works in Brent, post 1")
        assert "Ben Birkett wrote on 2 March 2026 at 9am" in staff.text
        assert staff.submit("Settle the report").errors == ["Choose what to do", "Give a reason"]
        staff.submit("Settle the report", decision="uphold", reason="It names a patient")
        assert "No report waits" in staff.text
        assert "This report is settled" in staff.get("/forum/reports/1").text
        staff.get("/forum/log")
        assert [row.get_text(" ").split()[5:7] for row in staff.soup.select("tbody tr")]
        assert staff.text.count("It names a patient") == 2

        for person in (ben, alma):
            page = browse.sign_in(person).get(address_of(space, topic))
            assert "Hidden by a facilitator: It names a patient" in post_of(page, 1)
            assert "tea" not in page.html
            assert not links_of(page, 1)
        staff.get(address_of(space, topic)).click("See the words")
        assert "We began with tea." in staff.text
        staff.submit("Show the post again")
        assert "We began with tea." in post_of(staff, 1)

    def test_of_a_report_that_somebody_else_settled_is_refused(
        self, browse: Browse, forum: MakeForum, make: Make, ben: Person, facilitator: Person, topic: Topic
    ) -> None:
        report = forum.report(ben, 1)
        slow = browse.another().sign_in(make.admin()).get(f"/forum/reports/{report.id}")
        browse.sign_in(facilitator).get(f"/forum/reports/{report.id}").submit(
            "Settle the report", decision="dismiss", reason="No name in it"
        )
        slow.submit("Settle the report", decision="uphold", reason="It names a patient")
        assert slow.status == 422
        assert slow.errors == ["Another facilitator settled this report a moment ago."]

    def test_hides_a_topic_from_members_and_shows_it_again(
        self, browse: Browse, alma: Person, ben: Person, facilitator: Person, space: Space, topic: Topic
    ) -> None:
        address = address_of(space, topic)
        staff = browse.another().sign_in(facilitator).get(address).click("Hide this topic")
        staff.submit("Hide it", reason="Two people asked for it")
        assert "Only facilitators see this page" in staff.text
        for person in (alma, ben):
            page = browse.sign_in(person).get(address)
            assert page.heading == "This topic is hidden"
            assert "Hidden by a facilitator: Two people asked for it" in page.text
            assert page.get(f"/forum/{space.slug}/{topic.id}-x", follow=False).status == 200
            for html in (page.get(address).html, page.get(f"/forum/{space.slug}/").html, page.get("/forum/").html):
                assert topic.title not in html
                assert "tea" not in html
            for action in ("reply", "posts/1/report", "posts/1/edit", "posts/1/delete"):
                assert page.get(f"{address}/{action}").status == 404
        assert "Hidden" in staff.get(f"/forum/{space.slug}/").text
        staff.get(address).submit("Show this topic again")
        assert browse.get(address).heading == topic.title

    def test_locks_and_unlocks(self, browse: Browse, facilitator: Person, space: Space, topic: Topic) -> None:
        page = browse.sign_in(facilitator).get(address_of(space, topic)).submit("Lock this topic")
        assert "The topic is locked" in page.text
        assert page.submit("Unlock this topic").soup.select("#body")

    def test_is_not_for_members_nor_for_facilitators_of_another_course(
        self, browse: Browse, forum: MakeForum, make: Make, ben: Person, space: Space, topic: Topic
    ) -> None:
        of_a_course = forum.alumna("Fay")
        make.grant(of_a_course, Role.FACILITATOR, event=forum.course())
        report = forum.report(ben, 1)
        address = address_of(space, topic)
        for person in (ben, of_a_course):
            browse.sign_in(person)
            for action in ("hide", "posts/1/hide", "posts/1/versions"):
                assert browse.get(f"{address}/{action}").status == 404
            for action in ("hide", "unhide", "lock", "unlock", "posts/1/hide", "posts/1/unhide"):
                assert browse.post(f"{address}/{action}", {"reason": "Mine"}).status == 404
            assert browse.get(f"/forum/reports/{report.id}").status == 404
            assert browse.get(f"/forum/{space.slug}/edit").status == 404
            assert "Lock this topic" not in browse.get(address).text
        assert "No report waits" in browse.get("/forum/reports").text


class TestSpaces:
    def test_are_added_and_changed_by_facilitators(self, browse: Browse, forum: MakeForum, facilitator: Person) -> None:
        course = forum.course()
        page = browse.sign_in(facilitator).get("/forum/").click("Add a space")
        assert page.submit("Add the space").errors == ["Enter a name", "Say what it is for"]
        page.submit("Add the space", audience="alumni-1", name="What worked", about="Bring the evidence.")
        assert (page.path, page.heading) == ("/forum/what-worked/", "What worked")
        page.click("Change this space").submit("Save", name="What worked and what did not", position="3")
        assert page.heading == "What worked and what did not"
        page.get("/forum/spaces/new").submit(
            "Add the space", audience=f"course-{course.id}", name="Ours", about="For us.", slug="rules"
        )
        assert page.errors == ["“rules” is in use already. Choose another web address."]
        page.submit("Add the space", slug="")
        assert page.path == "/forum/ours/"
        page.get("/forum/spaces/new")
        assert [option["value"] for option in page.soup.select("#audience option")] == [
            "alumni-1",
            "members-1",
            "facilitators-1",
        ]

    def test_for_a_facilitator_of_one_course_is_that_of_the_course(
        self, browse: Browse, forum: MakeForum, make: Make, space: Space
    ) -> None:
        person, course = make.account(), forum.course()
        make.grant(person, Role.FACILITATOR, event=course)
        page = browse.sign_in(person).get("/forum/spaces/new")
        assert [option["value"] for option in page.soup.select("#audience option")] == [f"course-{course.id}"]
        assert page.post("/forum/spaces/new", {"audience": "alumni-1", "name": "A", "about": "B"}).status == 422


class TestUnsubscribing:
    @pytest.fixture
    def address(self, forum: MakeForum, alma: Person, topic: Topic) -> str:
        return f"/unsubscribe/{forum.unsubscribe_token(alma, topic)}"

    @pytest.fixture
    def level(self, reading: Reads) -> Callable[[], FollowLevel]:
        def found() -> FollowLevel:
            with reading() as read:
                return read.session.scalars(select(Follow.level)).one()

        return found

    def test_shows_first_and_acts_on_a_press(
        self, browse: Browse, address: str, level: Callable[[], FollowLevel], topic: Topic
    ) -> None:
        page = browse.get(address)
        assert page.heading == "Stop mails about this topic?"
        assert topic.title in page.text
        assert level() is FollowLevel.FOLLOW
        page.submit("Stop these mails")
        assert page.heading == "These mails are stopped"
        assert level() is FollowLevel.MUTE
        assert page.get(address).heading == "These mails are stopped"

    def test_takes_the_press_of_a_mail_programs_own_button(
        self, browse: Browse, address: str, level: Callable[[], FollowLevel]
    ) -> None:
        for _ in range(2):
            page = browse.post(address, {"List-Unsubscribe": "One-Click"}, csrf=False)
            assert page.status == 200
            assert level() is FollowLevel.MUTE

    @pytest.mark.parametrize(
        "body", [{}, {"List-Unsubscribe": "Two-Click"}, {"List-Unsubscribe": "One-Click", "more": "1"}]
    )
    def test_takes_nothing_else_without_its_token(
        self, browse: Browse, address: str, level: Callable[[], FollowLevel], body: dict[str, str]
    ) -> None:
        assert browse.post(address, body, csrf=False).status == 403
        assert level() is FollowLevel.FOLLOW

    def test_by_a_forged_link_finds_nothing(self, browse: Browse, address: str) -> None:
        assert browse.get(f"{address}x").status == 404
        assert browse.post("/unsubscribe/forged", {"List-Unsubscribe": "One-Click"}, csrf=False).status == 404

    def test_from_a_space_names_the_space(
        self, browse: Browse, forum: MakeForum, ben: Person, space: Space, reading: Reads
    ) -> None:
        browse.sign_in(ben).get(f"/forum/{space.slug}/").submit("Mail me about new topics")
        page = browse.another().get(f"/unsubscribe/{forum.unsubscribe_token()}")
        assert page.heading == "Stop mails about this space?"
        assert space.name in page.text

    def test_tells_no_title_to_somebody_who_is_out_or_that_was_hidden(
        self, browse: Browse, forum: MakeForum, address: str, topic: Topic
    ) -> None:
        forum.hide_topic(topic)
        page = browse.get(address)
        assert page.status == 200
        assert topic.title not in page.html
        assert page.submit("Stop these mails").heading == "These mails are stopped"


class TestStatements:
    def test_are_as_many_for_three_as_for_one(
        self, browse: Browse, forum: MakeForum, make: Make, alma: Person, ben: Person, facilitator: Person, space: Space
    ) -> None:
        begun = forum.topic(alma, space)

        def counted() -> list[int]:
            browse.sign_in(facilitator)
            pages = ["/forum/", f"/forum/{space.slug}/", address_of(space, begun), "/forum/reports", "/forum/log"]
            numbers = []
            for page in pages:
                browse.get(page)  # what it notes is noted
                with count_queries() as statements:
                    assert browse.get(page).status == 200
                numbers.append(len(statements))
            return numbers

        post = forum.reply(ben, begun)
        forum.report(ben, 1)
        forum.hide_post(post.id)
        one = counted()
        for number in range(3):
            another = forum.topic(forum.alumna(organisation=make.organisation()), space, f"Another {number}")
            hidden = forum.reply(alma, another)
            forum.report(ben, hidden.id)
            forum.hide_post(hidden.id)
            forum.posts(forum.alumna(), begun, 3)
            forum.space(f"Space {number}")
        assert counted() == one
        assert max(one) <= 5
        assert one[1:3] == [3, 3]


class Kinds:
    """Everybody who does not get into a space of one course, and most of whom get in nowhere."""

    NAMES = (
        "signed out",
        "stranger",
        "participant",
        "alumnus of another course",
        "host",
        "evaluator",
        "reviewer",
        "lead",
        "facilitator of another course",
        "facilitator of another programme",
        "admin of another programme",
        "alumnus of another programme",
    )

    def __init__(self, forum: MakeForum, make: Make) -> None:
        self._forum, self._make = forum, make

    def of(self, name: str) -> Person | None:
        make, forum = self._make, self._forum
        if name == "signed out":
            return None
        person = make.account("Somebody")
        programme, elsewhere = make.programme(), make.programme("elsewhere")
        if name == "participant":
            forum.course(person, days_ago=-1)
        elif name == "alumnus of another course":
            forum.course(person)
        elif name == "alumnus of another programme":
            forum.course(person, programme=elsewhere)
        elif name == "facilitator of another course":
            make.grant(person, Role.FACILITATOR, event=forum.course())
        elif name.endswith("of another programme"):
            make.grant(person, Role(name.split(maxsplit=1)[0]), programme=elsewhere)
        elif name == "lead":
            make.grant(person, Role.LEAD, organisation=make.organisation())
        elif name != "stranger":
            make.grant(person, Role(name), programme=programme)
        return person


@pytest.mark.parametrize("kind", Kinds.NAMES)
class TestNothingLeaks:
    """A space of one course, whose words stand nowhere that others look."""

    @pytest.fixture
    def secret(self, forum: MakeForum, alma: Person) -> tuple[Space, Topic]:
        course = forum.course(alma)
        space = forum.space("Kestrel", course=course)
        topic = forum.topic(alma, space, "Quagga", "Axolotl, to begin with.")
        forum.reply(alma, topic, "Ocelot, in reply.")
        return space, topic

    def test_in_pages_and_search(
        self, browse: Browse, forum: MakeForum, make: Make, secret: tuple[Space, Topic], kind: str
    ) -> None:
        space, topic = secret
        person = Kinds(forum, make).of(kind)
        if person is not None:
            browse.sign_in(person)
        address = address_of(space, topic)
        doors = [
            f"/forum/{space.slug}/",
            f"/forum/{space.slug}/new",
            f"/forum/{space.slug}/edit",
            f"/forum/{space.slug}/999-nothing",
            address,
            *(f"{address}/{action}" for action in ("reply?quote=1", "hide", "about", "decide")),
            f"{address}/posts/1/files/whatever",
            *(f"{address}/posts/1/{action}" for action in ("edit", "delete", "report", "hide", "versions")),
        ]
        for door in doors:
            page = browse.get(door, follow=False)
            assert page.status == (302 if person is None else 404), door
            assert person is not None or page.location.startswith("/sign-in?next=")
        for path in ("/forum/", "/search", *(f"/search?q={word}" for word in SECRETS), "/search?q=begin+reply"):
            page = browse.get(path)
            assert page.status == 200
            shown = page.html.replace(path.partition("=")[2], "") if "=" in path else page.html
            assert [word for word in SECRETS if word in shown] == [], path
        for path in ("/forum/reports", "/forum/log", "/forum/spaces/new", "/admin/"):
            assert [word for word in SECRETS if word in browse.get(path).html] == [], path

    def test_in_mails_to_somebody_who_was_let_in_once(
        self,
        forum: MakeForum,
        make: Make,
        alma: Person,
        secret: tuple[Space, Topic],
        kind: str,
        mailbox: Mailbox,
        app: Flask,
    ) -> None:
        space, topic = secret
        person = Kinds(forum, make).of(kind) or make.account("Somebody")
        forum.follow_past_all_rules(person, topic=topic)
        forum.follow_past_all_rules(person, space=space)
        forum.reply(alma, topic, "Ocelot, once more.")
        forum.topic(alma, space, "Kestrel again", "Axolotl.")
        assert mailbox.deliver() == []
