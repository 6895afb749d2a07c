from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.events import DayLimit, Event, EventState, Part, PartState
from cop.models.outbox import Outbox
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

Posted = Callable[..., Sequence[Outbox]]

SLOTS: dict[str, Any] = {
    "on_date-day": "10",
    "on_date-month": "3",
    "on_date-year": "2026",
    "first_start": "10am",
    "length_minutes": "60",
    "gap_minutes": "30",
    "count": "3",
    "capacity": "8",
}


def parts_of(reading: Reads, slug: str) -> Sequence[Part]:
    with reading() as read:
        found = select(Part).join(Event, Event.id == Part.event_id).where(Event.slug == slug)
        return read.session.scalars(found.order_by(Part.starts_at)).all()


@pytest.fixture
def admin(browse: Browse, make: Make) -> Browse:
    return browse.sign_in(make.admin())


def test_a_visit_from_nothing_to_its_first_booking(admin: Browse, make: Make, reading: Reads) -> None:
    make.programme()
    admin.get("/admin/events/").click("Plan an event").click("A visit")
    admin.submit(title="A day at Kidsgrove", summary="See how it began.")
    assert (admin.seen, admin.path) == ([302, 200], "/admin/events/a-day-at-kidsgrove")
    assert "Draft" in admin.text
    admin.click("Publish").submit("Yes, publish it")
    assert admin.status == 422
    assert admin.errors[0].startswith("Before you publish, add the place, how to get there,")
    admin.click("A day at Kidsgrove").click("Practicalities")
    admin.submit(place="Town hall", getting_there="Train to Kidsgrove", step_free="A ramp", bring="")
    admin.click("Slots").click("Add slots").submit(**SLOTS)
    assert "3 slots are added." in admin.text
    admin.click("Set a limit").submit(capacity="20")
    assert "0 of 20 places of the day are taken." in admin.text
    admin.click("A day at Kidsgrove").click("Publish").submit("Yes, publish it")
    assert (admin.seen, "Published" in admin.text) == ([302, 200], True)
    visitor = admin.another().sign_in(make.account())
    assert "A day at Kidsgrove" in visitor.get("/visits/").text
    visit = make.event(1)
    make.booking(make.person(), visit, 0, 3)
    assert "3 of 20" in admin.get("/admin/events/a-day-at-kidsgrove").text


def test_every_way_from_the_overview_leads_somewhere(admin: Browse, make: Make) -> None:
    visit = make.visit()
    make.booking(make.person(), visit)
    admin.get(f"/admin/events/{visit.slug}")
    for link in admin.soup.select("main a"):
        assert admin.another().sign_in(make.admin()).get(str(link["href"])).status == 200, link


class TestTheList:
    def test_by_time_and_state(self, admin: Browse, make: Make, clock: FixedClock) -> None:
        make.visit("Coming")
        make.visit("Prepared", slots=0, published=False)
        make.visit("Long ago", slots=[clock.now() - timedelta(days=9)])
        shown: list[tuple[dict[str, Any], set[str]]] = [
            ({}, {"Coming", "Prepared"}),
            ({"state": "draft"}, {"Prepared"}),
            ({"when": "past"}, {"Long ago"}),
            ({"when": "never", "state": "nonsense"}, {"Coming", "Prepared"}),
            ({"state": "cancelled"}, set()),
        ]
        for query, expected in shown:
            admin.get("/admin/events/", **query)
            assert {link.get_text() for link in admin.soup.select("tbody th a")} == expected
        assert "No event fits." in admin.text

    def test_it_has_pages_that_keep_the_filter(self, admin: Browse, make: Make) -> None:
        for number in range(26):
            make.visit(f"Visit {number}", slots=0, published=False)
        admin.get("/admin/events/", state="draft").click("Next page")
        assert len(admin.soup.select("tbody tr")) == 1
        assert "state=draft" in admin.path

    def test_more_events_take_no_more_statements(self, admin: Browse, make: Make) -> None:
        counted = []
        for visits in (1, 2):
            for _ in range(visits):
                make.booking(make.person(), make.visit(day_capacity=15))
            with count_queries() as statements:
                admin.get("/admin/events/")
            counted.append(len(statements))
        assert counted[0] == counted[1]

    def test_more_slots_take_no_more_statements(self, admin: Browse, make: Make) -> None:
        counted = []
        for slots in (1, 5):
            visit = make.visit(slots=slots, day_capacity=15)
            make.booking(make.person(), visit)
            with count_queries() as statements:
                admin.get(f"/admin/events/{visit.slug}").get(f"/admin/events/{visit.slug}/slots")
            counted.append(len(statements))
        assert counted[0] == counted[1]


