"""The use of the toolkit in a real browser: from a look at a resource to what came of it, and to the figures of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from cop.models.accounts import Sector
from scheduled import tend_toolkit
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Working
from tests.support.pages import arrive, follow, heading, press
from tests.support.toolkit import Toolkit

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_somebody_tells_what_came_of_a_resource_and_staff_see_how_far_it_got(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    app: Flask,
    make: Make,
    work: Working,
    clock: FixedClock,
    mailbox: Mailbox,
) -> None:
    toolkit = Toolkit(make, work)
    draft = toolkit.draft(slug="panel")
    toolkit.file(draft)
    toolkit.publish(draft)
    amina = make.account("Amina Yusuf", organisation=make.organisation("Brent"), sector=Sector.COUNCILLOR)

    stranger = visitor(width, javascript=javascript)
    stranger.goto("/toolkit/panel")
    check_page(stranger)
    follow(stranger, "No, it was not")
    check_page(stranger)
    expect(stranger.get_by_label("No", exact=True)).to_be_checked()
    stranger.get_by_label("What would make it better? (optional)").fill("Say what it costs.")
    press(stranger, "Send")
    assert stranger.get_by_text("Thank you. It helps to make the toolkit better.").is_visible()

    page = visitor(width, person=amina, javascript=javascript)
    page.goto("/toolkit/panel")
    follow(page, "Hear of new versions, or be asked in 30 days what came of it")
    check_page(page)
    page.get_by_label("Ask me in 30 days what came of it").check()
    press(page, "Save")

    clock.move(timedelta(days=30))
    with app.app_context():
        tend_toolkit.run()
    [mail] = [mail for mail in mailbox.deliver() if mail.subject.startswith("What came of it?")]
    reader = visitor(width, javascript=javascript)
    reader.goto(mail.link("/toolkit/t/"))
    check_page(reader)
    shoot(reader, "what-came-of-it")
    reader.get_by_label("Something came of it").check()
    press(reader, "Write it down")
    check_page(reader)
    error = reader.get_by_role("link", name="Say what came of it, in a sentence or two")
    assert error.is_visible()
    reader.get_by_label("Tell us more").fill("A panel that meets every month.")
    press(reader, "Write it down")
    check_page(reader)
    assert reader.get_by_text("Something came of it: A panel that meets every month.").is_visible()

    staff = visitor(width, person=make.admin(), javascript=javascript)
    staff.goto("/evaluation/toolkit")
    assert heading(staff).endswith("Use of the toolkit")
    check_page(staff)
    shoot(staff, "use")
    follow(staff, "See how far each organisation got")
    check_page(staff)
    assert staff.get_by_role("row", name="Brent 1 1 1 1 1").is_visible()
    staff.goto("/evaluation/toolkit")
    arrive(staff.get_by_role("row").filter(has_text="Starting a residents’ panel").get_by_role("link"))
    check_page(staff)
    assert staff.get_by_text("Something came of it: Amina Yusuf, Brent").is_visible()
    assert staff.get_by_text("Say what it costs.").is_visible()
