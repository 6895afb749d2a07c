"""Retention, the breach log and the records of processing on pages, for admins."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask

from cop.models.accounts import SignIn
from scheduled import purge_expired
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Working

PAGES = ("/admin/retention/", "/admin/breaches/", "/admin/processing/")


@pytest.fixture
def admin(browse: Browse, make: Make) -> Browse:
    return browse.sign_in(make.admin())


def rows_of(page: Browse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.html)))


def test_the_four_areas_lead_to_one_another(admin: Browse) -> None:
    page = admin.get("/admin/").click("Data protection")
    for name in ("How long things are kept", "Breach log", "Records of processing", "Requests"):
        page = page.click(name)
        assert page.status == 200


@pytest.mark.parametrize("path", PAGES)
def test_they_are_for_admins(browse: Browse, make: Make, path: str) -> None:
    assert browse.get(path, follow=False).status == 302
    assert browse.sign_in(make.account()).get(path).status == 404


class TestRetention:
    def test_a_rule_is_tried_and_then_saved(self, admin: Browse, work: Working, clock: FixedClock) -> None:
        with work() as unit:
            unit.session.add(SignIn(email="a@home.example", next_path="/", asked_at=unit.now, expires_at=unit.now))
        clock.move(timedelta(days=3))
        page = admin.get("/admin/retention/").click("Change Requests to sign in")
        page = page.submit("See what would go", days="2", why="The regulator asked.")
        assert "With 2 days, 1 would go now. The oldest counts from 2 March 2026." in page.text
        page = page.submit("Save this rule", days="3")
        assert "With 3 days, nothing would go now." in page.text
        page = page.submit("Save this rule")
        assert "The rule is saved." in page.text
        assert "instead of 1" in page.text
        page = page.click("Change Requests to sign in")
        assert "Changed by Ada Admin on 5 March 2026: The regulator asked." in page.text
        page = page.submit("Take the service’s own choice again")
        assert "Changed by" not in page.text

    @pytest.mark.parametrize("days", ["0", "31", "", "ten"])
    def test_days_out_of_the_limits_are_refused(self, admin: Browse, days: str) -> None:
        page = admin.get("/admin/retention/sign-ins").submit(days=days, why="So")
        assert page.status == 422
        assert len(page.errors) == 1
        assert page.soup.select("input[name=days]")[0].get("value", "") == days

    def test_what_would_go_and_what_went_are_shown(
        self, app: Flask, admin: Browse, work: Working, clock: FixedClock
    ) -> None:
        assert "Nothing has gone yet." in admin.get("/admin/retention/log").text
        with work() as unit:
            unit.session.add(SignIn(email="a@home.example", next_path="/", asked_at=unit.now, expires_at=unit.now))
        clock.move(timedelta(days=2))
        assert "Requests to sign in 1 1 2 March 2026" in admin.get("/admin/retention/tonight").text
        with app.app_context():
            purge_expired.run()
        assert "1 · Requests to sign in" in admin.get("/admin/retention/log").text

    def test_a_kind_that_there_is_not_is_no_page(self, admin: Browse) -> None:
        assert admin.get("/admin/retention/nonsense").status == 404


class TestTheBreachLog:
    def enter(self, admin: Browse, **more: str) -> Browse:
        noticed = {
            "noticed_at-day": "1",
            "noticed_at-month": "3",
            "noticed_at-year": "2026",
            "noticed_at-time": "9am",
        }
        page = admin.get("/admin/breaches/").click("Enter a breach")
        return page.submit(**noticed, what="=A list went to the wrong address", measures="It was deleted.", **more)

    def test_an_entry_is_made_assessed_and_closed(self, admin: Browse) -> None:
        page = self.enter(admin, people="12")
        assert page.heading == "Breach noticed 1 March 2026"
        assert "48 hours left" in page.text
        assert "4 March 2026 at 9am" in page.text
        assert "breach of personal data to decide about within 72 hours" in page.get("/admin/").text
        page = page.click("Decide").click("=A list went to the wrong address")
        one = page.path
        assert page.submit("Close the entry").errors == ["Say first how great the risk is."]
        page = page.get(one).click("Say how great the risk is, and who was told")
        page = page.submit(risk="unlikely", why_risk="It was deleted unread.")
        assert "Need not be reported" in page.text
        page = page.submit("Close the entry")
        assert "The entry is closed." in page.text
        assert "Change what is known" not in page.text
        assert page.get(f"{one}/edit").submit(people="13").status == 422

    def test_after_seventy_two_hours_it_says_so(self, admin: Browse, clock: FixedClock) -> None:
        path = self.enter(admin).path
        clock.move(timedelta(hours=48))
        assert "0 hours left" in admin.get(path).text
        clock.move(timedelta(seconds=1))
        assert "The 72 hours are over" in admin.get(path).text
        reported = {"reported_at-day": "4", "reported_at-month": "3", "reported_at-year": "2026"}
        page = admin.get(f"{path}/risk").submit(
            risk="risk", why_risk="Names", **reported, **{"reported_at-time": "9am"}
        )
        assert "Reported" in page.text
        assert "Later than 72 hours" not in page.text

    def test_what_is_known_is_changed(self, admin: Browse) -> None:
        page = self.enter(admin).click("Change what is known")
        assert page.soup.select("input[name=noticed_at-time]")[0]["value"] == "09:00"
        page = page.submit(people="3", effects="Unwanted mail")
        assert "Unwanted mail" in page.text

    def test_when_it_was_noticed_is_asked_for(self, admin: Browse) -> None:
        page = admin.get("/admin/breaches/new").submit(what="A list")
        assert (page.status, page.errors) == (422, ["Enter when it was noticed"])

    def test_is_taken_away_and_that_is_noted(self, admin: Browse) -> None:
        self.enter(admin, people="12")
        (row,) = rows_of(admin.get("/admin/breaches/breaches.csv"))
        assert (row["what"], row["people"]) == ("'=A list went to the wrong address", "12")
        assert row["report_by"] == "2026-03-04T09:00:00+00:00"
        assert "Breach log exported" in admin.get("/admin/audit/reads").text


class TestRecordsOfProcessing:
    def test_ready_made_entries_are_added_read_and_printed(self, admin: Browse) -> None:
        page = admin.get("/admin/processing/")
        assert "There are no entries yet." in page.text
        page = page.submit("Add the ready-made entries")
        assert "To be looked at" in page.text
        assert "records of processing to look at again" in page.get("/admin/").text
        page = page.click("Look at them").click("Equality monitoring").submit("Note that it holds")
        assert "Look at it again by 2 March 2027" in page.text
        assert "All ready-made entries are there already." in page.submit("Add the ready-made entries").text
        page = page.click("A page to print and hand out")
        assert "Equality monitoring" in page.text
        assert "under a random key" not in page.text
        rows = rows_of(page.get("/admin/processing/processing.csv"))
        assert any("under a random key" in row["safeguards"] for row in rows)

    def test_an_entry_is_added_changed_and_ended(self, admin: Browse) -> None:
        page = admin.get("/admin/processing/new").submit(
            name="Walks", purpose="To run them", basis="Public task", people="Visitors", data="Names"
        )
        page = page.click("Walks").submit("Save", kept="A year")
        page = page.click("Walks")
        assert page.soup.select("textarea[name=kept]")[0].text.strip() == "A year"
        page = page.submit("Note that it is not done any more")
        assert "Not done any more" in page.text
        assert "Walks" not in page.get("/admin/processing/print").text
        page = page.get("/admin/processing/").click("Walks").submit("Note that it is done again")
        assert "Not done any more" not in page.text

    def test_what_is_missing_is_asked_for(self, admin: Browse) -> None:
        page = admin.get("/admin/processing/new").submit(name="Visits")
        assert (page.status, len(page.errors)) == (422, 4)
        assert admin.get("/admin/processing/999").status == 404
