"""Staff prepare a course: the page of tasks, its small pages, its lists, and who applied."""

from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Application, Cohort
from cop.models.events import Event
from cop.services.cohorts import applications
from tests.support import cohorts
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.cohorts import DAY
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries


@pytest.fixture
def chair(make: Make) -> Person:
    person = make.account("Femi")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@pytest.fixture
def course(work: Working, make: Make) -> Event:
    return cohorts.course(work, make, screening=True)


@pytest.fixture
def staff(browse: Browse, chair: Person) -> Browse:
    return browse.sign_in(chair)


def names(page: Browse) -> list[str]:
    return [heading.get_text(strip=True) for heading in page.soup.select(".cop-roster h2")]


def statuses(page: Browse) -> dict[str, str]:
    return {
        item.select_one(".govuk-task-list__link").get_text(strip=True): item.select_one(  # type: ignore[union-attr]
            ".govuk-task-list__status"
        ).get_text(strip=True)
        for item in page.soup.select(".govuk-task-list__item")
    }


HALF_DAY = {
    "title": "Day 1 morning",
    "on_date-day": "1",
    "on_date-month": "4",
    "on_date-year": "2026",
    "start": "9:30",
    "end": "12:30",
    "place": "",
}


def test_a_course_is_planned_from_nothing_to_published(staff: Browse, make: Make) -> None:
    make.programme()
    page = staff.get("/admin/events/new").click("A course")
    page.submit("Save the draft", title="Change Makers", summary="Two days together.", capacity="15", slug="")
    assert page.path == "/admin/cohorts/change-makers"
    assert statuses(page)["Places"] == "15 places"
    assert statuses(page)["Questions"] == "12 entries"
    assert "when applications open and close" in page.text
    page.click("Publish").submit("Yes, publish it")
    assert page.status == 422
    page.get("/admin/cohorts/change-makers").click("Practicalities")
    page.submit("Save", place="Town Hall", getting_there="By train", step_free="A lift", bring="")
    assert page.path == "/admin/cohorts/change-makers"
    page.click("Places").submit("Save", capacity="14", minimum="8")
    page.click("Half-days").click("Add a half-day").submit("Add the half-day", **HALF_DAY)
    assert "Wednesday 1 April 2026, 9:30am to 12:30pm" in page.text
    page.get("/admin/cohorts/change-makers").click("Dates for applications")
    moments = {"opens_at": ("2", "9:00"), "closes_at": ("20", "midday")}
    page.submit(
        "Save",
        **{
            f"{name}-{part}": value
            for name, (day, at) in moments.items()
            for part, value in {"day": day, "month": "3", "year": "2026", "time": at}.items()
        },
    )
    page.click("The call").submit(
        "Save", **{"decisions_on-day": "25", "decisions_on-month": "3", "decisions_on-year": "2026"}, offer_days="10"
    )
    page.click("Publish").submit("Yes, publish it")
    assert page.heading.endswith("Change Makers")
    assert "Published" in page.text
    assert page.another().get("/cohorts/change-makers").click("Apply now").status == 200


class TestTheSmallPages:
    @pytest.mark.parametrize(
        ("path", "values", "words"),
        [
            ("places", {"capacity": "5", "minimum": "6"}, "cannot need more people"),
            ("places", {"capacity": "0"}, "whole number from 1 to"),
            ("call", {"half_days_needed": "9"}, "only 4 half-days"),
            ("call", {"involves": ""}, "Enter what is involved"),
            ("window", {"closes_at-month": "2"}, "must close after they open"),
            ("half-days/new", {**HALF_DAY, "start": "10:00"}, "at the same time"),
        ],
    )
    def test_keep_what_was_typed_when_it_is_refused(
        self, staff: Browse, course: Event, path: str, values: dict[str, Any], words: str
    ) -> None:
        page = staff.get(f"/admin/cohorts/{course.slug}/{path}")
        page.submit(**values)
        assert page.status == 422
        assert words in page.errors[0]
        name, typed = next(iter(values.items()))
        field = page.soup.select_one(f"[name='{name}']")
        assert field is not None
        assert (field.get("value") or field.get_text(strip=True)) == typed or not typed

    def test_of_a_half_day_change_and_remove_it(self, staff: Browse, course: Event) -> None:
        page = staff.get(f"/admin/cohorts/{course.slug}/half-days").click("Change Day 1 morning")
        page.submit("Save", title="Opening morning")
        assert "Opening morning" in page.text
        page.click("Remove Opening morning").submit("Yes, remove it")
        assert "Opening morning" not in page.text

    def test_show_what_somebody_else_saved_meanwhile(self, staff: Browse, course: Event, make: Make) -> None:
        page = staff.get(f"/admin/cohorts/{course.slug}/call")
        other = page.another().sign_in(make.admin()).get(f"/admin/cohorts/{course.slug}/call")
        other.submit("Save", involves="Three days by the sea.")
        page.submit("Save", involves="One long day.")
        assert page.status == 422
        assert "Somebody else changed this meanwhile" in page.errors[0]
        assert "Three days by the sea." in page.text
        page.submit("Save")
        assert page.get(f"/cohorts/{course.slug}").text.count("One long day.") == 1


