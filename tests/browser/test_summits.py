"""A summit in a real browser: the invitation, the lists of staff, and the door, also without JavaScript."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.summits import Answer
from cop.queries.summits import Needs
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.pages import arrive, click_in_place, heading, press
from tests.support.summits import answer, breakouts_of, invitation_of, invite, make_summit

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

STAFF = "/admin/summits/roundtable-summit"
DOOR = "/events/roundtable-summit/check-in"

WAYS = pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work, breakouts=(None, 1, None))


@pytest.fixture
def guests(make: Make, work: Working, reading: Reads, summit: Event) -> None:
    """Two who come, one with needs, and one without an answer."""
    first, second, _ = breakouts_of(summit)
    brent = make.organisation("Brent Council")
    needs = Needs(("BSL interpreter",), "A seat near the front", ("milk",), ("vegan",), "No onions")
    for name, part, said in (("Amina Yusuf", first, needs), ("Ben Okri", second, None)):
        person = make.person(name, organisation=brent)
        invite(work, summit, person)
        answer(work, invitation_of(reading, summit, person), Answer.YES, part, needs=said)
    invite(work, summit, "Rosa Resident")


@pytest.fixture
def host(make: Make, summit: Event) -> Person:
    person = make.account("Hana Host")
    make.grant(person, Role.HOST, event=summit)
    return person


@WAYS
def test_a_guest_answers_by_the_link_in_the_letter_and_changes_their_mind(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    work: Working,
    summit: Event,
    guests: None,
    mailbox: Mailbox,
) -> None:
    invite(work, summit, "Noor <noor@council.example>")
    letter = next(mail for mail in mailbox.deliver() if "noor@" in mail["To"])
    page = visitor(width, javascript=javascript)
    page.goto(letter.link("/invitations/"))
    assert heading(page) == "Invitation Roundtable summit"
    check_page(page)
    shoot(page, "invitation")
    expect(page.get_by_label("Breakout 2")).to_be_disabled()
    press(page, "Send my answer")
    check_page(page)
    click_in_place(page.get_by_role("link", name="Choose whether you will come"))
    page.get_by_label("Yes, I will come").check()
    page.get_by_label("Breakout 1").check()
    page.get_by_label("A BSL interpreter").check()
    page.get_by_label("Vegan").check()
    page.get_by_label("What else should the kitchen know?").fill("No onions")
    press(page, "Send my answer")
    expect(page.get_by_role("alert")).to_contain_text("You have a place")
    check_page(page)
    shoot(page, "invitation-yes")
    assert not page.get_by_label("Vegan").is_checked()  # a link may have been forwarded
    page.get_by_label("No, I cannot come").check()
    expect(page.get_by_label("Vegan")).to_be_hidden()
    press(page, "Send my answer")
    expect(page.get_by_role("alert")).to_contain_text("Thank you for telling us")


@WAYS
def test_a_host_finds_and_checks_in_with_one_press(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    clock: FixedClock,
    summit: Event,
    guests: None,
    host: Person,
) -> None:
    clock.set(summit.parts[0].starts_at - timedelta(minutes=15))
    page = visitor(width, javascript=javascript, person=host)
    page.goto(DOOR)
    check_page(page)
    search = page.get_by_label("Name or organisation")
    search.fill("okr")
    if not javascript:
        press(page, "Show")
    expect(page.locator(".cop-roster li")).to_have_count(1)
    click = click_in_place if javascript else arrive
    click(page.get_by_role("button", name=re.compile("Check in.*Ben Okri")))
    expect(page.get_by_role("status")).to_have_text("1 of 2 here")
    undo = page.get_by_role("button", name=re.compile("Undo.*Ben Okri"))
    expect(undo).to_be_visible()
    if javascript:
        expect(undo).to_be_focused()
    expect(search).to_have_value("okr")
    check_page(page)
    shoot(page, "check-in")
    click(undo)
    expect(page.get_by_role("status")).to_have_text("0 of 2 here")
    search.fill("brent")
    if not javascript:
        press(page, "Show")
    expect(page.locator(".cop-roster li")).to_have_count(2)


def test_the_door_does_not_lose_a_press_of_another_host(
    visitor: Visitor, check_page: Check, clock: FixedClock, summit: Event, guests: None, host: Person
) -> None:
    clock.set(summit.parts[0].starts_at)
    one, other = visitor(person=host), visitor(320, person=host)
    for page in (one, other):
        page.goto(DOOR)
    for page in (one, other):
        click_in_place(page.get_by_role("button", name=re.compile("Check in.*Ben Okri")))
        expect(page.get_by_role("button", name=re.compile("Undo.*Ben Okri"))).to_be_visible()
    expect(one.get_by_role("alert")).to_have_count(0)
    expect(other.get_by_role("alert")).to_contain_text("Somebody else marked this person a moment ago")


@pytest.mark.parametrize("width", [1280, 320])
def test_staff_pages_are_sound(
    width: int,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
    work: Working,
    reading: Reads,
    summit: Event,
    guests: None,
) -> None:
    page = visitor(width, person=make.admin())
    public_id = invitation_of(reading, summit, "Rosa Resident").public_id
    part = breakouts_of(summit)[2].id
    for path in (
        "",
        "/agenda",
        "/agenda/new",
        f"/agenda/{part}",
        f"/agenda/{part}/remove",
        "/invitations",
        "/invitations/new",
        "/invitations/remind",
        f"/invitations/{public_id}/answer",
        f"/invitations/{public_id}/withdraw",
        "/caterer",
        "/access",
        "/door",
    ):
        page.goto(STAFF + path)
        check_page(page)
    page.goto("/admin/summits/new")
    check_page(page)
    page.goto(f"{STAFF}/invitations/new")
    page.get_by_label("People, one a line").fill("Amina <amina@x.example>\nnobody@\nRosa Resident")
    press(page, "See what it would do")
    check_page(page)
    shoot(page, "invite-preview")
    page.get_by_label("People, one a line").fill("Amina <amina@x.example>\nRosa Resident")
    press(page, "See what it would do")
    check_page(page)
    press(page, "Invite 1 person")
    expect(page.get_by_role("alert")).to_contain_text("1 person is invited.")


@pytest.mark.parametrize("width", [1280, 320])
def test_public_pages_are_sound(width: int, visitor: Visitor, check_page: Check, make: Make, summit: Event) -> None:
    page = visitor(width, person=make.account("Ben Stranger"))
    for path in ("/summits/", "/summits/?show=past", f"/summits/{summit.slug}", f"/summits/{summit.slug}/rsvp"):
        page.goto(path)
        check_page(page)
