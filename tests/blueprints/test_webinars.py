"""Webinars as visitors see them: the pages, registering with and without an account, joining, and what is left."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import func, select, update

from cop.core.access import Role
from cop.core.secrecy import sign
from cop.models.accounts import Person
from cop.models.events import Arrangement, Booking, Event, EventState, Visibility
from cop.models.outbox import Outbox
from cop.models.service import Observation
from cop.models.webinars import LinkKind, Registration
from cop.services.events import booking
from scheduled import send_reminders
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.webinars import ADDRESS, Webinars, confirm_path, join_path

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKED: dict[str, Any] = {"email": "noor@stevenage.example", "name": "Noor Adeyemi", "organisation": "Stevenage"}

Posted = Callable[..., Sequence[Outbox]]
Rows = Callable[[Any], Sequence[Any]]


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


@pytest.fixture
def rows(reading: Reads) -> Rows:
    def all_of(table: Any) -> Sequence[Any]:
        with reading() as read:
            return read.session.scalars(select(table).order_by(*table.__table__.primary_key)).all()

    return all_of


@pytest.fixture
def observed(reading: Reads) -> Callable[[], list[tuple[str, int | None, int | None]]]:
    def found() -> list[tuple[str, int | None, int | None]]:
        with reading() as read:
            seen = read.session.scalars(select(Observation).order_by(Observation.id))
            return [(item.kind, item.subject_id, item.person_id) for item in seen]

    return found


def edit(work: Working, row: Any, **values: Any) -> None:
    with work() as unit:
        unit.session.execute(update(type(row)).where(type(row).id == row.id).values(**values))


def titles(page: Browse) -> list[str]:
    return [heading.get_text(strip=True) for heading in page.soup.select("main .cop-card h2")]


class TestTheList:
    def test_shows_what_is_to_come_with_its_speakers(self, browse: Browse, webinars: Webinars, make: Make) -> None:
        later = webinars.webinar("Later", begins=START + 20 * DAY, capacity=12)
        sooner = webinars.webinar("Sooner")
        webinars.speaker(sooner, "Irena Duarte")
        webinars.webinar("Hidden", published=False)
        make.visit("A visit")
        page = browse.get("/webinars/")
        assert titles(page) == ["Sooner", "Later"]
        for words in ("Monday 9 March 2026, 12:30pm to 1:30pm", "Irena Duarte", "12 places left"):
            assert words in page.text
        assert page.click("Later").path == f"/webinars/{later.slug}"

    def test_of_the_past_tells_where_there_is_a_recording(self, browse: Browse, webinars: Webinars) -> None:
        webinars.webinar("Without", begins=START - 9 * DAY)
        webinars.link(webinars.webinar("With", begins=START - DAY))
        page = browse.get("/webinars/").click("Webinars that were")
        assert titles(page) == ["With", "Without"]
        tags = [tag.get_text() for tag in page.soup.select("main .govuk-tag")]
        assert tags == ["Recording", "Past"]

    @pytest.mark.parametrize(
        ("show", "words"), [("", "No webinar is planned"), ("past", "No webinar has taken place yet")]
    )
    def test_may_be_empty(self, browse: Browse, show: str, words: str) -> None:
        assert words in browse.get("/webinars/", show=show).text

    def test_is_cut_into_pages(self, browse: Browse, webinars: Webinars) -> None:
        for number in range(21):
            webinars.webinar(f"Webinar {number:02d}", begins=START + DAY + number * DAY)
        page = browse.get("/webinars/")
        assert len(titles(page)) == 20
        assert titles(page.click("Next page")) == ["Webinar 20"]

    @pytest.mark.parametrize("past", [False, True])
    def test_needs_the_same_few_statements_for_one_and_for_three(
        self,
        browse: Browse,
        webinars: Webinars,
        past: bool,  # noqa: FBT001
    ) -> None:
        counts = []
        for number in range(3):
            made = webinars.webinar(f"Webinar {number}", begins=START + (-30 if past else 30) * DAY + number * DAY)
            webinars.speaker(made)
            webinars.link(made)
            with count_queries() as sent:
                browse.get("/webinars/", show="past" if past else "")
            counts.append(len(sent))
        assert set(counts) == {counts[0]}
        assert counts[0] <= 7


class TestTheSeries:
    def test_shows_what_comes_and_what_was_with_the_speakers(
        self, browse: Browse, webinars: Webinars, make: Make
    ) -> None:
        series = make.series()
        for title, begins in (("Coming", START + DAY), ("Later", START + 9 * DAY), ("Was", START - DAY)):
            webinars.speaker(webinars.webinar(title, begins=begins, series_id=series.id), f"Dr {title}")
        webinars.webinar("Elsewhere")
        page = browse.get("/series/speaker-series")
        links = [link.get_text() for link in page.soup.select('main a[href^="/webinars/"]')]
        assert links == ["Coming", "Later", "Was"]
        assert all(f"Dr {title}" in page.text for title in links)
        assert page.soup.select('main a[href="/series/speaker-series.ics"]')
        page.click("Register for all")
        assert [box["value"] for box in page.soup.select("[name=webinars][checked]")] == ["1", "2"]

    def test_without_webinars_has_no_button(self, browse: Browse, make: Make) -> None:
        series = make.series()
        make.visit(series_id=series.id)
        assert "Register" not in browse.get("/series/speaker-series").text

    def test_needs_the_same_few_statements_for_one_and_for_three(
        self, browse: Browse, webinars: Webinars, make: Make
    ) -> None:
        series, counts = make.series(), []
        for number in range(3):
            for days in (-30, 30):
                made = webinars.webinar(
                    f"{days} days {number}" if days > 0 else f"Past {number}",
                    begins=START + days * DAY,
                    series_id=series.id,
                )
                webinars.speaker(made)
            with count_queries() as sent:
                browse.get("/series/speaker-series")
            counts.append(len(sent))
        assert set(counts) == {counts[0]}
        assert counts[0] <= 6


class TestThePage:
    def test_says_all_that_one_needs_to_decide(self, browse: Browse, webinars: Webinars, make: Make) -> None:
        webinar = webinars.webinar(
            "Guelph plans",
            series_id=make.series().id,
            capacity=15,
            step_free="Live captions.",
            needs_until=START + 2 * DAY,
            closes_at=START + 3 * DAY,
        )
        webinars.speaker(
            webinar, "Maren Oakfield", role_title="Manager", organisation="City of Guelph", about="She kept it honest."
        )
        page = browse.get(f"/webinars/{webinar.slug}")
        assert page.heading == "Guelph plans"
        for words in (
            webinar.summary,
            webinar.description,
            "Monday 9 March 2026, 12:30pm to 1:30pm",
            "Part of the series Speaker series",
            "Maren Oakfield Manager, City of Guelph She kept it honest.",
            "Live captions.",
            "Ask for anything else that you need until 4 March 2026 at 9am",
            "15 places left",
            "Registration closes on 5 March 2026 at 9am",
        ):
            assert words in page.text
        assert "For staff" not in page.text
        assert page.click("Register").path == f"/webinars/{webinar.slug}/register"

    def test_tells_speakers_time_where_it_differs(self, browse: Browse, webinars: Webinars) -> None:
        webinar = webinars.webinar()
        webinars.speaker(webinar, "Maren", timezone="America/Toronto")
        webinars.speaker(webinar, "Orla", timezone="Europe/Dublin")
        page = browse.get(f"/webinars/{webinar.slug}")
        assert "For Maren it is then Monday 9 March, 8:30am to 9:30am in Toronto." in page.text
        assert "For Orla" not in page.text

    def test_tells_the_time_of_the_zone_that_a_reader_asks_for(self, browse: Browse, webinars: Webinars) -> None:
        webinar = webinars.webinar()
        page = browse.get(f"/webinars/{webinar.slug}")
        assert page.soup.select("time[data-own-time][data-zone='Europe/London']")
        page.submit("Show", zone="America/Toronto")
        assert "For you: Monday 9 March, 8:30am to 9:30am in Toronto" in page.text
        assert not page.soup.select("time[data-own-time]"), "a script adds nothing to what was asked for"

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "America/Toronto\x00", "Etc/UTC", "a" * 900])
    def test_takes_a_senseless_zone_lightly(self, browse: Browse, webinars: Webinars, zone: str) -> None:
        page = browse.get(f"/webinars/{webinars.webinar().slug}", zone=zone)
        assert page.status in {200, 404}
        assert "For you" not in page.text

    def test_tells_the_time_of_the_account(self, browse: Browse, webinars: Webinars, make: Make) -> None:
        person = make.account(timezone="America/Sao_Paulo")
        page = browse.sign_in(person).get(f"/webinars/{webinars.webinar().slug}", zone="America/Toronto")
        assert "For you: Monday 9 March, 9:30am to 10:30am in Sao Paulo" in page.text
        assert not page.soup.select("#zone")

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"state": EventState.CANCELLED}, "This webinar is cancelled"),
            ({"opens_at": START + DAY}, "Registration opens on 3 March 2026 at 9am"),
            ({"closes_at": START - DAY}, "Registration closed on 1 March 2026 at 9am"),
            ({"capacity": 0}, "Full"),
            ({"begins": START - HOUR / 2}, "It has begun"),
            ({"begins": START - DAY}, "This webinar is over"),
        ],
    )
    def test_says_why_nobody_can_register_and_offers_no_button(
        self, browse: Browse, webinars: Webinars, columns: dict[str, Any], words: str
    ) -> None:
        page = browse.get(f"/webinars/{webinars.webinar(**columns).slug}")
        assert words in page.text
        assert not page.soup.select('a[href$="/register"]')
        assert browse.get(f"{page.path}/register").heading == "Nothing to register for"

    def test_after_the_deadline_says_that_we_may_not_manage(self, browse: Browse, webinars: Webinars) -> None:
        page = browse.get(f"/webinars/{webinars.webinar(needs_until=START - DAY).slug}")
        assert "we may not manage: the time for that ended on 1 March 2026 at 9am" in page.text

    def test_leads_whoever_is_registered_to_their_booking_and_to_the_page_to_join(
        self, browse: Browse, webinars: Webinars, amina: Person
    ) -> None:
        webinar = webinars.webinar()
        held = webinars.register(amina, webinar)
        page = browse.sign_in(amina).get(f"/webinars/{webinar.slug}")
        assert "You are registered" in page.text
        assert page.soup.select(f'a[href="/bookings/{held.public_id}"]')
        assert page.click("Go to the page to join").path == f"/webinars/{webinar.slug}/join"

    @pytest.mark.parametrize("columns", [{"published": False}, {"visibility": Visibility.INVITED}])
    def test_of_a_hidden_webinar_is_not_found_except_by_its_staff(
        self, browse: Browse, webinars: Webinars, make: Make, amina: Person, columns: dict[str, Any]
    ) -> None:
        webinar, host = webinars.webinar(**columns), make.account("Hani Host")
        make.grant(host, Role.HOST, event=webinar)
        for address in (f"/webinars/{webinar.slug}", f"/webinars/{webinar.slug}/register"):
            assert browse.another().get(address).status == 404
            assert browse.another().sign_in(amina).get(address).status == 404
        page = browse.sign_in(host).get(f"/webinars/{webinar.slug}")
        assert "For staff" in page.text

    def test_of_a_draft_without_a_time_is_there_for_its_staff(
        self, browse: Browse, webinars: Webinars, make: Make, work: Working
    ) -> None:
        webinar = webinars.webinar(published=False)
        with work() as unit:
            unit.session.delete(unit.session.merge(webinar.parts[0]))
        assert browse.sign_in(make.admin()).get(f"/webinars/{webinar.slug}").status == 200

    def test_of_a_visit_is_not_found(self, browse: Browse, make: Make) -> None:
        slug = make.visit().slug
        for end in ("", "/register", "/join", "/links/1"):
            assert browse.get(f"/webinars/{slug}{end}").status == 404

    def test_needs_the_same_few_statements_for_one_speaker_and_for_three(
        self, browse: Browse, webinars: Webinars
    ) -> None:
        webinar, counts = webinars.webinar(), []
        for number in range(3):
            webinars.speaker(webinar, f"Speaker {number}")
            with count_queries() as sent:
                browse.get(f"/webinars/{webinar.slug}")
            counts.append(len(sent))
        assert set(counts) == {counts[0]}
        assert counts[0] <= 6


class TestWhatIsLeftAfterwards:
    def test_is_there_for_everybody_and_counted_apart_from_joining(
        self, browse: Browse, webinars: Webinars, amina: Person, observed: Callable[[], Any]
    ) -> None:
        webinar = webinars.webinar(begins=START - DAY)
        recording = webinars.link(webinar, "The whole hour")
        slides = webinars.link(webinar, "Slides", kind=LinkKind.RESOURCE)
        page = browse.get(f"/webinars/{webinar.slug}")
        assert [link.get_text() for link in page.soup.select('main a[href*="/links/"]')] == ["The whole hour", "Slides"]
        page.get(f"/webinars/{webinar.slug}/links/{recording.id}", follow=False)
        assert (page.status, page.location) == (302, "https://video.example/the-whole-hour")
        browse.sign_in(amina).get(f"/webinars/{webinar.slug}/links/{slides.id}", follow=False)
        assert observed() == [
            ("recording opened", recording.id, None),
            ("resource opened", slides.id, amina.id),
        ]

    def test_is_not_counted_by_asking_whether_it_is_there(
        self, browse: Browse, webinars: Webinars, observed: Callable[[], Any]
    ) -> None:
        webinar = webinars.webinar(begins=START - DAY)
        link = webinars.link(webinar)
        assert browse.client.head(f"/webinars/{webinar.slug}/links/{link.id}").status_code == 302
        assert observed() == []

    @pytest.mark.parametrize(
        "headers",
        [
            {"User-Agent": "Mozilla/5.0 (compatible; Examplebot/2.1)"},
            {"User-Agent": "LinkScanner/3"},
            {"User-Agent": "curl/8.5"},
            {"Sec-Purpose": "prefetch;prerender"},
            {"Purpose": "prefetch"},
            {"Sec-Fetch-Mode": "no-cors"},
        ],
    )
    def test_is_not_counted_by_programs_that_say_what_they_are(
        self, browse: Browse, webinars: Webinars, observed: Callable[[], Any], headers: dict[str, str]
    ) -> None:
        webinar = webinars.webinar(begins=START - DAY)
        address = f"/webinars/{webinar.slug}/links/{webinars.link(webinar).id}"
        assert browse.client.get(address, headers=headers).status_code == 302
        assert observed() == []
        said = {"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0", "Sec-Fetch-Mode": "navigate"}
        browse.client.get(address, headers=said)
        assert len(observed()) == 1

    def test_is_not_there_before(self, browse: Browse, webinars: Webinars) -> None:
        webinar = webinars.webinar()
        link = webinars.link(webinar)
        assert "Watch it" not in browse.get(f"/webinars/{webinar.slug}").text
        assert browse.get(f"/webinars/{webinar.slug}/links/{link.id}").status == 404

    def test_of_another_or_a_hidden_webinar_is_not_found(self, browse: Browse, webinars: Webinars) -> None:
        was, other = webinars.webinar(begins=START - DAY), webinars.webinar("Other", begins=START - DAY)
        hidden = webinars.webinar("Hidden", begins=START - DAY, visibility=Visibility.INVITED)
        links = {event.slug: webinars.link(event) for event in (was, hidden)}
        assert browse.get(f"/webinars/{other.slug}/links/{links[was.slug].id}").status == 404
        assert browse.get(f"/webinars/{hidden.slug}/links/{links[hidden.slug].id}").status == 404


class TestRegisteringByMail:
    def test_mails_a_link_that_shows_and_then_books(
        self, browse: Browse, webinars: Webinars, mailbox: Mailbox, rows: Rows
    ) -> None:
        webinar = webinars.webinar(needs_until=START + DAY)
        page = browse.get(f"/webinars/{webinar.slug}").click("Register")
        assert "until 3 March 2026 at 9am" in page.text
        page.submit("Register", **ASKED, needs="Captions")
        assert (page.path, page.heading) == ("/confirm", "Check your e-mail")
        assert ASKED["email"] in page.text
        (mail,) = mailbox.deliver()
        assert webinar.title in mail.text
        assert "Hello" not in mail.text, "what a stranger typed is not in it"
        page = browse.another().get(mail.link("/confirm/"))
        for words in (webinar.title, "Noor Adeyemi", "Stevenage", "Captions"):
            assert words in page.text
        assert rows(Booking) == []
        page.submit("Yes, register me")
        assert page.heading == "You are registered"
        (confirmation,) = mailbox.deliver()
        assert confirmation.subject == f"Booked: {webinar.title}"
        assert [found.access for found in rows(Arrangement)] == ["Captions"]
        assert page.click("See or cancel your booking").heading == "You are booked"

    def test_answers_the_same_whoever_the_address_belongs_to(
        self, browse: Browse, webinars: Webinars, amina: Person
    ) -> None:
        webinar = webinars.webinar()
        webinars.register(amina, webinar)
        pages = []
        for email in (amina.email, "nobody@council.example"):
            page = browse.another().get(f"/webinars/{webinar.slug}/register")
            page.submit("Register", **{**ASKED, "email": email})
            pages.append((page.seen, page.path, page.text.replace(str(email), "")))
        assert pages[0] == pages[1]

    def test_offers_the_others_of_the_series(self, browse: Browse, webinars: Webinars, make: Make, rows: Rows) -> None:
        series = make.series()
        one, other = (webinars.webinar(title, series_id=series.id) for title in ("One", "Other"))
        webinars.webinar("Full", series_id=series.id, capacity=0)
        page = browse.get(f"/webinars/{one.slug}/register")
        assert [box["value"] for box in page.soup.select("[name=webinars]")] == [str(one.id), str(other.id)]
        assert [box["value"] for box in page.soup.select("[name=webinars][checked]")] == [str(one.id)]
        page.submit("Register", **ASKED, webinars=[str(one.id), str(other.id)])
        assert rows(Registration)[0].wanted["event_ids"] == [one.id, other.id]

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"email": ""}, "Enter your e-mail address"),
            ({"email": "noor"}, "Enter an e-mail address in the correct format, like name@example.org"),
            ({"name": ""}, "Enter your full name"),
            ({"name": "a" * 201}, "Use 200 characters or fewer"),
            ({"needs": "a" * 2_001}, "Use 2000 characters or fewer"),
            ({"name": "No\x00or"}, "Remove the invisible control characters from this answer"),
        ],
    )
    def test_refuses_and_loses_nothing_that_was_typed(
        self, browse: Browse, webinars: Webinars, rows: Rows, fields: dict[str, str], error: str
    ) -> None:
        typed = {**ASKED, "needs": "A BSL interpreter", **fields}
        page = browse.get(f"/webinars/{webinars.webinar().slug}/register")
        page.submit("Register", **typed)
        assert (page.status, page.errors) == (422, [error])
        for name in typed.keys() - fields.keys():
            (field,) = page.soup.select(f"[name={name}]")
            assert (field.get("value") or field.get_text(strip=True)) == typed[name]
        assert rows(Registration) == []

    def test_with_nothing_ticked_is_refused(self, browse: Browse, webinars: Webinars, make: Make) -> None:
        series = make.series()
        for title in ("One", "Other"):
            webinars.webinar(title, series_id=series.id)
        page = browse.get("/series/speaker-series/register").submit("Register", **ASKED, webinars=None)
        assert (page.status, page.errors) == (422, ["Choose at least one webinar"])

    def test_when_others_were_quicker_tells_which_is_full_and_keeps_the_rest(
        self, browse: Browse, webinars: Webinars, make: Make, work: Working, rows: Rows
    ) -> None:
        series = make.series()
        one, other = (webinars.webinar(title, series_id=series.id) for title in ("One", "Other"))
        page = browse.get(f"/webinars/{one.slug}/register")
        edit(work, one, capacity=0)
        page.submit("Register", **ASKED, webinars=[str(one.id), str(other.id)])
        assert (page.status, page.errors) == (422, ["“One” is full."])
        assert page.soup.select("[name=email]")[0]["value"] == ASKED["email"]
        page.submit("Register")
        assert rows(Registration)[0].wanted["event_ids"] == [other.id]

    def test_when_it_is_full_meanwhile_says_so(self, browse: Browse, webinars: Webinars, work: Working) -> None:
        webinar = webinars.webinar("One")
        page = browse.get(f"/webinars/{webinar.slug}/register")
        edit(work, webinar, capacity=0)
        page.submit("Register", **ASKED)
        assert page.status == 422
        assert "“One” is full." in page.text

    def test_of_another_event_is_refused(self, browse: Browse, webinars: Webinars, make: Make, rows: Rows) -> None:
        webinar, visit = webinars.webinar(), make.visit()
        browse.post(f"/webinars/{webinar.slug}/register", {**ASKED, "webinars": str(visit.id), "needs": ""})
        assert browse.status == 422
        assert rows(Registration) == []

    def test_too_often_from_one_network_asks_to_wait(
        self, browse: Browse, webinars: Webinars, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("cop.services.webinars.REQUESTS_A_NETWORK", 0)
        page = browse.get(f"/webinars/{webinars.webinar().slug}/register").submit("Register", **ASKED)
        assert page.status == 429
        assert page.response.headers["Retry-After"]

    def test_keeps_the_zone_that_the_reader_asked_for(self, browse: Browse, webinars: Webinars, rows: Rows) -> None:
        webinar = webinars.webinar()
        page = browse.get(f"/webinars/{webinar.slug}", zone="America/Toronto").click("Register")
        page.submit("Register", **ASKED)
        (asked,) = rows(Registration)
        assert asked.wanted["timezone"] == "America/Toronto"
        assert "8:30am to 9:30am in Toronto" in browse.get(confirm_path(asked)).text

    def test_for_a_series_without_anything_to_come_says_so(self, browse: Browse, make: Make) -> None:
        make.series()
        assert "open for registration just now" in browse.get("/series/speaker-series/register").text


class TestConfirming:
    def test_shows_the_same_each_time(self, browse: Browse, webinars: Webinars, outbox: Posted) -> None:
        fine, full = webinars.webinar("Fine"), webinars.webinar("Full", capacity=1)
        path = confirm_path(webinars.asking(fine, full))
        webinars.register(webinars.make.account(), full)
        first = browse.get(path).submit("Yes, register me").text
        assert "Full Monday 9 March 2026, 12:30pm to 1:30pm Not registered “Full” is full." in first
        posted = len(outbox())
        assert browse.post(path).text == first
        assert browse.get(path).text == first
        assert len(outbox()) == posted

    def test_of_nothing_but_full_ones_is_plain(self, browse: Browse, webinars: Webinars, work: Working) -> None:
        full = webinars.webinar("Full")
        path = confirm_path(webinars.asking(full))
        edit(work, full, capacity=0)
        page = browse.get(path).submit("Yes, register me")
        assert page.heading == "You are not registered"
        assert "“Full” is full." in page.text

    def test_tells_what_was_cancelled_later(
        self, browse: Browse, webinars: Webinars, work: Working, make: Make, rows: Rows
    ) -> None:
        path = confirm_path(webinars.asking(webinars.webinar()))
        browse.get(path).submit("Yes, register me")
        (held,), (person,) = rows(Booking), rows(Person)
        with work(make.actor(person)) as unit:
            booking.cancel(unit, public_id=held.public_id)
        assert "This booking was cancelled later" in browse.get(path).text

    def test_too_late_leads_to_registering_again(
        self, browse: Browse, webinars: Webinars, clock: FixedClock, rows: Rows
    ) -> None:
        path = confirm_path(webinars.asking(webinars.webinar()))
        clock.move(timedelta(hours=24))
        for page in (browse.get(path), browse.post(path)):
            assert (page.status, page.heading) == (410, "This link does not work any more")
        assert page.click("Register once more").heading == "Webinars"
        assert rows(Booking) == []

    @pytest.mark.parametrize("token", ["nonsense", "WyIxIiwwXQ.forged"])
    def test_of_a_forged_link_is_not_found(self, browse: Browse, token: str) -> None:
        assert browse.get(f"/confirm/{token}").status == 404
        assert browse.post(f"/confirm/{token}").status == 404


class TestRegisteringWithAnAccount:
    def test_is_one_page(self, browse: Browse, webinars: Webinars, make: Make, rows: Rows, outbox: Posted) -> None:
        person, webinar = make.account(needs="Large print"), webinars.webinar()
        page = browse.sign_in(person).get(f"/webinars/{webinar.slug}").click("Register")
        assert page.soup.select("[name=needs]")[0].get_text(strip=True) == "Large print"
        page.submit("Register", needs="Captions")
        assert page.heading == "You are booked"
        assert [found.access for found in rows(Arrangement)] == ["Captions"]
        assert [row.template for row in outbox()] == ["booking_confirmed"]
        assert browse.get(f"/webinars/{webinar.slug}/register").path.startswith("/bookings/")

    def test_refuses_the_last_moment_and_keeps_what_was_typed(
        self, browse: Browse, webinars: Webinars, amina: Person, work: Working, rows: Rows
    ) -> None:
        webinar = webinars.webinar("One")
        page = browse.sign_in(amina).get(f"/webinars/{webinar.slug}/register")
        edit(work, webinar, closes_at=START)
        page.submit("Register", needs="Captions")
        assert (page.status, page.errors) == (422, ["Registration for “One” has closed."])
        assert page.soup.select("[name=needs]")[0].get_text(strip=True) == "Captions"
        assert rows(Booking) == []

    def test_picks_from_a_series_what_is_not_booked_yet(
        self, browse: Browse, webinars: Webinars, make: Make, amina: Person, work: Working, rows: Rows
    ) -> None:
        series = make.series()
        held, one, gone = (webinars.webinar(title, series_id=series.id) for title in ("Held", "One", "Gone"))
        webinars.register(amina, held)
        page = browse.sign_in(amina).get("/series/speaker-series/register")
        assert [box["value"] for box in page.soup.select("[name=webinars][checked]")] == [str(one.id), str(gone.id)]
        edit(work, gone, capacity=0)
        page.submit("Register", needs="")
        assert page.path == "/account/bookings"
        assert "You are registered for “One”." in page.text
        assert "“Gone” is full." in page.text
        assert sorted(found.event_id for found in rows(Booking)) == [held.id, one.id]
        assert "You are registered for everything" in browse.get("/series/speaker-series/register").text


class TestJoining:
    @pytest.fixture
    def webinar(self, webinars: Webinars) -> Event:
        return webinars.webinar(join_opens_minutes=30)

    @pytest.fixture
    def path(self, webinars: Webinars, webinar: Event, amina: Person) -> str:
        return join_path(webinar, webinars.register(amina, webinar))

    def test_leads_through_one_button_to_the_meeting(
        self,
        browse: Browse,
        webinar: Event,
        path: str,
        clock: FixedClock,
        amina: Person,
        observed: Callable[[], Any],
    ) -> None:
        clock.set(webinar.parts[0].starts_at - timedelta(minutes=30))
        page = browse.get(path)
        assert observed() == []
        page.submit("Join now", follow=False)
        assert (page.status, page.location) == (303, ADDRESS)
        assert observed() == [("joined", webinar.parts[0].id, amina.id)]

    def test_may_leave_for_the_meeting_and_tells_nobody_its_own_address(
        self, browse: Browse, webinar: Event, path: str, clock: FixedClock
    ) -> None:
        early = browse.get(path).response.headers
        assert "form-action 'self';" in early["Content-Security-Policy"]
        clock.set(webinar.parts[0].starts_at)
        headers = browse.get(path).response.headers
        assert "form-action 'self' https:;" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "private, no-store"
        answer = browse.submit("Join now", follow=False).response.headers
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cache-Control"] == "private, no-store"

    @pytest.mark.parametrize(
        ("minutes", "words"),
        [
            (-31, "You can join from 9 March 2026 at midday"),
            (60, "This webinar is over"),
            (24 * 60, "This webinar is over"),
        ],
    )
    def test_is_not_possible_before_or_after(
        self,
        browse: Browse,
        webinar: Event,
        path: str,
        clock: FixedClock,
        observed: Callable[[], Any],
        minutes: int,
        words: str,
    ) -> None:
        clock.set(webinar.parts[0].starts_at + timedelta(minutes=minutes))
        page = browse.get(path)
        assert words in page.text
        assert not page.soup.select("main form")
        assert browse.post(path, follow=False).status == 422
        assert observed() == []

    def test_is_possible_to_the_last_minute(self, browse: Browse, webinar: Event, path: str, clock: FixedClock) -> None:
        clock.set(webinar.parts[0].ends_at - timedelta(minutes=1))
        assert browse.get(path).submit("Join now", follow=False).status == 303

    def test_afterwards_leads_to_the_recording(
        self, browse: Browse, webinars: Webinars, webinar: Event, path: str, clock: FixedClock
    ) -> None:
        clock.set(webinar.parts[0].ends_at)
        webinars.link(webinar)
        page = browse.get(path).click("Recording and resources")
        assert "Watch it" in page.text

    def test_without_an_address_says_so_honestly(
        self, browse: Browse, webinars: Webinars, amina: Person, clock: FixedClock
    ) -> None:
        webinar = webinars.webinar(join_url="")
        path = join_path(webinar, webinars.register(amina, webinar))
        clock.set(webinar.parts[0].starts_at)
        assert "address is not here yet" in browse.get(path).text
        assert browse.post(path, follow=False).status == 422

    def test_works_signed_in_without_the_link(
        self, browse: Browse, webinar: Event, path: str, amina: Person, clock: FixedClock
    ) -> None:
        clock.set(webinar.parts[0].starts_at)
        page = browse.sign_in(amina).get(f"/webinars/{webinar.slug}/join").submit("Join now", follow=False)
        assert page.location == ADDRESS

    def test_signed_in_as_somebody_else_is_not_possible(
        self, browse: Browse, webinar: Event, path: str, make: Make, clock: FixedClock
    ) -> None:
        clock.set(webinar.parts[0].starts_at)
        for person in (make.account("A Stranger"), make.admin()):
            page = browse.another().sign_in(person).get(f"/webinars/{webinar.slug}/join")
            assert "You are not registered for this webinar" in page.text
            assert page.post(f"/webinars/{webinar.slug}/join", follow=False).status == 422

    def test_signed_out_without_a_link_says_what_to_use(self, browse: Browse, webinar: Event, path: str) -> None:
        page = browse.get(f"/webinars/{webinar.slug}/join")
        assert "Use the link in the mail" in page.text
        assert page.click("Sign in").heading == "Sign in or join"

    def test_by_a_forged_link_or_one_for_another_webinar_is_not_found(
        self, browse: Browse, webinars: Webinars, webinar: Event, path: str, amina: Person, clock: FixedClock
    ) -> None:
        other = webinars.webinar("Another")
        held = webinars.register(amina, other)
        clock.set(webinar.parts[0].starts_at)
        for token in ("nonsense", sign("booking", held.public_id), sign("join", held.public_id, 7)):
            assert browse.get(f"/webinars/{other.slug}/join", t=token).status == 404
        assert browse.get(f"/webinars/{webinar.slug}/join", t=sign("join", held.public_id)).status == 404
        assert browse.post(f"/webinars/{webinar.slug}/join?t=nonsense").status == 404

    def test_after_cancelling_is_over(
        self, browse: Browse, webinar: Event, path: str, amina: Person, clock: FixedClock, work: Working, rows: Rows,
        make: Make,
    ) -> None:  # fmt: skip
        with work(make.actor(amina)) as unit:
            booking.cancel(unit, public_id=rows(Booking)[0].public_id)
        clock.set(webinar.parts[0].starts_at)
        assert "This booking is cancelled" in browse.get(path).text
        assert browse.post(path, follow=False).status == 422
        page = browse.sign_in(amina).get(f"/webinars/{webinar.slug}/join")
        assert "You are not registered" in page.text

    def test_of_a_cancelled_webinar_says_so(
        self, browse: Browse, webinar: Event, path: str, clock: FixedClock, work: Working
    ) -> None:
        edit(work, webinar, state=EventState.CANCELLED)
        clock.set(webinar.parts[0].starts_at)
        assert "This webinar is cancelled" in browse.get(path).text
        assert browse.post(path, follow=False).status == 422


class TestTheJoiningAddress:
    def test_stands_in_no_page_no_feed_and_no_mail(
        self, browse: Browse, webinars: Webinars, make: Make, mailbox: Mailbox, amina: Person, app: Any,
        clock: FixedClock,
    ) -> None:  # fmt: skip
        series = make.series()
        webinar = webinars.webinar(series_id=series.id)
        held = webinars.register(amina, webinar)
        clock.set(webinar.parts[0].starts_at - DAY)
        with app.app_context():
            send_reminders.run()
        letters = mailbox.deliver()
        assert [mail.subject.partition(":")[0] for mail in letters] == ["Booked", "Tomorrow"]
        browse.sign_in(amina)
        own = next(code.text for code in browse.get("/calendar").soup.select("code") if "/calendar/" in code.text)
        feeds = [
            browse.get(path).response.get_data(as_text=True).replace("\r\n ", "")
            for path in (
                "/calendar.ics",
                "/series/speaker-series.ics",
                f"/events/{webinar.slug}.ics",
                own.partition("localhost")[2],
                f"/bookings/{held.public_id}/calendar.ics",
            )
        ]
        assert all(webinar.title in feed for feed in feeds)
        clock.set(webinar.parts[0].starts_at)
        pages = [
            browse.get(path).html
            for path in (
                "/webinars/",
                f"/webinars/{webinar.slug}",
                f"/webinars/{webinar.slug}/join",
                join_path(webinar, held),
                f"/bookings/{held.public_id}",
                "/series/speaker-series",
            )
        ]
        raw = [mail.raw.decode() + mail.text + str(mail.calendar) for mail in letters]
        assert [text for text in [*feeds, *pages, *raw] if "meet.example" in text] == []
        for feed in feeds[:3]:
            assert "/join" not in feed
        for feed in feeds[3:]:
            assert f"/webinars/{webinar.slug}/join?t=" in feed
        for mail in letters:
            assert mail.link("/webinars/").startswith(f"/webinars/{webinar.slug}/join?t=")
        entry = Calendar.from_ical(str(letters[0].calendar)).events[0]
        assert "/join?t=" in str(entry["DESCRIPTION"])


class TestTheLetters:
    def test_speak_of_a_webinar_and_not_of_a_visit(
        self, webinars: Webinars, make: Make, mailbox: Mailbox, app: Any, clock: FixedClock
    ) -> None:
        webinar = webinars.webinar(step_free="Live captions.")
        person = make.account(timezone="America/Toronto")
        webinars.register(person, webinar)
        clock.move(HOUR)
        webinars.move(webinar, webinar.parts[0].starts_at + HOUR)
        clock.set(webinar.parts[0].starts_at)
        with app.app_context():
            send_reminders.run()
        letters = mailbox.deliver()
        assert [mail.subject.partition(":")[0] for mail in letters] == ["Booked", "Changed", "In an hour"]
        for mail in letters:
            for body in (" ".join(mail.text.split()), " ".join(mail.soup.get_text(" ").split())):
                assert "visit" not in body.lower()
                assert "in Toronto" in body
                assert "Live captions." in body
                assert "Step-free" not in body
                assert "1 person" not in body
            assert mail.link("/bookings/t/")

    def test_that_asks_to_confirm_is_pointless_once_confirmed_or_too_late(
        self, webinars: Webinars, mailbox: Mailbox, browse: Browse, clock: FixedClock
    ) -> None:
        webinar = webinars.webinar()
        browse.get(confirm_path(webinars.asking(webinar))).submit("Yes, register me")
        assert [mail.subject for mail in mailbox.deliver()] == [f"Booked: {webinar.title}"]
        webinars.asking(webinar, email="late@council.example")
        clock.move(timedelta(hours=24))
        assert mailbox.deliver() == []


def test_nobody_is_left_over(reading: Reads, browse: Browse, webinars: Webinars) -> None:
    """Looking at each page as a stranger makes no record of anybody."""
    webinar = webinars.webinar()
    for end in ("", "/register", "/join"):
        browse.get(f"/webinars/{webinar.slug}{end}")
    with reading() as read:
        assert read.session.scalar(select(func.count()).select_from(Person)) == 0
        assert read.session.scalar(select(func.count()).select_from(Observation)) == 0