class TestTheLists:
    def test_take_a_question_with_options(self, staff: Browse, course: Event) -> None:
        page = staff.get(f"/admin/cohorts/{course.slug}/lists/questions").click("Add a question or heading")
        page.submit("Save", kind="choice", text="Which day suits you?", options="Monday", required=True)
        assert page.errors == ["Enter at least two different options, one on each line"]
        page.submit("Save", options="Monday\n\n Friday \nMonday")
        assert names(page)[-1] == "Which day suits you?"
        page.get(f"/admin/cohorts/{course.slug}/lists/questions/12")
        assert page.soup.select_one("[name=options]").get_text().split() == ["Monday", "Friday"]  # type: ignore[union-attr]

    def test_move_change_and_remove(self, staff: Browse, course: Event) -> None:
        page = staff.get(f"/admin/cohorts/{course.slug}/lists/criteria")
        before = names(page)
        page.submit("Move down A real challenge")
        assert names(page)[:2] == [before[1], before[0]]
        page.get(f"/admin/cohorts/{course.slug}/lists/criteria/0").submit("Save", title="Change that lasts")
        assert names(page)[0] == "Change that lasts"
        page.get(f"/admin/cohorts/{course.slug}/lists/criteria/0/remove")
        assert "Change that lasts" in page.text
        page.submit("Yes, remove it")
        assert names(page) == [before[0], *before[2:]]

    def test_take_targets_by_group(self, staff: Browse, course: Event, reading: Reads) -> None:
        page = staff.get(f"/admin/cohorts/{course.slug}/lists/targets/new")
        page.submit("Save", group="newer_member:yes", minimum="3", maximum="2")
        assert page.errors == ["“At most” cannot be less than “at least”"]
        page.submit("Save", maximum="")
        assert names(page) == ["Newer members of the network"]
        with reading() as read:
            assert read.session.scalars(select(Cohort.targets)).one() == [
                {"attribute": "newer_member", "value": "yes", "minimum": 3, "maximum": None}
            ]

    def test_take_first_questions(self, staff: Browse, course: Event) -> None:
        page = staff.get(f"/admin/cohorts/{course.slug}/lists/screening/new")
        page.submit("Save", question="Are you 18 or older?", needed="yes", otherwise="There is a youth course.")
        assert names(page)[-1] == "Are you 18 or older?"
        assert "Are you 18 or older?" in page.another().get(f"/cohorts/{course.slug}/check").text

    def test_are_not_overwritten_from_a_stale_page(self, staff: Browse, course: Event, make: Make) -> None:
        path = f"/admin/cohorts/{course.slug}/lists/screening"
        page = staff.get(path)
        editing = page.another().sign_in(make.admin()).get(f"{path}/0")
        page.get(f"{path}/0/remove").submit("Yes, remove it")
        editing.submit("Save", question="Do you live here?")
        assert editing.status == 422
        assert "Somebody else changed this meanwhile" in editing.errors[0]
        assert "Do you live here?" in editing.html
        moving = page.another().sign_in(make.admin()).post(f"{path}/0/move", {"to": "down", "seen": "old"})
        assert moving.status == 422
        assert "Somebody else changed" in moving.errors[0]

    def test_say_that_they_are_locked(self, staff: Browse, course: Event, work: Working, make: Make) -> None:
        cohorts.begin(work, make, make.account(), course)
        page = staff.get(f"/admin/cohorts/{course.slug}/lists/questions")
        assert "the questions stay as they are" in page.text
        assert not page.soup.select(".cop-roster form")
        page.get(f"/admin/cohorts/{course.slug}/lists/questions/1").submit("Save", text="Another wording")
        assert page.status == 422
        assert "the questions stay as they are" in page.errors[0]

    @pytest.mark.parametrize("path", ["nothing", "nothing/new", "criteria/4", "criteria/99999999999999999999/remove"])
    def test_of_no_name_are_not_found(self, staff: Browse, course: Event, path: str) -> None:
        assert staff.get(f"/admin/cohorts/{course.slug}/lists/{path}").status == 404


