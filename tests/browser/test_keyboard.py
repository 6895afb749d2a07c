"""Without a pointer: applying, accepting, answering an invitation, asking in the forum, and saying how it was.

After the first page everything goes by Tab, Enter, Space, the arrows and typing; a visit is booked that way in
``test_visiting.py``.
"""

from flask import Flask
from playwright.sync_api import Page

from cop.models.accounts import Sector
from tests.browser.conftest import Visitor
from tests.support import cohorts, panel
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.keyboard import Keyboard
from tests.support.make import Make, Reads, Working
from tests.support.pages import heading
from tests.support.summits import breakouts_of, invitation_of, invite, link_to, make_summit
from tests.support.surveys import Surveys


def test_somebody_applies(visitor: Visitor, make: Make, work: Working) -> None:
    course = cohorts.course(work, make, "Change Makers")
    page = visitor(person=make.account("Noor Adeyemi", sector=Sector.RESIDENT))
    keys = Keyboard(page)
    page.goto(f"/cohorts/{course.slug}")
    keys.press("Apply now")
    keys.press("Start your application")
    keys.follow("Your challenge")
    for question in ("What is the challenge in your place", "What do you hope will change", "What is your experience"):
        keys.write(question, "Damp flats.")
        keys.follow("Save and continue")
    assert heading(page) == "Change Makers Your application"
    keys.follow("Taking part")
    for question, answer in (
        ("Can you come to all the half-days?", "No"),
        ("Has your employer agreed to the time", "I do not need that"),
        ("How did you hear of the course?", "Elsewhere"),
    ):
        keys.choose(question, answer)
        keys.follow("Save and continue")
    keys.write("Did somebody suggest that you apply?", "Our chair")
    keys.enter()
    keys.follow("How confident you feel now")
    keys.choose("plan something together with residents", "3")
    keys.choose("start a change", "10", "ArrowUp")
    keys.follow("Save and continue")
    keys.follow("Check your answers")
    keys.follow("Change (Can you come to all the half-days?)")
    keys.choose("Can you come to all the half-days?", "Yes", "ArrowUp")
    keys.press("Save and continue")
    keys.press("Submit your application")
    keys.choose("Do you want to answer the equality questions?", "No, skip them", "ArrowUp")
    keys.press("Continue")
    assert heading(page) == "Application submitted"


def test_somebody_accepts_an_offer(visitor: Visitor, make: Make) -> None:
    (offer,) = panel.offered(make, panel.course(make))
    page = visitor()
    keys = Keyboard(page)
    page.goto(f"/offers/{panel.token(offer)}")
    keys.press("Accept the place")
    keys.write("What do you need to take part fully?", "A ramp")
    keys.tick("Vegan")
    keys.tick("Celery")
    keys.tick("Halal", "Shift+Tab")
    keys.follow("Save")
    assert heading(page) == "The place is yours"


def test_a_guest_answers_an_invitation(visitor: Visitor, make: Make, work: Working, reading: Reads) -> None:
    summit = make_summit(make, work, breakouts=(None, None))
    invite(work, summit, "Rosa Resident")
    page = visitor()
    keys = Keyboard(page)
    page.goto(link_to(invitation_of(reading, summit, "Rosa Resident")))
    keys.go_to(page.locator("summary"))
    page.keyboard.press("Space")
    assert page.get_by_role("heading", name="The day", exact=True).is_visible()
    keys.follow("Send my answer")
    follow_the_error(page, keys, "Choose whether you will come")
    keys.choose("Will you come?", "No, I cannot come")
    assert page.get_by_role("checkbox", name="Vegan").is_hidden()
    keys.choose("Will you come?", "Yes, I will come", "ArrowUp")
    keys.tick(breakouts_of(summit)[1].title)
    keys.tick("Vegan")
    keys.write("What else should the kitchen know?", "No onions")
    keys.tick("A BSL interpreter", "Shift+Tab")
    keys.follow("Send my answer")
    assert "You have a place" in page.get_by_role("alert").inner_text()


def test_an_alumna_asks_answers_and_follows(visitor: Visitor, app: Flask, make: Make) -> None:
    forum = MakeForum(app, make)
    forum.space("Project updates")
    page = visitor(person=forum.alumna(accepts=False))
    keys = Keyboard(page)
    page.goto("/forum/")
    keys.press("I accept the house rules")
    keys.follow("Project updates")
    keys.follow("Start a topic")
    keys.write("Title", "Warm rooms")
    keys.write("Your post", "See https://tea.example/how")
    keys.follow("Preview")
    keys.follow("Post the topic")
    keys.choose("How often may the forum write to you?", "A letter for each post, as it is written")
    keys.follow("Save")
    assert heading(page) == "Warm rooms"
    keys.go_to(page.get_by_role("link", name="https://tea.example/how"))
    keys.write("Your reply", "Cups count.\nEvery day.")
    keys.press("Reply")
    assert "Cups count." in page.locator("#post-2").inner_text()
    keys.press("Stop mails about replies")
    keys.press("Mail me about replies")
    assert "We mail you about replies." in page.get_by_role("main").inner_text()
    keys.follow("Project updates", "Shift+Tab")
    keys.press("Mail me about new topics")
    assert "We mail you about new topics." in page.get_by_role("main").inner_text()


def test_a_visitor_says_how_it_was(visitor: Visitor, app: Flask, make: Make, clock: FixedClock) -> None:
    surveys = Surveys(app, make, clock)
    amina = make.person("Amina Yusuf")
    surveys.pulse([amina])
    page = visitor()
    keys = Keyboard(page)
    page.goto(surveys.address(surveys.ask_of(amina)))
    keys.follow("Send your answers")
    follow_the_error(page, keys, "Answer “Overall, how satisfied were you?”")
    keys.choose("Overall, how satisfied were you?", "Satisfied")
    keys.choose("How relevant was it", "Very relevant")
    keys.choose("I will use something from today", "Agree")
    keys.write("What will you use?", "The map")
    keys.choose("recommend it to a colleague?", "10", "ArrowUp")
    keys.choose("Was anything hard", "No")
    keys.write("One thing to change", "More time")
    keys.press("Send your answers")
    assert heading(page) == "Thank you"


def follow_the_error(page: Page, keys: Keyboard, says: str) -> None:
    """The summary has the focus; Enter on its first link leads to the first choice of the question."""
    assert keys.is_at(page.locator(".govuk-error-summary"))
    keys.go_to(page.get_by_role("alert").get_by_role("link", name=says).first)
    page.keyboard.press("Enter")
    assert keys.is_at(page.get_by_role("radio").first)
