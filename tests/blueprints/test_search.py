"""One search for everybody, which finds what each may see."""

from datetime import timedelta

import pytest
from flask import Flask

from cop.models.accounts import Person
from cop.models.events import EventState, Visibility
from cop.models.forum import Space
from cop.models.webinars import LinkKind
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum, address_of
from tests.support.make import Make, Working
from tests.support.queries import count_queries
from tests.support.webinars import Webinars


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

    def test_find_the_best_five_first_and_page_by_page_where_they_look_in_one_place(
        self, browse: Browse, forum: MakeForum, alma: Person, space: Space, clock: FixedClock
    ) -> None:
        topic = forum.topic(alma, space, "Tea", "Tea, tea and more tea, for tea is tea.")
        for number in range(22):
            clock.move(timedelta(minutes=2))
            forum.reply(alma, topic, f"Number {number}: a meeting about the budget with nearly no tea in it at all.")
        page = browse.sign_in(alma).get("/search", q="tea")
        assert [len(titles) for titles in found(page).values()] == [1, 5]
        page = page.click("More: Posts in the forum")
        assert page.soup.select_one("#kind option[selected]").get_text() == "Posts in the forum"  # type: ignore[union-attr]
        excerpts = [item.get_text() for item in page.soup.select(".cop-topics li p")]
        assert len(excerpts) == 20
        assert "Tea, tea and more tea" in excerpts[0]
        page = page.click("Next page")
        assert len(found(page)["Posts in the forum"]) == 3
        assert "Next page" not in page.text
        assert len(found(page.click("Previous page"))["Posts in the forum"]) == 20

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
        assert counts == [counts[0]] * 3

    @pytest.mark.parametrize("address", ["/search?q=tea&kind=nonsense", "/search?q=tea&page=0", "/search?q=tea&page=x"])
    def test_are_not_led_astray_by_nonsense_in_an_address(
        self, browse: Browse, forum: MakeForum, alma: Person, space: Space, address: str
    ) -> None:
        forum.topic(alma, space, "Tea", "Tea.")
        assert found(browse.sign_in(alma).get(address)) == {
            "Topics of the forum": ["Tea"],
            "Posts in the forum": ["Tea"],
        }

    def test_are_led_back_where_one_place_holds_nothing(
        self, browse: Browse, forum: MakeForum, alma: Person, space: Space
    ) -> None:
        forum.topic(alma, space, "Tea", "Tea.")
        page = browse.sign_in(alma).get("/search", q="tea", kind="events")
        assert "Nothing holds all these words" in page.text
        assert found(page.click("Search everywhere")) != {}


class TestRecordings:
    def test_are_found_once_the_public_webinar_is_over(
        self, browse: Browse, make: Make, work: Working, clock: FixedClock
    ) -> None:
        stage = Webinars(make, work)
        event = stage.webinar("Quagga keeping")
        stage.link(event, "The whole hour")
        stage.link(event, "The slides", kind=LinkKind.RESOURCE)
        assert "Recordings" not in found(browse.get("/search", q="quagga"))
        clock.move(timedelta(days=60))
        page = browse.get("/search", q="quagga")
        assert found(page)["Recordings"] == ["The whole hour"]
        assert found(browse.get("/search", q="whole")) == {"Recordings": ["The whole hour"]}
        link = page.soup.find("a", string="The whole hour")["href"]  # type: ignore[index]
        assert browse.get(str(link), follow=False).location.startswith("https://video.example/")