class TestWhoApplied:
    @pytest.fixture
    def applied(self, work: Working, make: Make, course: Event) -> list[Application]:
        council = make.organisation("Swindon Borough Council")
        people = [make.account(name, sector=Sector.VCSE, organisation=council) for name in ("Ben", "Cem", "Dee")]
        made = [cohorts.apply(work, make, people[0], course), cohorts.apply(work, make, people[1], course)]
        made.append(cohorts.begin(work, make, people[2], course))
        with work(make.actor(people[1])) as unit:
            applications.withdraw(unit, event_id=course.id)
        return made

    def test_is_listed_with_where_they_belong(self, staff: Browse, course: Event, applied: list[Application]) -> None:
        page = staff.get(f"/admin/cohorts/{course.slug}").click("Who applied")
        rows = [" ".join(row.get_text(" ").split()) for row in page.soup.select("tbody tr")]
        assert [row.split()[:2] for row in rows] == [["1", "Ben"], ["2", "Cem"], ["–", "Dee"]]
        assert "Swindon Borough Council VCSE Submitted" in rows[0]
        assert "1 submitted, 1 draft, 1 withdrawn" in page.text

    @pytest.mark.parametrize(("state", "name"), [("submitted", "Ben"), ("withdrawn", "Cem"), ("draft", "Dee")])
    def test_is_filtered_by_state(
        self, staff: Browse, course: Event, applied: list[Application], state: str, name: str
    ) -> None:
        page = staff.get(f"/admin/cohorts/{course.slug}/applications").submit("Show", state=state)
        assert [row.get_text(" ", strip=True).split()[0] for row in page.soup.select("tbody th")] == [name]

    def test_may_be_nobody(self, staff: Browse, course: Event) -> None:
        page = staff.get(f"/admin/cohorts/{course.slug}/applications")
        assert "Nobody has begun an application yet" in page.text
        assert "No application fits" in page.get(f"{page.path}?state=draft").text

    def test_is_shown_in_pages_with_as_many_statements(
        self, staff: Browse, course: Event, work: Working, make: Make
    ) -> None:
        counts = []
        for names_ in (["A"], ["B", "C"]):
            for name in names_:
                cohorts.apply(work, make, make.account(name, sector=Sector.HEALTH), course)
            with count_queries() as statements:
                staff.get(f"/admin/cohorts/{course.slug}/applications")
            counts.append(len(statements))
        assert counts[0] == counts[1]

    @pytest.mark.parametrize("role", [Role.REVIEWER, Role.HOST, Role.EVALUATOR])
    def test_is_for_the_chair_alone(
        self, browse: Browse, course: Event, applied: list[Application], make: Make, role: Role
    ) -> None:
        person = make.account("Rhona")
        make.grant(person, role, event=course)
        browse.sign_in(person)
        for path in ("/applications", "/lists/questions", "/call"):
            assert browse.get(f"/admin/cohorts/{course.slug}{path}").status == 404
        page = browse.get(f"/admin/cohorts/{course.slug}")
        assert (page.status, page.path) == (
            (200, f"/cohorts/{course.slug}/roster") if role is Role.HOST else (404, f"/admin/cohorts/{course.slug}")
        )

    def test_leaves_out_whom_the_chair_has_a_conflict_with(
        self, browse: Browse, course: Event, work: Working, make: Make
    ) -> None:
        council = make.organisation("Brent Council")
        chair = make.account("Femi", organisation=council)
        make.grant(chair, Role.FACILITATOR, event=course)
        for name, organisation in (("Colleague", council), ("Neighbour", make.organisation("Leeds"))):
            person = make.account(name, sector=Sector.HEALTH, organisation=organisation)
            cohorts.apply(work, make, person, course)
        page = browse.sign_in(chair).get(f"/admin/cohorts/{course.slug}/applications")
        assert [row.get_text(" ", strip=True).split()[0] for row in page.soup.select("tbody th")] == ["Neighbour"]
        assert "2 submitted" in page.text

    def test_is_not_for_the_chair_of_another_programme(
        self, browse: Browse, course: Event, applied: list[Application], make: Make
    ) -> None:
        person = make.account("Other")
        make.grant(person, Role.FACILITATOR, programme=make.programme("elsewhere"))
        assert browse.sign_in(person).get(f"/admin/cohorts/{course.slug}/applications").status == 404


def test_a_cancelled_course_stays_to_be_read(staff: Browse, course: Event, work: Working) -> None:
    page = staff.get(f"/admin/events/{course.slug}/cancel").submit(reason="Too few rooms").submit("Yes, cancel it")
    assert page.path == f"/admin/cohorts/{course.slug}"
    assert "has been cancelled" in page.text
    page.get(f"/admin/cohorts/{course.slug}/places").submit("Save", capacity="3", minimum="1")
    assert page.status == 422


def test_a_visit_is_no_course(staff: Browse, make: Make) -> None:
    slug = make.visit().slug
    assert staff.get(f"/admin/events/{slug}").status == 200
    assert staff.get(f"/admin/cohorts/{slug}").status == 404


def test_the_page_of_tasks_says_that_the_call_has_closed(staff: Browse, course: Event, clock: FixedClock) -> None:
    clock.move(20 * DAY)
    assert "Applications closed on 16 March 2026 at 9am" in staff.get(f"/admin/cohorts/{course.slug}").text