class TestScope:
    @pytest.mark.parametrize("scope", ["programme", "event"])
    def test_facilitators_alter_their_own_only(self, browse: Browse, make: Make, scope: str) -> None:
        own, other = make.visit("Own"), make.visit("Other", programme=make.programme("other"))
        person = make.account()
        make.grant(
            person, Role.FACILITATOR, **{"programme": make.programme()} if scope == "programme" else {"event": own}
        )
        browse.sign_in(person).get("/admin/events/")
        assert [link.get_text() for link in browse.soup.select("tbody th a")] == ["Own"]
        assert ("Plan an event" in browse.text) == (scope == "programme")
        assert browse.get("/admin/events/new/visit").status == (200 if scope == "programme" else 404)
        assert browse.get(f"/admin/events/{own.slug}/details").submit(title="Mine").seen == [302, 200]
        for page in ("", "/details", "/practicalities", "/rules", "/slots", "/slots/new", "/publish", "/cancel"):
            assert browse.get(f"/admin/events/{other.slug}{page}").status == 404

    def test_a_programme_that_is_not_theirs_cannot_be_forged(self, browse: Browse, make: Make) -> None:
        other = make.programme("other")
        person = make.account()
        make.grant(person, Role.FACILITATOR, programme=make.programme())
        browse.sign_in(person).post("/admin/events/new/visit", {"programme_id": other.id, "title": "T", "summary": "S"})
        assert browse.status == 422

    def test_hosts_see_and_do_not_alter(self, browse: Browse, make: Make) -> None:
        visit = make.visit()
        host = make.account()
        make.grant(host, Role.HOST, event=visit)
        browse.sign_in(host).get(f"/admin/events/{visit.slug}")
        assert "You run this event." in browse.text
        assert not browse.soup.select("a.govuk-task-list__link[href$=details]")
        browse.click("Slots")
        assert "Add slots" not in browse.text
        part = visit.parts[0].id
        for page in ("details", "practicalities", "rules", "slots/new", "publish", "unpublish", "cancel"):
            assert browse.get(f"/admin/events/{visit.slug}/{page}").status == 404
            assert browse.post(f"/admin/events/{visit.slug}/{page}").status == 404
        for page in (f"slots/{part}", f"parts/{part}/cancel", f"slots/{part}/remove", "days/2026-03-09"):
            assert browse.post(f"/admin/events/{visit.slug}/{page}").status == 404

    def test_a_slot_of_another_event_is_none_of_this(self, admin: Browse, make: Make) -> None:
        visit, other = make.visit(), make.visit()
        for page in ("slots/{}", "parts/{}/cancel", "slots/{}/remove"):
            assert admin.get(f"/admin/events/{visit.slug}/{page.format(other.parts[0].id)}").status == 404
        assert admin.get(f"/admin/events/{visit.slug}/slots/{10**30}").status == 404


