"""Admins keep the list of accessibility issues, and everybody reads the statement that is made of it."""

from datetime import datetime, timedelta

import pytest

from cop.core.access import Role
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make

ISSUE = {
    "what": "The plan of the room is a picture.",
    "who": "",
    "criterion": "1.1.1",
    "why": "non-compliance",
    "instead": "Ask us for the list of tables.",
}
FULL = "This service is fully compliant with the Web Content Accessibility Guidelines version 2.2 AA standard."


def test_an_issue_is_added_read_by_everybody_and_mended(browse: Browse, make: Make) -> None:
    page = browse.get("/accessibility")
    assert FULL in page.text
    assert "Non-accessible content" not in page.text
    page = browse.sign_in(make.admin()).get("/admin/").click("Accessibility")
    page.click("Add an issue").submit("Add the issue", **ISSUE)
    assert "The issue is in the statement." in page.text
    assert "Partially compliant" in page.text
    page.get("/accessibility")
    assert "partially compliant with the Web Content Accessibility Guidelines version 2.2 AA standard" in page.text
    assert "due to the non-compliances listed below" in page.text
    assert "This does not meet WCAG 2.2 success criterion 1.1.1 (Non-text Content)." in page.text
    assert "Ask us for the list of tables." in page.text
    page.get("/admin/accessibility/").click(ISSUE["what"])
    page.submit("Save", **{"mended_on-day": "2", "mended_on-month": "3", "mended_on-year": "2026"})
    assert "The issue is mended and stands in the statement no more." in page.text
    assert FULL in page.get("/accessibility").text


@pytest.mark.parametrize(
    ("why", "heading"),
    [
        ("disproportionate burden", "Disproportionate burden"),
        ("out of scope", "Content that’s not within the scope of the accessibility regulations"),
        ("non-compliance", "Non-compliance with the accessibility regulations"),
    ],
)
def test_each_of_the_three_reasons_has_its_section(browse: Browse, make: Make, why: str, heading: str) -> None:
    page = browse.sign_in(make.admin()).get("/admin/accessibility/new").submit("Add the issue", **{**ISSUE, "why": why})
    assert page.status == 200
    headings = [found.get_text() for found in page.get("/accessibility").soup.select("h4")]
    assert headings == [heading]


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(browse: Browse, make: Make) -> None:
    page = browse.sign_in(make.admin()).get("/admin/accessibility/new")
    page.submit("Add the issue", **{**ISSUE, "criterion": ""})
    assert page.status == 422
    assert "Choose the criterion that is not met." in page.text
    assert ISSUE["what"] in page.soup.select("textarea")[0].get_text()


def test_a_review_is_noted_and_asked_for_again_a_year_later(browse: Browse, make: Make, clock: FixedClock) -> None:
    page = browse.sign_in(make.admin()).get("/admin/accessibility/review")
    page.submit("Note the review", tested="With NVDA and Firefox.")
    assert "The review is noted." in page.text
    page.get("/accessibility")
    assert "It was last reviewed on 2 March 2026." in page.text
    assert "With NVDA and Firefox." in page.text
    assert "Review the statement" not in page.get("/admin/").text
    clock.move(timedelta(days=366))
    browse.sign_in(make.admin("Another Admin"))
    assert "Review the statement" in page.get("/admin/").text


def test_others_do_not_get_in(browse: Browse, make: Make) -> None:
    person = make.account()
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    browse.sign_in(person)
    for address in ("", "new", "review", "1"):
        assert browse.get(f"/admin/accessibility/{address}").status == 404


def test_security_txt_is_as_rfc_9116_has_it_and_leads_to_a_policy(browse: Browse, clock: FixedClock) -> None:
    page = browse.get("/.well-known/security.txt")
    lines = dict(line.split(": ", 1) for line in page.response.get_data(as_text=True).splitlines())
    assert set(lines) == {"Contact", "Expires", "Preferred-Languages", "Canonical", "Policy"}
    assert lines["Contact"].startswith("mailto:")
    expires = datetime.fromisoformat(lines["Expires"])
    assert clock.now() < expires < clock.now() + timedelta(days=365)
    assert lines["Canonical"].endswith("/.well-known/security.txt")
    page.get(f"/{lines['Policy'].split('/', 3)[3]}")
    assert "Report a weakness in security" in page.text


def test_security_txt_is_right_on_the_last_day_of_any_month(browse: Browse, clock: FixedClock) -> None:
    clock.set(datetime.fromisoformat("2028-02-29T23:59:00+00:00"))
    assert "Expires: 2028-08-27T00:00:00Z" in browse.get("/.well-known/security.txt").response.get_data(as_text=True)
