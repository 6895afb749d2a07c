"""One search for everybody, which finds what each may see."""

from datetime import timedelta

import pytest
from flask import Flask

from cop.models.accounts import Person
from cop.models.events import EventState, Visibility
from cop.models.forum import Space
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
    return forum.alumna("Alma Ashdown")


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


def found(page: Browse) -> dict[str, list[str]]:
    """The titles below each heading."""
    return {
        heading.get_text(): [item.get_text() for item in heading.find_next("ul").select("h3")]  # type: ignore[union-attr]
        for heading in page.soup.select("main h2")
    }


class TestSignedOut:
    def test_finds_public_events_and_series(self, browse: Browse, make: Make) -> None:
        make.visit("A morning at the Healthy Hub")
        make.series(name="Warm rooms", summary="Hubs and libraries in winter.")
        page = browse.get("/search", q="hub")
        assert found(page) == {"Events": ["A morning at the Healthy Hub"], "Series of events": ["Warm rooms"]}
        assert "Visit · See how residents and the council run a health hub" in page.text
        assert [mark.get_text() for mark in page.soup.select("mark")] == ["hub", "Hubs"]
        assert page.click("Warm rooms").path == "/series/speaker-series"

    @pytest.mark.parametrize(
        "columns",
        [
            {"published": False},
            {"state": EventState.CANCELLED},
            {"visibility": Visibility.UNLISTED},
            {"visibility": Visibility.INVITED},
        ],
        ids=["draft", "cancelled", "unlisted", "by invitation"],
    )
    def test_finds_no_event_that_is_not_public(self, browse: Browse, make: Make, columns: dict[str, object]) -> None:
        make.visit("Quagga", **columns)  # type: ignore[arg-type]
        assert found(browse.get("/search", q="quagga")) == {}
        assert found(browse.sign_in(make.admin()).get("/search", q="quagga")) == {}

    def test_finds_nothing_of_the_forum(self, browse: Browse, forum: MakeForum, alma: Person, space: Space) -> None:
        forum.topic(alma, space, "Quagga", "Axolotl.")
        for word in ("quagga", "axolotl"):
            page = browse.get("/search", q=word)
            assert "Nothing holds all these words" in page.text
            assert page.click("Sign in and search again").path.startswith("/sign-in?next=")

    def test_is_kept_out_of_the_indexes_of_others(self, browse: Browse) -> None:
        for page in (browse.get("/search"), browse.get("/search", q="hub")):
            assert page.soup.select('meta[name="robots"][content="noindex"]')
        assert "Search webinars, visits, courses" in browse.get("/search").text

    def test_sets_no_cookie(self, browse: Browse) -> None:
        assert "Set-Cookie" not in browse.get("/search", q="hub").response.headers


class TestMembers:
    def test_find_topics_and_posts(self, browse: Browse, forum: MakeForum, alma: Person, space: Space) -> None:
        topic = forum.topic(alma, space, "Warm rooms in the library", "Two rooms, three afternoons.")
        forum.posts(alma, topic, 19)
        forum.reply(alma, topic, "We counted with *cups* in a warm room.")
        page = browse.sign_in(alma).get("/search", q="warm rooms")
        assert found(page) == {
            "Topics of the forum": ["Warm rooms in the library"],
            "Posts in the forum": ["Warm rooms in the library"],
        }
        assert "Alma Ashdown: We counted with cups in a warm room" in page.text
        assert [mark.get_text() for mark in page.soup.select("mark")] == ["warm", "room"]
        (link,) = page.soup.select(".cop-topics:last-of-type a")
        assert link["href"] == f"{address_of(space, topic)}?page=2#post-21"

    def test_find_nothing_that_was_deleted_or_hidden_not_even_staff(
        self, browse: Browse, forum: MakeForum, make: Make, alma: Person, space: Space
    ) -> None:
        deleted, hidden, gone = (forum.topic(alma, space, title, "Axolotl.") for title in ("One", "Two", "Quagga"))
        forum.hide_post(hidden.id)
        forum.hide_topic(gone)
        browse.sign_in(alma).get(f"{address_of(space, deleted)}/posts/1/delete").submit("Yes, delete it")
        for person in (alma, make.admin()):
            for word in ("axolotl", "quagga"):
                assert found(browse.sign_in(person).get("/search", q=word)) == {}

    def test_find_the_best_first_and_twenty_at_most(
        self, browse: Browse, forum: MakeForum, alma: Person, space: Space, clock: FixedClock
    ) -> None:
        topic = forum.topic(alma, space, "Tea", "Tea, tea and more tea, for tea is tea.")
        for number in range(22):
            clock.move(timedelta(minutes=2))
            forum.reply(alma, topic, f"Number {number}: a meeting about the budget with nearly no tea in it at all.")
        page = browse.sign_in(alma).get("/search", q="tea")
        excerpts = [item.get_text() for item in page.soup.select(".cop-topics:last-of-type li p")]
        assert len(excerpts) == 20
        assert "Tea, tea and more tea" in excerpts[0]

    def test_ask_with_quotes_and_without_words(
        self, browse: Browse, forum: MakeForum, alma: Person, space: Space
    ) -> None:
        for title, body in (("One", "A warm room with tea."), ("Two", "A room that is warm.")):
            forum.topic(alma, space, title, body)
        browse.sign_in(alma)
        assert found(browse.get("/search", q='"warm room"')) == {"Posts in the forum": ["One"]}
        assert found(browse.get("/search", q="warm -tea")) == {"Posts in the forum": ["Two"]}

    def test_see_text_and_never_markup(self, browse: Browse, forum: MakeForum, alma: Person, space: Space) -> None:
        nasty = "<script>alert('quagga')</script> <b>quagga</b> StartSel=<i> \ue000evil\ue001 & more"
        forum.topic(alma, space, "A <b>quagga</b> title", nasty)
        page = browse.sign_in(alma).get("/search", q="quagga")
        assert not page.soup.select("main script, main b, main i")
        assert "A <b>quagga</b> title" in page.text

    @pytest.mark.parametrize(
        "words", ["the", "'", "\\", "a & | ! ( ) : *", "%", "🙂", "x" * 5_000, "<-> <3>", '"', " -"]
    )
    def test_may_type_anything(self, browse: Browse, alma: Person, words: str) -> None:
        page = browse.sign_in(alma).get("/search", q=words)
        assert page.status == 200
        assert page.soup.select("#q")[0]["value"] == words.strip()

    def test_ask_as_many_statements_however_much_there_is(
        self, browse: Browse, forum: MakeForum, make: Make, alma: Person, space: Space
    ) -> None:
        counts = []
        browse.sign_in(alma)
        for number in (1, 2, 3):
            make.visit(f"Tea {number}")
            forum.topic(alma, space, f"Tea {number}", "Tea.")
            with count_queries() as statements:
                browse.get("/search", q="tea")
            counts.append(len(statements))
        assert counts == [5, 5, 5]