class TestForms:
    def test_details(self, admin: Browse, make: Make) -> None:
        series, visit = make.series(), make.visit()
        make.series("foreign", programme=make.programme("other"), name="Foreign")
        admin.get(f"/admin/events/{visit.slug}/details")
        assert "Foreign" not in admin.text
        admin.submit(title="A long day", series_id=series.id, visibility="unlisted", description="One\n\nTwo")
        assert admin.seen == [302, 200]
        event = make.event(visit.id)
        assert (event.title, event.series_id, event.visibility) == ("A long day", series.id, "unlisted")
        admin.get(f"/admin/events/{visit.slug}/details").submit(series_id="")
        assert make.event(visit.id).series_id is None

    def test_rules_speak_of_local_time(self, admin: Browse, make: Make) -> None:
        visit = make.visit()
        opens: dict[str, Any] = {
            "opens_at-day": "1",
            "opens_at-month": "7",
            "opens_at-year": "2026",
            "opens_at-time": "9am",
        }
        admin.get(f"/admin/events/{visit.slug}/rules").submit(party_max="3", capacity="", **opens)
        event = make.event(visit.id)
        assert event.opens_at is not None
        assert (event.opens_at.hour, event.party_max, event.capacity) == (8, 3, None)
        admin.get(f"/admin/events/{visit.slug}/rules")
        assert [admin.soup.select_one(f"[name={name}]")["value"] for name in opens] == ["1", "7", "2026", "09:00"]  # type: ignore[index]
        blank: dict[str, Any] = dict.fromkeys(opens, "")
        admin.submit(**blank)
        assert make.event(visit.id).opens_at is None

    @pytest.mark.parametrize(
        ("page", "values", "error"),
        [
            ("details", {"title": ""}, "Enter a title"),
            ("details", {"title": "a" * 201}, "Use 200 characters or fewer"),
            ("details", {"description": "a" * 5001}, "Use 5000 characters or fewer"),
            ("practicalities", {"place": "\x00"}, "Remove the invisible control characters from this answer"),
            ("rules", {"party_max": "0"}, "Enter a whole number from 1 to 100"),
            ("rules", {"party_max": "10000"}, "Enter a whole number from 1 to 100"),
            ("rules", {"party_max": ""}, "Enter how many people one booking may be for"),
            ("rules", {"party_max": "many"}, "Enter a whole number, like 12"),
            ("rules", {"capacity": "1"}, "3 places are taken already, so there cannot be fewer"),
            ("rules", {"opens_at-day": "1"}, "The opening must include a month"),
            ("slots/new", SLOTS | {"on_date-year": "2025"}, "The first slot must begin in the future"),
            ("slots/new", SLOTS | {"on_date-month": ""}, "Visit date must include a month"),
            ("slots/new", SLOTS | {"first_start": "10"}, "The first slot must be a time, like 10:30 or 2pm"),
            ("slots/new", SLOTS | {"count": "0"}, "Enter a whole number from 1 to 48"),
            (
                "slots/new",
                SLOTS | {"count": "20"},
                "The last slot would end after midnight: plan fewer or shorter slots",
            ),
            ("slots/new", SLOTS | {"on_date-day": "9"}, "There is a slot from 10:00 to 11:00 already"),
            ("slots/{part}", {"capacity": "2"}, "3 places are taken already, so there cannot be fewer"),
            ("slots/{part}", {"end": "9am"}, "The slot must end after it begins"),
            ("slots/{part}/remove", {}, "Somebody has held a place in this slot or waits for it. Cancel it instead."),
            ("parts/{part}/cancel", {"reason": ""}, "Enter the reason, so that people know why"),
            ("days/2026-03-09", {"capacity": "2"}, "3 places are taken already, so there cannot be fewer"),
            ("days/2026-03-11", {"capacity": "2"}, "There are no slots on this day"),
            ("cancel", {"reason": " "}, "Enter the reason, so that people know why"),
            (
                "unpublish",
                {},
                "People have booked or wait, so this cannot go back to being a draft. Cancel it instead.",
            ),
        ],
    )
    def test_what_is_refused_changes_nothing(
        self, admin: Browse, make: Make, outbox: Posted, page: str, values: dict[str, Any], error: str
    ) -> None:
        visit = make.visit()
        make.booking(make.person(), visit, 0, 3)
        before, sent = state_of(make.event(visit.id)), len(outbox())
        admin.get(f"/admin/events/{visit.slug}/{page.format(part=visit.parts[0].id)}").submit(**values)
        assert (admin.status, admin.errors) == (422, [error])
        assert admin.soup.title is not None
        assert admin.soup.title.get_text().startswith("Error: ")
        assert (state_of(make.event(visit.id)), len(outbox())) == (before, sent)

    def test_a_web_address_that_a_page_has_is_refused(self, admin: Browse, make: Make) -> None:
        make.programme()
        admin.get("/admin/events/new/visit").submit(title="New", summary="S")
        assert (admin.status, admin.errors) == (422, ["“new” is in use already. Choose another web address."])

    @pytest.mark.parametrize("day", ["2026-13-01", "tomorrow", "2026-03-09T10:00"])
    def test_a_day_that_is_none_is_not_found(self, admin: Browse, make: Make, day: str) -> None:
        visit = make.visit()
        assert admin.get(f"/admin/events/{visit.slug}/days/{day}").status == 404
        assert admin.get(f"/admin/events/{visit.slug}/slots/new", day=day).status == 404


def state_of(event: Event) -> list[Any]:
    rows = [event, *event.parts, *(part.day_limit for part in event.parts if part.day_limit)]
    return [{column.name: getattr(row, column.name) for column in row.__table__.columns} for row in rows]


