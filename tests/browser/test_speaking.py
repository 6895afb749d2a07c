"""A speaker answers by the link, staff see it and call the webinar off: wide, narrow, and without JavaScript."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from cop.core.access import Role
from cop.models.events import Event
from tests.browser.conftest import Visitor
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Working
from tests.support.pages import follow, heading, press
from tests.support.pictures import png
from tests.support.webinars import Webinars

Check = Callable[[Page], None]

TITLE = "Health beyond hospitals"


@pytest.fixture
def webinar(make: Make, work: Working) -> Event:
    webinars = Webinars(make, work)
    made = webinars.webinar(TITLE)
    webinars.register(make.account("Amina Yusuf"), made, question="What did it cost?")
    webinars.speaker(made, "Maren Oakfield", email="maren@guelph.example", timezone="America/Toronto")
    return made


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_from_the_first_letter_to_the_last(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    webinar: Event,
    mailbox: Mailbox,
    tmp_path: Path,
) -> None:
    editor = make.account("Edi Editor")
    make.grant(editor, Role.FACILITATOR, programme=make.programme())
    staff = visitor(width, javascript=javascript, person=editor)

    def arrived_at(page: Page, title: str) -> None:
        assert title in heading(page)
        check_page(page)

    staff.goto(f"/admin/webinars/{webinar.slug}")
    follow(staff, "Questions in advance")
    arrived_at(staff, "Questions in advance")
    press(staff, "Taken : What did it cost?")
    assert staff.get_by_text("0 of 1 are still to be passed on or answered.").is_visible()
    staff.goto(f"/admin/webinars/{webinar.slug}")
    follow(staff, "Speakers")
    arrived_at(staff, "Speakers")
    press(staff, "Add a speaker")
    arrived_at(staff, "Add a speaker")
    staff.goto(f"/admin/events/{webinar.slug}/speakers")
    press(staff, "Ask them, or remind them")
    arrived_at(staff, "Ask the speakers")
    mailbox.deliver()
    press(staff, "Write to them")
    arrived_at(staff, "Speakers")
    (mail,) = mailbox.deliver()

    photo = tmp_path / "me.png"
    photo.write_bytes(png())
    speaker = visitor(width, javascript=javascript)
    speaker.goto(mail.link("/speakers/"))
    arrived_at(speaker, "Maren Oakfield, tell us about your talk")
    speaker.get_by_label("What you will talk about").fill("What lasted.")
    press(speaker, "Save")
    arrived_at(speaker, "Maren Oakfield, tell us about your talk")  # with the error
    assert speaker.get_by_label("What you will talk about").input_value() == "What lasted."
    speaker.get_by_label("A photo of you").set_input_files(photo)
    speaker.get_by_label("What does the photo show?").fill("A black square")
    speaker.get_by_label("No: do not record me").check()
    press(speaker, "Save")
    arrived_at(speaker, "Maren Oakfield, tell us about your talk")
    assert speaker.get_by_role("img", name="A black square").evaluate("image => image.naturalWidth") == 120
    follow(speaker, "I cannot speak")
    arrived_at(speaker, "You cannot speak?")
    follow(speaker, "Yes, I can")
    follow(speaker, "See the page of the event")
    arrived_at(speaker, TITLE)
    assert speaker.get_by_text("What lasted.").is_visible()

    staff.goto(f"/admin/webinars/{webinar.slug}/links/new")
    arrived_at(staff, "Add a recording or a resource")
    assert staff.get_by_text("Said no to being recorded: Maren Oakfield.").is_visible()
    staff.goto(f"/admin/webinars/{webinar.slug}")
    follow(staff, "Cancel the webinar")
    arrived_at(staff, "Cancel the whole event?")
    staff.get_by_label("Reason").fill("The speaker is ill")
    press(staff, "See who is told")
    arrived_at(staff, "Cancel the whole event?")
    assert staff.get_by_text("1 person by e-mail").is_visible()
    press(staff, "Yes, cancel it and tell them")
    arrived_at(staff, TITLE)
    (told,) = mailbox.deliver()
    assert "The speaker is ill" in told.text
    speaker.goto(mail.link("/speakers/"))
    arrived_at(speaker, "Nothing more to say")
