"""Staff prepare a webinar from a draft to what it leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event, EventState
from cop.models.service import Observation
from cop.models.webinars import EventLink, Speaker
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.webinars import ADDRESS, Webinars, join_path

DAY = timedelta(days=1)

Rows = Callable[[Any], list[Any]]

SESSION = {
    "on_date-day": "9",
    "on_date-month": "3",
    "on_date-year": "2026",
    "start": "2pm",
    "end": "3pm",
    "join_url": "https://meet.example/new",
    "join_opens_minutes": "30",
}


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


@pytest.fixture
def editor(make: Make) -> Person:
    person = make.account("Edi Editor")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@pytest.fixture
def rows(reading: Reads) -> Rows:
    def all_of(column: Any) -> list[Any]:
        with reading() as read:
            return list(read.session.scalars(select(column)))

    return all_of


def tasks(page: Browse) -> dict[str, str]:
    items = page.soup.select(".govuk-task-list__item")
    return {
        item.select(".govuk-link")[0].get_text(): item.select(".govuk-task-list__status")[0].get_text(strip=True)
        for item in items
    }


class TestFromADraftToTheRecording:
    def test_a_webinar_is_made_published_held_and_followed_up(
        self, browse: Browse, make: Make, editor: Person, webinars: Webinars, clock: FixedClock
    ) -> None:
        page = browse.sign_in(editor).get("/admin/events/new").click("A webinar")
        page.submit("Save the draft", title="Guelph plans", summary="Hear how a city did it.")
        assert page.path == "/admin/webinars/guelph-plans"
        assert tasks(page) == {
            "Details": "Abstract missing",
            "Time and joining": "Incomplete",
            "Speakers": "0 speakers",
            "Access": "Incomplete",
            "Rules for registering": "No limit",
            "Sharing out places": "In order",
            "Publish": "Incomplete",
        }
        assert "what it is about" in page.text
        page.click("Details").submit("Save", description="How it began, and what lasted.")
        page.click("Time and joining").submit("Save", **SESSION | {"join_url": ""})
        assert tasks(page)["Time and joining"] == "Joining address missing"
        assert tasks(page)["Publish"] == "Ready"
        page.click("Time and joining")
        assert page.soup.select("[name=start]")[0]["value"] == "14:00"
        page.submit("Save", join_url=ADDRESS)
        page.click("Speakers").click("Add a speaker").submit("Save", name="Maren", timezone="America/Toronto")
        page.click("Add a speaker").submit("Save", name="Orla")
        page.submit("Move up Orla")
        assert [item.get_text() for item in page.soup.select(".cop-roster strong:first-child")] == ["Orla", "Maren"]
        page.click("Change Maren").submit("Save", role_title="Manager")
        page.click("Remove Orla").submit("Yes, remove it")
        page.get("/admin/webinars/guelph-plans").click("Access")
        page.submit("Save", access="Live captions.", **_moment("needs_until", 6))
        page.click("Rules for registering")
        assert not page.soup.select("[name=party_max]")
        page.submit("Save", capacity="15")
        assert tasks(page)["Rules for registering"] == "15 places"
        page.click("Publish").submit("Yes, publish it")
        assert tasks(page)["Recording and resources"] == "Afterwards"
        visible = browse.another().get("/webinars/guelph-plans")
        for words in ("Maren Manager", "in Toronto", "Live captions.", "until 6 March 2026 at 10am", "15 places left"):
            assert words in visible.text

        webinar = make.event(1)
        ann = make.account("Ann")
        held = webinars.register(ann, webinar, needs="Captions")
        page.get("/admin/webinars/guelph-plans").click("Access needs")
        assert "1 of 1 person registered asked for something" in page.text
        assert "Captions Ann" in page.text
        clock.set(webinar.parts[0].starts_at)
        browse.another().get(join_path(webinar, held)).submit("Join now", follow=False)
        clock.set(webinar.parts[0].ends_at)
        page.get("/admin/webinars/guelph-plans")
        assert tasks(page)["Recording and resources"] == "0 links"
        page.click("Recording and resources").click("Add a recording").submit(
            "Save", kind="recording", title="Watch it", url="https://video.example/1"
        )
        browse.another().get("/webinars/guelph-plans").get("/webinars/guelph-plans/links/1", follow=False)
        page.click("Change Watch it").submit("Save", title="Watch all of it")
        assert "Watch all of it" in page.text
        assert "Opened 1 time" in page.text
        page.get("/admin/webinars/guelph-plans")
        assert "1 person pressed the button to join" in page.text
        page.click("Mark who came").submit("Came : Ann")
        page.get("/admin/webinars/guelph-plans/links").click("Remove Watch all of it").submit("Yes, remove it")
        assert "no recording and no resource yet" in page.text


def _moment(name: str, day: int) -> dict[str, str]:
    return {f"{name}-day": str(day), f"{name}-month": "3", f"{name}-year": "2026", f"{name}-time": "10am"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("path", "fields", "error"),
        [
            ("session", {"join_url": "http://meet.example"}, "Enter a whole web address that begins with https://"),
            ("session", {"end": "1pm"}, "It must end after it begins"),
            ("session", {"on_date-year": "2025"}, "It must begin in the future"),
            ("session", {"join_opens_minutes": "99999"}, "Enter a whole number from 0 to 10080"),
            ("session", {"start": "2"}, "The beginning must be a time, like 10:30 or 2pm"),
            ("session", {"join_opens_minutes": ""}, "Enter how many minutes before the start people can join"),
            ("links/new", {"url": "video.example"}, "Enter a whole web address that begins with https://"),
            ("links/1", {"title": ""}, "Enter a title"),
            ("access", {"needs_until-day": "32"}, "The deadline must be a real date"),
        ],
    )
    def test_say_why_and_lose_nothing_that_was_typed(
        self, browse: Browse, webinars: Webinars, editor: Person, path: str, fields: dict[str, str], error: str
    ) -> None:
        typed: dict[str, dict[str, str]] = {
            "session": SESSION,
            "links/new": {"kind": "resource", "title": "Slides", "url": "https://files.example/1"},
            "links/1": {"title": "Slides", "url": "https://files.example/1"},
            "access": {"access": "Captions", **_moment("needs_until", 5)},
        }
        webinar = webinars.webinar()
        webinars.speaker(webinar)
        webinars.link(webinar)
        page = browse.sign_in(editor).get(f"/admin/webinars/{webinar.slug}/{path}")
        entered = {**typed[path], **fields}
        page.submit("Save", **entered)
        assert (page.status, page.errors) == (422, [error])
        for name, value in entered.items():
            shown = page.soup.select(f'[name="{name}"]')
            chosen = [item for item in shown if item.get("type") != "radio" or item.has_attr("checked")]
            assert (chosen[0].get("value") or chosen[0].get_text(strip=True)) == value or value == "", name

    @pytest.mark.parametrize("path", ["session", "access", "links/new", "links/1"])
    def test_of_what_somebody_else_changed_meanwhile_keep_what_was_typed_for_a_second_press(
        self, browse: Browse, webinars: Webinars, editor: Person, clock: FixedClock, path: str
    ) -> None:
        webinar = webinars.webinar()
        webinars.speaker(webinar)
        webinars.link(webinar)
        page = browse.sign_in(editor).get(f"/admin/webinars/{webinar.slug}/{path}")
        fields: dict[str, dict[str, Any]] = {
            "session": {"join_url": "https://meet.example/mine"},
            "access": {"access": "Mine"},
            "links/new": {"kind": "recording", "title": "Mine", "url": "https://video.example/mine"},
            "links/1": {"title": "Mine"},
        }
        clock.move(timedelta(seconds=1))
        webinars.speaker(webinar, "Somebody new")
        page.submit("Save", **fields[path])
        assert page.status == 422
        assert "Somebody else changed this event" in page.errors[0]
        page.submit("Save")
        assert page.status == 200
        assert page.soup.select(".govuk-notification-banner")

    def test_of_a_removal_leave_what_was_there(
        self, browse: Browse, webinars: Webinars, editor: Person, clock: FixedClock, rows: Rows
    ) -> None:
        webinar = webinars.webinar()
        webinars.link(webinar)
        page = browse.sign_in(editor).get(f"/admin/webinars/{webinar.slug}/links/1/remove")
        clock.move(timedelta(seconds=1))
        webinars.speaker(webinar, "Another")
        assert page.submit("Yes, remove it").status == 422
        assert len(rows(EventLink)) == 1

    def test_of_a_recording_of_somebody_who_said_no_ask_once_more(
        self, browse: Browse, webinars: Webinars, editor: Person, work: Working, rows: Rows
    ) -> None:
        webinar = webinars.webinar()
        said = {"Maren": False, "Orla": True, "Cem": None}
        for name, may_record in said.items():
            speaker = webinars.speaker(webinar, name)
            with work() as unit:
                unit.session.get_one(Speaker, speaker.id).may_record = may_record
        page = browse.sign_in(editor).get(f"/admin/webinars/{webinar.slug}/links")
        assert "Said no to being recorded: Maren" in page.text
        assert "Has not said whether they may be recorded: Cem" in page.text
        page.click("Add a recording").submit("Save", kind="recording", title="Watch", url="https://video.example/1")
        assert page.errors == ["Maren said no to being recorded. Say that this recording may stand here all the same."]
        assert rows(EventLink) == []
        page.submit("Save", sure=True)
        assert len(rows(EventLink)) == 1


class TestWhoSeesWhat:
    @pytest.fixture
    def webinar(self, webinars: Webinars) -> Event:
        webinar = webinars.webinar()
        webinars.speaker(webinar)
        webinars.link(webinar)
        return webinar

    def test_hosts_see_how_it_stands_and_the_needs_and_change_nothing(
        self, browse: Browse, webinar: Event, make: Make
    ) -> None:
        host = make.account("Hani Host")
        make.grant(host, Role.HOST, event=webinar)
        page = browse.sign_in(host).get(f"/admin/webinars/{webinar.slug}")
        assert "A facilitator or an admin of the programme can change it" in page.text
        assert not page.soup.select(".govuk-task-list a")
        assert page.click("Access needs").status == 200

    def test_nobody_else_sees_anything(self, browse: Browse, webinar: Event, make: Make) -> None:
        elsewhere = make.account("Ella")
        make.grant(elsewhere, Role.FACILITATOR, programme=make.programme("other"))
        host = make.account("Hani")
        make.grant(host, Role.HOST, event=make.visit())
        base = f"/admin/webinars/{webinar.slug}"
        paths = ["", "/needs", "/session", "/access", "/links", "/links/1/remove"]
        for person in (elsewhere, host, make.account("Stranger")):
            for path in paths:
                assert browse.sign_in(person).get(base + path).status == 404, path

    def test_pages_of_another_kind_of_event_are_not_found(self, browse: Browse, make: Make) -> None:
        slug = make.visit().slug
        browse.sign_in(make.admin())
        for path in ("", "/needs", "/session", "/access", "/links"):
            assert browse.get(f"/admin/webinars/{slug}{path}").status == 404

    def test_who_may_plan_nothing_plans_nothing(self, browse: Browse, webinar: Event, make: Make) -> None:
        facilitator = make.account()
        make.grant(facilitator, Role.FACILITATOR, event=webinar)
        assert browse.sign_in(facilitator).get("/admin/webinars/new").status == 404

    def test_the_list_of_names_says_the_same_of_their_needs(
        self, browse: Browse, webinars: Webinars, webinar: Event, editor: Person, make: Make
    ) -> None:
        webinars.register(make.account("Ann", needs="From the profile"), webinar, needs="Captions")
        webinars.register(make.account("Ben", needs="From the profile"), webinar, needs="")
        page = browse.sign_in(editor).get(f"/events/{webinar.slug}/bookings")
        assert "Access needs: Captions" in page.text
        assert "From the profile" not in page.text

    def test_reading_the_needs_is_noted(self, browse: Browse, webinar: Event, editor: Person, reading: Reads) -> None:
        browse.sign_in(editor).get(f"/admin/webinars/{webinar.slug}/needs")
        with reading() as read:
            (noted,) = read.session.scalars(select(Observation))
        assert (noted.kind, noted.subject_id, noted.person_id) == ("access needs read", webinar.id, editor.id)

    def test_the_joining_address_is_only_on_the_page_that_changes_it(
        self, browse: Browse, webinar: Event, editor: Person
    ) -> None:
        browse.sign_in(editor)
        for path in ("", "/needs", "/links", "/access"):
            assert "meet.example" not in browse.get(f"/admin/webinars/{webinar.slug}{path}").html
        assert "meet.example" in browse.get(f"/admin/webinars/{webinar.slug}/session").html

    @pytest.mark.parametrize("path", ["", "/links", "/needs"])
    def test_needs_the_same_few_statements_for_one_and_for_three(
        self, browse: Browse, webinars: Webinars, webinar: Event, editor: Person, make: Make, path: str
    ) -> None:
        browse.sign_in(editor)
        counts = []
        for number in range(3):
            webinars.speaker(webinar, f"Speaker {number}")
            webinars.link(webinar, f"Link {number}")
            webinars.register(make.account(f"Person {number}"), webinar, needs="Captions")
            with count_queries() as sent:
                browse.get(f"/admin/webinars/{webinar.slug}{path}")
            counts.append(len(sent))
        assert set(counts) == {counts[0]}

    def test_a_cancelled_one_stays_as_it_was(self, browse: Browse, webinars: Webinars, editor: Person) -> None:
        webinar = webinars.webinar("Called off", state=EventState.CANCELLED)
        page = browse.sign_in(editor).get(f"/admin/webinars/{webinar.slug}")
        assert "This webinar has been cancelled" in page.text
        assert not page.soup.select(".govuk-task-list a")


def test_the_list_of_events_leads_here(browse: Browse, webinars: Webinars, editor: Person) -> None:
    webinars.webinar("Guelph plans", begins=START + DAY)
    assert browse.sign_in(editor).get("/admin/events/").click("Guelph plans").path == "/admin/webinars/guelph-plans"
