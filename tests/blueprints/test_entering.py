"""Staff enter an application for somebody in the pages that applicants use, and in no others' application."""

from collections.abc import Callable, Sequence

import pytest

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.services.events.booking import Guest
from tests.support import cohorts
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.cohorts import ANSWERS, DAY
from tests.support.make import Make, Working

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def course(work: Working, make: Make) -> Event:
    return cohorts.course(work, make)


@pytest.fixture
def chair(make: Make, course: Event) -> Person:
    found = make.account("Femi")
    make.grant(found, Role.FACILITATOR, event=course)
    return found


@pytest.fixture
def at_desk(browse: Browse, chair: Person) -> Browse:
    return browse.sign_in(chair)


def begin(page: Browse, course: Event, **more: str) -> Browse:
    page.get(f"/admin/cohorts/{course.slug}/applications").click("Enter an application for somebody")
    return page.submit(
        "Begin the application", **{"name": "Greta Olsen", "phone": "01632 960125", "sector": "resident", **more}
    )


def test_an_application_by_telephone_goes_from_name_to_number(at_desk: Browse, course: Event, outbox: Posted) -> None:
    page = begin(at_desk, course)
    assert page.heading == "Change Makers Application of Greta Olsen"
    page.click("Your challenge")
    for code in ("challenge", "change", "with_residents"):
        assert "You enter this for Greta Olsen" in page.text
        page.submit("Save and continue", **{code: ANSWERS[code]})
    page.click("Taking part").submit("Save and continue", all_half_days="yes")
    page.submit("Save and continue", time_agreed="not needed").submit("Save and continue", heard="visit")
    page.submit("Save and continue").click("How confident you feel now")
    page.submit("Save and continue", confident_coproduction="1", confident_change="2")
    page.click("Who supports it").submit("Ask this person", kind="nominator", name="Ruth", email="ruth@council.example")
    page.click("Back to the application").click("Check the answers")
    page.submit("Submit the application")
    assert page.path == f"/admin/cohorts/{course.slug}/applications"
    assert "It is submitted as number 1. The person is told." in page.html
    assert "Entered by us: go on with it" in page.text
    assert [row.channel for row in outbox("application_submitted")] == ["tell"]
    assert outbox("application_started") == []


def test_a_page_goes_on_naming_the_application(at_desk: Browse, course: Event) -> None:
    page = begin(at_desk, course)
    named = page.path.partition("?")[2]
    assert named.startswith("for=")
    page.click("Your challenge").submit("Save and continue", challenge="Damp")
    assert page.path == f"/cohorts/{course.slug}/apply/change?{named}"
    page.get(f"/cohorts/{course.slug}/apply/check-answers?{named}").click("Change")
    assert page.path.endswith(f"&{named}") or page.path.endswith(f"?{named}")


def test_somebody_who_is_known_but_not_how_they_come_to_us(at_desk: Browse, course: Event, make: Make) -> None:
    make.account("Nia", "nia@council.example")
    page = begin(at_desk, course, email="nia@council.example")
    page.click("About the applicant").submit("Save")
    assert page.status == 422
    page.submit("Save", sector="health")
    page.click("About the applicant")
    assert "Health" in page.text
    assert page.click("This is right").heading.endswith("Application of Nia")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Enter the person’s full name"),
        ({"sector": ""}, "Choose one from the list"),
        ({"email": "nia"}, "Enter an e-mail address in the correct format, like name@example.org"),
        ({"organisation": "Nowhere"}, "No organisation has this name. Leave it out or look it up under Members."),
    ],
)
def test_a_refusal_keeps_what_was_typed(at_desk: Browse, course: Event, typed: dict[str, str], words: str) -> None:
    page = begin(at_desk, course, **typed)
    assert page.status == 422
    assert page.errors == [words]
    assert page.soup.select("[name=phone][value='01632 960125']")


def test_is_withdrawn_for_somebody_who_telephones(at_desk: Browse, course: Event, outbox: Posted) -> None:
    page = begin(at_desk, course).click("Withdraw it")
    assert "It is that of Greta Olsen" in page.text
    page.submit("Yes, withdraw it")
    assert page.path == f"/admin/cohorts/{course.slug}/applications"
    assert len(outbox("application_withdrawn")) == 1
    assert "Withdrawn" in page.text
    assert "go on with it" not in page.text


def test_after_the_close_nothing_is_entered_and_nothing_typed_is_lost(
    at_desk: Browse, course: Event, clock: FixedClock
) -> None:
    page = begin(at_desk, course).click("Your challenge")
    named = page.path.partition("?")[2]
    clock.move(14 * DAY)
    page.submit("Save and continue", challenge="A minute late")
    assert page.status == 422
    assert "A minute late" in page.html
    for path in ("apply", "apply/about-you", "apply/check-answers", "apply/challenge", "apply/who-supports-it"):
        page.get(f"/cohorts/{course.slug}/{path}?{named}")
        assert page.path == f"/admin/cohorts/{course.slug}/applications"
    assert "Enter an application for somebody" not in page.text


def test_is_not_there_for_anybody_else(
    at_desk: Browse, course: Event, make: Make, work: Working, chair: Person
) -> None:
    public_id = begin(at_desk, course).path.partition("for=")[2]
    amina = make.account("Amina", sector=Sector.RESIDENT)
    own = cohorts.begin(work, make, amina, course, challenge="Mine alone")
    pages = ("apply", "apply/challenge", "apply/about-you", "apply/who-supports-it", "apply/check-answers")
    for path in (*pages, "application/withdraw"):
        for visitor, named in ((amina, public_id), (make.admin(), own.public_id), (chair, own.public_id)):
            page = at_desk.another().sign_in(visitor)
            assert page.get(f"/cohorts/{course.slug}/{path}?for={named}").status == 404
            assert page.post(f"/cohorts/{course.slug}/{path}?for={named}", {"challenge": "x"}).status == 404
    elsewhere = cohorts.course(work, make, "Another course")
    assert at_desk.get(f"/cohorts/{elsewhere.slug}/apply?for={public_id}").status == 404


def test_whoever_has_an_account_finds_it_as_their_own(
    at_desk: Browse, course: Event, make: Make, work: Working, chair: Person
) -> None:
    hana = make.account("Hana", "hana@council.example", sector=Sector.VCSE)
    cohorts.entered(work, make.actor(chair), course, Guest("Hana", "hana@council.example", None, None, None))
    page = at_desk.another().sign_in(hana).get(f"/cohorts/{course.slug}/application")
    assert "We began it for you" in page.text
    page.click("Go on with your application")
    assert "You enter this for" not in page.text
