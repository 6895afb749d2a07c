"""Order in the forum as people see it: pins, moves, merges, closed spaces, what is new, and questions that wait."""

from datetime import timedelta

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.forum import Space, Topic
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum, address_of
from tests.support.make import Make
from tests.support.queries import count_queries


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


def titles(page: Browse) -> list[str]:
    return [link.get_text() for link in page.soup.select(".cop-topics h3 a")]


class TestAFacilitator:
    def test_pins_and_unpins(
        self,
        browse: Browse,
        forum: MakeForum,
        alma: Person,
        facilitator: Person,
        space: Space,
        topic: Topic,
        clock: FixedClock,
    ) -> None:
        clock.move(timedelta(hours=1))
        forum.topic(alma, space, "Newer")
        page = browse.sign_in(facilitator).get(address_of(space, topic)).click("Pin this topic").submit("Pin it")
        assert "The topic is pinned" in page.text
        listed = browse.another().sign_in(alma).get(f"/forum/{space.slug}/")
        assert titles(listed) == [topic.title, "Newer"]
        assert "Pinned" in listed.text
        page.submit("Unpin this topic")
        assert titles(listed.get(f"/forum/{space.slug}/")) == ["Newer", topic.title]

    def test_moves_a_topic_whose_old_address_leads_on_for_those_who_may_read_it(
        self,
        browse: Browse,
        forum: MakeForum,
        alma: Person,
        ben: Person,
        facilitator: Person,
        space: Space,
        topic: Topic,
    ) -> None:
        narrow = forum.space("Ours", course=forum.course(alma))
        forum.space("Wide", audience="members")
        page = browse.sign_in(facilitator).get(address_of(space, topic)).click("Move this topic")
        assert page.submit("Move it", space_id=str(narrow.id)).errors == ["Give a reason"]
        wide = next(option["value"] for option in page.soup.select("option") if option.get_text() == "Wide")
        page.submit("Move it", space_id=wide, reason="Good for all")
        assert (page.status, len(page.errors)) == (422, 1)
        assert "did not write for them" in page.errors[0]
        page.submit("Move it", space_id=str(narrow.id), reason="It is about their course")
        assert "The topic is moved" in page.text
        assert page.path == address_of(narrow, topic)
        old = address_of(space, topic)
        assert browse.another().sign_in(alma).get(old, follow=False).location == address_of(narrow, topic)
        assert browse.another().sign_in(ben).get(old).status == 404

        page.get("/forum/log").click("Take back")
        page.submit("Take it back")
        assert page.path == old
        assert browse.another().sign_in(ben).get(old).status == 200

    def test_merges_topics_and_is_told_why_not(
        self,
        browse: Browse,
        forum: MakeForum,
        alma: Person,
        ben: Person,
        facilitator: Person,
        space: Space,
        topic: Topic,
    ) -> None:
        other = forum.topic(ben, space, "The same once more", "Also tea.")
        page = browse.sign_in(facilitator).get(address_of(space, other)).click("Merge this topic into another one")
        page.submit("Merge them", into="somewhere", reason="")
        assert page.errors == ["Enter an address like …/forum/what-worked/12-housing", "Give a reason"]
        page.submit("Merge them", into=address_of(space, other), reason="The same")
        assert page.errors == ["Choose another topic than this one"]
        page.submit("Merge them", into=f"http://localhost{address_of(space, topic)}?page=1#post-1", reason="The same")
        assert "The topics are merged" in page.text
        assert "The topic “The same once more” was merged into this one: its posts begin at post 2" in page.text
        reader = browse.another().sign_in(alma)
        assert reader.get(address_of(space, other)).path == address_of(space, topic)
        assert "Also tea." in reader.text
        assert reader.get(f"{address_of(space, other)}/posts/1/report").status == 404
        assert titles(reader.get(f"/forum/{space.slug}/")) == [topic.title]
        page.get("/forum/log").click("Take back").submit("Take it back")
        assert page.heading == "The same once more"

    def test_closes_a_space_and_opens_it(
        self, browse: Browse, facilitator: Person, alma: Person, space: Space, topic: Topic
    ) -> None:
        page = browse.sign_in(facilitator).get(f"/forum/{space.slug}/").click("Close this space")
        assert page.submit("Close the space").errors == ["Give a reason"]
        page.submit("Close the space", reason="The programme is over")
        reader = browse.another().sign_in(alma)
        assert "Closed: to read only" in reader.get("/forum/").text
        assert "Start a topic" not in reader.get(f"/forum/{space.slug}/").text
        reader.get(address_of(space, topic))
        assert not reader.soup.select("#body")
        assert "This space is closed" in reader.text
        late = reader.post(f"{address_of(space, topic)}/reply", {"body": "Too late."})
        assert late.status == 422
        page.submit("Open this space again")
        assert reader.get(address_of(space, topic)).soup.select("#body")

    def test_alone_may(
        self,
        browse: Browse,
        forum: MakeForum,
        make: Make,
        ben: Person,
        space: Space,
        topic: Topic,
    ) -> None:
        of_a_course = make.account()
        make.grant(of_a_course, Role.FACILITATOR, event=forum.course())
        address = address_of(space, topic)
        for person in (ben, of_a_course):
            page = browse.another().sign_in(person)
            for door in ("pin", "move", "merge"):
                assert page.get(f"{address}/{door}").status == 404, door
            assert page.get(f"/forum/{space.slug}/close").status == 404
            assert page.get("/forum/log/1/undo").status == 404


