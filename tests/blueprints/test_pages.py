"""The home page, programmes and series, and the pages that the law asks for."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from cop.models.events import EventState, Visibility
from cop.models.programmes import Programme
from tests.support.browse import Browse
from tests.support.clock import START
from tests.support.make import Make, Working
from tests.support.queries import count_queries

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

PUBLIC = [
    "/",
    "/accessibility",
    "/privacy",
    "/cookies",
    "/contact",
    "/visits/",
    "/calendar",
    "/.well-known/security.txt",
]


def cards(page: Browse) -> list[str]:
    return [" ".join(card.get_text(" ").split()) for card in page.soup.select("main .cop-card--action")]


class TestTheHomePage:
    def test_says_what_the_programme_is_and_how_to_take_part(self, browse: Browse, make: Make) -> None:
        make.programme(name="Tackling health inequalities", summary="Councils and residents learn together.")
        page = browse.get("/")
        assert page.heading == "Tackling health inequalities"
        for words in ("Councils and residents learn together.", "Four ways to take part", "Healthy Hub"):
            assert words in page.text
        assert page.soup.select('main a[href="/visits/"]')

    def test_shows_what_is_next_with_the_places_left(self, browse: Browse, make: Make) -> None:
        for days, title in ((3, "Later"), (1, "Next"), (30, "Fourth"), (9, "Third")):
            make.visit(title, slots=[START + timedelta(days=days)], capacity=days)
        page = browse.get("/")
        assert [card.partition(" ")[0] for card in cards(page)] == ["Next", "Later", "Third"]
        assert "1 place left" in cards(page)[0]
        assert "Tuesday 3 March 2026" in cards(page)[0]
        timeline = page.soup.select(".cop-card .cop-timeline li")
        assert [item.get_text(" ", strip=True).split()[-1] for item in timeline[1:-1]] == [
            *("Next", "Later", "Third", "Fourth")
        ]
        assert page.click("Next").heading == "Next"

    @pytest.mark.parametrize(
        ("columns", "left"),
        [
            ({"capacity": 10, "event_capacity": 5}, "5 places left"),
            ({"capacity": 10, "day_capacity": 6}, "6 places left"),
            ({"capacity": 10, "day_capacity": 0}, "Full"),
            ({"capacity": None}, "Places for all"),
        ],
    )
    def test_promises_no_place_that_cannot_be_had(
        self, browse: Browse, make: Make, columns: dict[str, Any], left: str
    ) -> None:
        make.visit(slots=2, **columns)
        assert left in cards(browse.get("/"))[0]

    @pytest.mark.parametrize(
        "columns",
        [
            {"published": False},
            {"state": EventState.CANCELLED},
            {"visibility": Visibility.UNLISTED},
            {"visibility": Visibility.INVITED},
            {"slots": [START - DAY]},
        ],
    )
    def test_shows_nothing_that_is_not_public_and_to_come(
        self, browse: Browse, make: Make, columns: dict[str, Any]
    ) -> None:
        make.programme()
        make.visit(**columns)
        page = browse.get("/")
        assert cards(page) == []
        assert page.click("Subscribe").path == "/calendar"

    def test_shows_the_current_programme_alone(self, browse: Browse, make: Make) -> None:
        make.programme(name="The current one")
        other = make.programme("another", name="Another one")
        make.visit("Of the other", programme=other)
        page = browse.get("/")
        assert page.heading == "The current one"
        assert "Of the other" not in page.text

    def test_without_a_programme_says_so(self, browse: Browse, make: Make, work: Working) -> None:
        assert "No programme is running" in browse.get("/").text
        make.programme()
        with work() as unit:
            unit.session.execute(update(Programme).values(is_current=False))
        assert "No programme is running" in browse.get("/").text

    def test_needs_the_same_few_statements_for_one_visit_and_for_three(self, browse: Browse, make: Make) -> None:
        counts = []
        for _ in range(3):
            make.visit(day_capacity=9)
            with count_queries() as sent:
                browse.get("/")
            counts.append(len(sent))
        assert set(counts) == {counts[0]}
        assert counts[0] <= 6


class TestAProgramme:
    def test_has_an_address_of_its_own(self, browse: Browse, make: Make) -> None:
        other = make.programme("another", name="Another one")
        make.visit("Of the other", programme=other)
        page = browse.get("/programmes/another")
        assert page.heading == "Another one"
        assert cards(page)[0].startswith("Of the other")

    @pytest.mark.parametrize("path", ["/programmes/nothing", "/series/nothing", "/programmes/%00", "/series/🌻"])
    def test_that_is_none_is_not_found(self, browse: Browse, path: str) -> None:
        assert browse.get(path).status == 404


class TestASeries:
    def test_shows_its_dates_and_its_calendar(self, browse: Browse, make: Make) -> None:
        series = make.series("speaker-series", name="Speaker series", summary="Three talks.")
        make.visit("In it", slots=[START + DAY], series_id=series.id)
        make.visit("Outside")
        page = browse.get("/series/speaker-series")
        assert page.heading == "Speaker series"
        assert "Three talks." in page.text
        assert [link.get_text() for link in page.soup.select("main .cop-timeline a")] == ["In it"]
        assert page.soup.select('main a[href="/series/speaker-series.ics"]')

    def test_without_dates_says_so(self, browse: Browse, make: Make) -> None:
        make.series("speaker-series")
        assert "Nothing is planned in this series" in browse.get("/series/speaker-series").text


class TestEveryPublicPage:
    @pytest.mark.parametrize("path", PUBLIC)
    def test_is_there_and_sets_no_cookie(self, browse: Browse, make: Make, path: str) -> None:
        """The page about cookies says so: one cookie, once a form is used or somebody signs in."""
        make.visit()
        page = browse.get(path)
        assert page.status == 200
        assert "Set-Cookie" not in page.response.headers

    @pytest.mark.parametrize("path", PUBLIC[:-1])
    def test_leads_to_the_legal_pages(self, browse: Browse, make: Make, path: str) -> None:
        make.programme()
        links = {str(link["href"]) for link in browse.get(path).soup.select("footer a[href]")}
        assert {"/accessibility", "/privacy", "/cookies"} <= links

    @pytest.mark.parametrize("path", PUBLIC[:-1])
    def test_links_to_nothing_that_is_missing(self, browse: Browse, make: Make, path: str) -> None:
        make.visit()
        links = {str(link["href"]).partition("#")[0] for link in browse.get(path).soup.select('a[href^="/"]')}
        assert {link: browse.another().get(link).status for link in links if link} == dict.fromkeys(
            filter(None, links), 200
        )


class TestLegalPages:
    def test_on_cookies_names_the_one_that_is_set(self, browse: Browse) -> None:
        browse.get("/sign-in")
        assert {cookie.partition("=")[0] for cookie in browse.response.headers.getlist("Set-Cookie")} == {"cop"}
        assert browse.get("/cookies").soup.select_one("main table code")
        assert "cop" in browse.text

    def test_on_contact_gives_the_mailbox(self, browse: Browse) -> None:
        assert browse.get("/contact").soup.select('main a[href="mailto:programme@cop.example"]')

    def test_for_finders_of_faults_expires_within_a_year_or_so(self, browse: Browse) -> None:
        page = browse.get("/.well-known/security.txt")
        assert page.response.content_type == "text/plain; charset=utf-8"
        fields = dict(line.split(": ", 1) for line in page.html.splitlines())
        assert fields["Contact"] == "mailto:programme@cop.example"
        assert fields["Canonical"] == "http://localhost/.well-known/security.txt"
        assert START < datetime.fromisoformat(fields["Expires"]) <= START + 366 * DAY


class TestStaticFiles:
    def test_are_kept_for_a_year_under_an_address_that_changes_with_them(self, browse: Browse) -> None:
        (script,) = browse.get("/").soup.select("script[type=module]")
        page = browse.get(str(script["src"]))
        assert page.status == 200
        assert "max-age=31536000" in page.response.headers["Cache-Control"]
        assert "max-age=3600" in browse.get("/static/app.js").response.headers["Cache-Control"]

    def test_hold_the_icon_that_browsers_ask_for(self, browse: Browse) -> None:
        assert browse.get("/favicon.ico").response.mimetype == "image/svg+xml"

    @pytest.mark.parametrize("name", ["nothing.js", "../__init__.py", "..%2f__init__.py", "%00", "/etc/passwd"])
    def test_hold_nothing_else(self, browse: Browse, name: str) -> None:
        assert browse.get(f"/static/{name}").status == 404
