"""Pages drawn once for all who are signed out: never stale, never somebody else's."""

from datetime import timedelta

from flask import Flask

from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make
from tests.support.queries import count_queries


def test_the_next_visitor_costs_one_statement(browse: Browse, make: Make) -> None:
    """In a quiet moment: transactions of other tests count too, because they share the server."""
    address = f"/visits/{make.visit().slug}"
    costs = []
    for _ in range(20):
        with count_queries() as statements:
            browse.another().get(address)
        costs.append(len(statements))
    assert min(costs) == 1


def test_a_booking_shows_at_once(browse: Browse, make: Make) -> None:
    visit = make.visit(capacity=5)
    assert "5 places left" in browse.get(f"/visits/{visit.slug}").text
    make.booking(make.account(), visit, party_size=2)
    assert "3 places left" in browse.get(f"/visits/{visit.slug}").text


def test_time_that_passes_shows_within_a_minute(browse: Browse, make: Make, clock: FixedClock) -> None:
    visit = make.visit()
    assert "Book a visit" in browse.get(f"/visits/{visit.slug}").text
    clock.move(timedelta(days=4_000))
    assert "This visit is over" in browse.get(f"/visits/{visit.slug}").text


def test_who_is_signed_in_gets_a_page_of_their_own(browse: Browse, make: Make) -> None:
    visit, person = make.visit(), make.account()
    browse.get(f"/visits/{visit.slug}")
    mine = browse.another().sign_in(person).get(f"/visits/{visit.slug}")
    assert "Sign out" in mine.html
    assert "Sign out" not in browse.get(f"/visits/{visit.slug}").html


def test_a_message_for_one_visitor_is_not_shown_to_another(browse: Browse, make: Make) -> None:
    make.programme()
    leaver = browse.another().sign_in(make.account()).get("/sign-out").submit("Sign out")
    assert "You are signed out" in leaver.text
    assert "You are signed out" not in browse.get("/").text


def test_a_browser_that_has_the_page_is_told_so(app: Flask, browse: Browse, make: Make) -> None:
    visit = make.visit()
    tag = browse.get(f"/visits/{visit.slug}").response.headers["ETag"]
    again = app.test_client().get(f"/visits/{visit.slug}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