class TestWhatIsNew:
    def test_is_counted_in_all_and_marked_as_read(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space, topic: Topic
    ) -> None:
        other = forum.space("Other")
        forum.topic(alma, other, "There")
        page = browse.sign_in(ben).get("/forum/")
        assert "2 topics with something new in all" in page.text
        page.get(f"/forum/{other.slug}/").submit("Mark all here as read")
        assert "Nothing here is new to you any more" in page.text
        assert "Mark all here as read" not in page.text
        page.get("/forum/")
        assert "1 topic with something new in all" in page.text
        page.submit("Mark everything as read")
        assert "something new" not in page.text

    def test_begins_after_what_was_marked(
        self,
        browse: Browse,
        forum: MakeForum,
        alma: Person,
        ben: Person,
        space: Space,
        topic: Topic,
        clock: FixedClock,
    ) -> None:
        forum.posts(alma, topic, 22)
        browse.sign_in(ben).get(f"/forum/{space.slug}/").submit("Mark all here as read")
        clock.move(timedelta(hours=1))
        forum.reply(alma, topic, "The news.")
        browse.sign_in(ben).get(f"/forum/{space.slug}/")
        (new,) = browse.soup.select("a.cop-places")
        assert str(new["href"]) == f"{address_of(space, topic)}?page=2#post-24"
        (first,) = (
            link for link in browse.get(address_of(space, topic)).soup.select("a") if "is new to you" in link.text
        )
        assert str(first["href"]) == f"{address_of(space, topic)}?page=2#post-24"

    def test_is_marked_by_a_page_that_says_when_it_was_drawn(
        self, browse: Browse, ben: Person, space: Space, topic: Topic
    ) -> None:
        browse.sign_in(ben).get("/forum/")
        for until in ("", "soon", "-1", str(2**70)):
            browse.post("/forum/seen", {"until": until})
            assert "1 topic with something new in all" in browse.get("/forum/").text
        browse.post("/forum/seen", {"until": str(2**61)})
        assert "something new" not in browse.get("/forum/").text
        assert browse.post("/forum/no-such-space/seen", {"until": "1"}).status == 404


class TestQuestionsThatWait:
    def test_are_listed_for_whoever_wants_to_help(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space
    ) -> None:
        assert "Every question has had a reply" in browse.sign_in(ben).get("/forum/unanswered").text
        topic = forum.question(alma, space)
        page = browse.get("/forum/").click("All questions that wait for an answer")
        assert titles(page) == ["Who pays for the minibus?"]
        page.click("Who pays for the minibus?").submit("Reply", body="The lottery did.")
        assert titles(page.get("/forum/unanswered")) == []
        assert "All questions that wait" not in page.get("/forum/").text
        assert topic.title in page.get(f"/forum/{space.slug}/").text

    def test_are_not_for_strangers(self, browse: Browse, make: Make, forum: MakeForum, alma: Person) -> None:
        forum.question(alma, forum.space())
        assert browse.sign_in(make.account()).get("/forum/unanswered").status == 404

    def test_are_listed_with_as_many_statements_for_three_as_for_one(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space
    ) -> None:
        def counted() -> int:
            browse.sign_in(ben).get("/forum/unanswered")
            with count_queries() as statements:
                assert browse.get("/forum/unanswered").status == 200
            return len(statements)

        forum.question(alma, space)
        one = counted()
        for number in range(3):
            forum.question(forum.alumna(), forum.space(f"Space {number}"), f"Question {number}?")
        assert counted() == one