class TestSlots:
    def test_the_day_of_the_link_stands_in_the_form(self, admin: Browse, make: Make) -> None:
        visit = make.visit()
        admin.get(f"/admin/events/{visit.slug}/slots").click("Add slots to this day")
        day = admin.soup.select_one("[name=on_date-day]")
        assert day is not None
        assert day["value"] == "9"

    def test_another_time_is_told(self, admin: Browse, make: Make, reading: Reads, outbox: Posted) -> None:
        visit = make.visit()
        make.booking(make.person(), visit, 0, 3)
        admin.get(f"/admin/events/{visit.slug}/slots").click("Change Visit at 10:00")
        assert "3 people have a place" in admin.text
        admin.submit(start="2.30pm", end="15:30")
        assert admin.heading.endswith("Move this slot?")
        assert "1 person by e-mail" in admin.text
        assert not outbox("booking_changed")
        admin.submit("Yes, move it and tell them")
        assert admin.seen == [302, 200]
        assert "The slot is moved, and people are told." in admin.text
        assert len(outbox("booking_changed")) == 1
        assert [part.starts_at.hour for part in parts_of(reading, visit.slug)] == [11, 14]

    def test_a_title_that_says_the_time_follows_it(self, admin: Browse, make: Make, reading: Reads) -> None:
        visit = make.visit(slots=0)
        admin.get(f"/admin/events/{visit.slug}/slots/new").submit(**SLOTS | {"count": "1"})
        (part,) = parts_of(reading, visit.slug)
        admin.get(f"/admin/events/{visit.slug}/slots/{part.id}").submit(start="3pm", end="4pm")
        assert [part.title for part in parts_of(reading, visit.slug)] == ["Tuesday 10 March at 15:00"]

    def test_one_is_removed_or_cancelled(self, admin: Browse, make: Make, reading: Reads, outbox: Posted) -> None:
        visit = make.visit()
        make.booking(make.person(), visit)
        admin.get(f"/admin/events/{visit.slug}/slots").click("Remove Visit at 11:30").submit("Yes, remove the slot")
        assert "The slot is removed." in admin.text
        admin.click("Cancel Visit at 10:00").submit("See who is told", reason="The boiler broke")
        admin.submit("Yes, cancel it and tell them")
        assert "It is cancelled. It was in 1 booking." in admin.text
        assert [part.state for part in parts_of(reading, visit.slug)] == [PartState.CANCELLED]
        assert len(outbox("booking_cancelled_by_staff")) == 1

    def test_a_limit_is_lifted(self, admin: Browse, make: Make, reading: Reads) -> None:
        visit = make.visit(day_capacity=12)
        admin.get(f"/admin/events/{visit.slug}/slots").click("Change the limit").submit(capacity="")
        assert "No limit for the day as a whole." in admin.text
        with reading() as read:
            assert read.session.scalars(select(DayLimit)).all() == []


class TestCancellingAVisit:
    def test_get_shows_and_post_acts(self, admin: Browse, make: Make, outbox: Posted) -> None:
        visit = make.visit()
        make.booking(make.person(), visit, 0, 3)
        admin.get(f"/admin/events/{visit.slug}").click("Cancel the whole visit")
        admin.submit("See who is told", reason="The boiler broke")
        assert "1 person by e-mail" in admin.text
        assert "The boiler broke" in admin.text
        assert make.event(visit.id).state is EventState.PUBLISHED
        assert outbox("booking_cancelled_by_staff") == []
        admin.submit("Yes, cancel it and tell them")
        assert "It is cancelled. It was in 1 booking." in admin.text
        assert "This event has been cancelled." in admin.text
        assert [row.params["reason"] for row in outbox("booking_cancelled_by_staff")] == ["The boiler broke"]

    def test_afterwards_nothing_can_be_altered(self, admin: Browse, make: Make) -> None:
        visit = make.visit()
        admin.get(f"/admin/events/{visit.slug}/cancel").submit("See who is told", reason="Rain").submit(
            "Yes, cancel it"
        )
        assert not admin.soup.select("a.govuk-task-list__link[href$=details]")
        admin.get(f"/admin/events/{visit.slug}/details").submit(title="Other")
        assert (admin.status, admin.errors) == (
            422,
            ["“A morning at the Healthy Hub” has been cancelled and cannot be changed"],
        )
        admin.get(f"/admin/events/{visit.slug}/slots")
        assert "Add slots" not in admin.text

    def test_it_goes_back_to_a_draft_while_nobody_has_booked(self, admin: Browse, make: Make) -> None:
        visit = make.visit()
        admin.get(f"/admin/events/{visit.slug}").click("Make it a draft again").submit("Yes, make it a draft")
        assert make.event(visit.id).state is EventState.DRAFT
