"""Writing a questionnaire in a real browser, wide, narrow and without JavaScript; and answering a grid of it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.services.surveys import drafting, templates
from cop.services.surveys.publishing import publish_template
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.make import Make, working
from tests.support.pages import arrive, heading, press
from tests.support.surveys import Surveys

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

HEALTHY = "I felt welcome."


def add(page: Page, kind: str, label: str, text: str) -> None:
    arrive(page.get_by_role("button", name="Add a question or a page at the end"))
    arrive(page.get_by_role("link", name=kind, exact=True))
    page.get_by_label(label, exact=True).fill(text)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_an_admin_builds_previews_and_publishes(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
) -> None:
    page = visitor(width, javascript=javascript, person=make.admin())
    page.goto("/admin/questionnaires/")
    check_page(page)
    arrive(page.get_by_role("button", name="Write a questionnaire"))
    page.get_by_label("Title").fill("Autumn check")
    page.get_by_label("Name for exports").fill("autumn-check")
    check_page(page)
    press(page, "Begin the draft")
    check_page(page)

    add(page, "One answer from a list", "Question", "Did you come?")
    page.get_by_label("Answers to choose from").fill("Yes\nNo")
    check_page(page)
    press(page, "Add it")
    add(page, "A new page", "Heading of the page", "How it was")
    press(page, "Add it")
    for text in (HEALTHY, "I was heard."):
        add(page, "Steps with words", "Question", text)
        press(page, "Add it")
    check_page(page)
    shoot(page, "draft")
    arrive(page.get_by_role("button", name=re.compile("Move up.*I was heard")))
    assert page.get_by_role("listitem").filter(has_text="I was heard.").count() == 1
    arrive(page.get_by_role("link", name=re.compile("Ask only some.*I felt welcome")))
    check_page(page)
    arrive(page.get_by_role("link", name="Did you come?"))
    page.get_by_label("Yes", exact=True).check()
    check_page(page)
    press(page, "Save")
    assert page.get_by_text("Only if: Did you come? “Yes”").is_visible()

    arrive(page.get_by_role("link", name="Preview it as people see it"))
    check_page(page)
    arrive(page.get_by_role("button", name="Start"))
    press(page, "Save and continue")
    assert heading(page) == "How it was"
    page.get_by_role("group", name=HEALTHY).get_by_label("Agree", exact=True).check()
    check_page(page)
    shoot(page, "draft-preview")
    press(page, "Save and continue")
    arrive(page.get_by_role("link", name="Publish it"))
    check_page(page)
    press(page, "Publish it")
    assert page.get_by_text("Version 1 is published.").is_visible()
    check_page(page)
    shoot(page, "questionnaire")


@pytest.mark.parametrize("width", [1280, 320])
def test_a_grid_is_a_table_for_the_eye_and_questions_for_the_ear(
    width: int, app: Flask, visitor: Visitor, check_page: Check, shoot: Shoot, make: Make
) -> None:
    with working(app) as work:
        publish_template(work, templates.COMMUNITY)
        drafting.reopen(work, code="community-pulse")
    page = visitor(width, person=make.admin())
    page.goto("/admin/questionnaires/community-pulse/draft/preview?section=community")
    check_page(page)
    shoot(page, "grid")
    group = page.get_by_role("group", name="I have the time to take part.")
    assert group.locator("label").all_inner_texts() == [
        *("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"),
    ]
    heads = page.locator(".cop-grid__heads").first
    assert heads.is_visible() == (width > 800)
    if width > 800:
        third = heads.locator("span").nth(2).bounding_box()
        radio = group.get_by_role("radio").nth(2).bounding_box()
        assert third
        assert radio
        middle = radio["x"] + radio["width"] / 2
        assert third["x"] < middle < third["x"] + third["width"]
    group.get_by_role("radio").nth(0).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert group.get_by_label("Disagree", exact=True).is_checked()
    press(page, "Save and continue")
    check_page(page)
    shoot(page, "grid-error")
    page.emulate_media(color_scheme="dark")
    check_page(page)


@pytest.mark.parametrize("width", [1280, 320])
def test_a_facilitator_writes_down_what_somebody_says(
    width: int, app: Flask, visitor: Visitor, check_page: Check, shoot: Shoot, make: Make, clock: FixedClock
) -> None:
    surveys = Surveys(app, make, clock)
    surveys.pulse([make.person("Amina", None), make.person("Ben")])
    page = visitor(width, person=make.admin())
    page.goto("/surveys/")
    arrive(page.get_by_role("link", name="A morning at the Healthy Hub"))
    page.goto(f"{page.url.removesuffix('results')}silent")
    check_page(page)
    arrive(page.get_by_role("link", name="what Amina says"))
    check_page(page)
    shoot(page, "telephone")
    arrive(page.get_by_role("button", name="Begin"))
    press(page, "Send your answers")
    check_page(page)
    shoot(page, "telephone-page")
