"""The pages of indicators: for staff, who change them, and for evaluators, who see no small numbers."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.evidence import Unit
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.indicators import SLUG, Indicators
from tests.support.make import Make
from tests.support.queries import count_queries

PATH = "/evaluation/indicators/"
TODAY = date(2026, 3, 2)


@pytest.fixture
def indicators(app: Flask, make: Make) -> Indicators:
    return Indicators(app, make)


@pytest.fixture
def eve(make: Make, indicators: Indicators) -> Person:
    person = make.account("Eve Evaluator")
    make.grant(person, Role.EVALUATOR, programme=indicators.programme)
    return person


def cells(page: Browse, code: str) -> list[str]:
    """The words of an indicator's row in the list."""
    row = page.soup.find(id=code)
    assert row is not None
    return [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]


def months(page: Browse) -> list[list[str]]:
    """The table by month of an indicator's page."""
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in page.soup.select("#months ~ .cop-figure tbody tr")
    ]


class TestStaff:
    def test_go_from_nothing_to_a_history(self, browse: Browse, indicators: Indicators) -> None:
        browse.sign_in(indicators.admin).get("/evaluation/").click("Indicators, with baseline and target")
        assert "This programme has no indicators yet. Begin with the ready-made ones" in browse.text
        browse.submit("Add the ready-made indicators")
        assert "indicators are added and counted." in browse.text
        assert cells(browse, "applied") == ["Applications for a course", "1", "–", "0", "–", "–", "2 March 2026"]
        browse.click("Add an indicator")
        assert browse.submit("Add the indicator").errors == [
            "Enter a name",
            "Enter a definition",
            "Enter the source",
        ]
        day = {"baseline_on-day": "1", "baseline_on-month": "9", "baseline_on-year": "2025"}
        words = {
            "name": "Councils with a residents’ panel",
            "definition": "Councils that pay a panel.",
            "source": "Calls",
        }
        browse.submit("Add the indicator", **words, question="7", baseline="3", target="1,2", **day)
        assert "“Councils with a residents’ panel” is added." in browse.text
        assert "No value has been noted yet." in browse.text
        browse.click("Note a value")
        assert browse.submit("Save").errors == ["Enter the value"]
        browse.submit("Save", value="7.5")
        assert browse.errors == ["Enter a whole number, like 12"]
        browse.submit("Save", value="7", note="Two letters are still out.")
        assert months(browse) == [["2 March 2026", "7", "–"]]
        browse.click("Correct the value of 2 March 2026").submit("Save", value="8", note="One answered.")
        assert "The value is corrected." in browse.text
        assert months(browse) == [["2 March 2026", "8", "–"]]
        assert "The line across is the target, 12." in browse.text

    def test_add_what_the_service_counts(self, browse: Browse, indicators: Indicators) -> None:
        browse.sign_in(indicators.admin).get(f"{PATH}add?programme={SLUG}").click("Pledges kept")
        assert "The service counts this one by itself" in browse.text
        browse.submit("Add the indicator", target="60%")
        assert "There is nothing to count from yet." in browse.text
        assert cells(browse.get(PATH), "pledges-kept")[3:6] == ["none yet", "–", "60%"]
        assert browse.get(f"{PATH}add?programme={SLUG}&measure=pledges-kept").status == 404

    def test_change_words_and_target(self, browse: Browse, indicators: Indicators) -> None:
        indicators.add(name="Panels")
        browse.sign_in(indicators.admin).get(f"{PATH}{SLUG}/panels").click("Change its words, baseline or target")
        browse.submit("Save", name="Residents’ panels", target="20", baseline="4")
        assert browse.errors == ["Enter the day on which the baseline was taken"]
        browse.submit("Save", name="Residents’ panels", target="20", baseline="")
        assert "The indicator is saved." in browse.text
        assert cells(browse.get(PATH), "panels")[0] == "Residents’ panels"

    def test_order_retire_and_restore(self, browse: Browse, indicators: Indicators) -> None:
        for name in ("One", "Two"):
            indicators.add(name=name)
        browse.sign_in(indicators.admin).get(f"{PATH}{SLUG}/two").submit("Move up in the list")
        assert indicators.codes() == ["two", "one"]
        browse.get(f"{PATH}{SLUG}/two").submit("Move down in the list")
        browse.get(f"{PATH}{SLUG}/one").submit("Retire this indicator")
        assert "“One” is retired. Its values stay." in browse.text
        assert indicators.codes() == ["two"]
        browse.click("One")
        assert "This indicator was retired on 2 March 2026." in browse.text
        assert "Note a value" not in browse.text
        browse.submit("Show it again")
        assert indicators.codes() == ["one", "two"]

    def test_what_cannot_be_restored_says_why(self, browse: Browse, indicators: Indicators) -> None:
        indicators.add("applied", name="Applied")
        browse.sign_in(indicators.admin).get(f"{PATH}{SLUG}/applied").submit("Retire this indicator")
        indicators.add("applied", name="Applications")
        browse.get(f"{PATH}{SLUG}/applied").submit("Show it again")
        assert "There is an indicator that counts this already." in browse.text
        assert indicators.codes() == ["applications"]

    def test_count_now(self, browse: Browse, indicators: Indicators) -> None:
        indicators.add("applied", name="Applied")
        indicators.counted("applied", 99)
        browse.sign_in(indicators.admin).get(PATH).submit("Count now")
        assert "1 indicator is counted anew." in browse.text
        assert cells(browse, "applied")[3] == "0"

    def test_see_when_a_target_is_reached(self, browse: Browse, indicators: Indicators) -> None:
        indicators.add(name="More", target=10)
        indicators.note("more", 10, on=TODAY)
        indicators.add(name="Fewer", target=10, baseline=40, baseline_on=date(2025, 9, 1))
        indicators.note("fewer", 12, on=TODAY)
        browse.sign_in(indicators.admin).get(PATH)
        assert cells(browse, "more")[5] == "10 Reached"
        assert cells(browse, "fewer")[5] == "10"
        indicators.note("fewer", 9, on=date(2026, 3, 1))
        assert "Reached" not in cells(browse.get(PATH), "fewer")[5]

    def test_a_stale_correction_is_refused(self, browse: Browse, indicators: Indicators, clock: FixedClock) -> None:
        indicators.add(name="Panels")
        indicators.note("panels", 6, on=TODAY)
        path = f"{PATH}{SLUG}/panels/values/{TODAY}"
        other = browse.another().sign_in(indicators.admin).get(path)
        browse.sign_in(indicators.admin).get(path)
        clock.move(timedelta(minutes=1))
        other.submit("Save", value="7")
        assert browse.submit("Save", value="8").status == 422
        assert "Somebody else has corrected this value meanwhile" in browse.text

    def test_long_histories_are_paged(self, browse: Browse, indicators: Indicators) -> None:
        indicators.add(name="Panels")
        for back in range(40):
            indicators.counted("panels", 10 + back, on=TODAY - timedelta(days=back))
        browse.sign_in(indicators.admin).get(f"{PATH}{SLUG}/panels")
        assert len(browse.soup.select("#values ~ div tbody tr")) == 31
        assert months(browse) == [
            ["31 January 2026", "40", "–"],
            ["28 February 2026", "12", "–"],
            ["2 March 2026", "10", "–"],
        ]
        browse.get(f"{PATH}{SLUG}/panels?page=2")
        assert len(browse.soup.select("#values ~ div tbody tr")) == 9

    @pytest.mark.parametrize("day", ["2026-03-01", "2026-02-31", "today", "20260302"])
    def test_a_day_without_a_value_is_none(self, browse: Browse, indicators: Indicators, day: str) -> None:
        indicators.add(name="Panels")
        assert browse.sign_in(indicators.admin).get(f"{PATH}{SLUG}/panels/values/{day}").status == 404

    def test_words_are_words(self, browse: Browse, indicators: Indicators) -> None:
        indicators.add(name="<b>Bold</b>", definition="<script>alert(1)</script>")
        browse.sign_in(indicators.admin).get(f"{PATH}{SLUG}/b-bold-b")
        assert "<script>alert" not in browse.response.text
        assert "<b>Bold" not in browse.response.text


class TestEvaluators:
    def test_see_what_is_not_small(self, browse: Browse, indicators: Indicators, eve: Person) -> None:
        indicators.add(name="Many", baseline=3, baseline_on=date(2025, 9, 1))
        indicators.note("many", 12, on=TODAY, n=40, note="Ask Amina.")
        indicators.add(name="Few")
        indicators.note("few", 4, on=TODAY)
        browse.sign_in(eve).get(PATH)
        assert "fewer than 5 people or organisations" in browse.text
        assert cells(browse, "many")[2:5] == ["not shown", "12", "40"]
        assert cells(browse, "few")[2:5] == ["–", "not shown", "–"]
        browse.click("Many")
        assert "Ask Amina" not in browse.text
        assert months(browse) == [["2 March 2026", "12", "40"]]
        browse.get(f"{PATH}{SLUG}/few")
        assert "What there is may not be shown" in browse.text
        assert "4" not in [cell for row in months(browse) for cell in row]

    def test_change_nothing(self, browse: Browse, indicators: Indicators, eve: Person) -> None:
        indicators.add(name="Panels")
        indicators.note("panels", 12, on=TODAY)
        browse.sign_in(eve).get(PATH)
        assert "Add an indicator" not in browse.text
        assert "Add the ready-made" not in browse.text
        for path in (
            f"add?programme={SLUG}",
            f"{SLUG}/panels/change",
            f"{SLUG}/panels/values/add",
            f"{SLUG}/panels/values/{TODAY}",
        ):
            assert browse.get(PATH + path).status == 404
        for path in ("ready-made", "count"):
            assert browse.post(f"{PATH}{path}?programme={SLUG}").status == 404
        for path in ("retire", "restore", "up", "down"):
            assert browse.post(f"{PATH}{SLUG}/panels/{path}").status == 404

    def test_read_their_programme_only(self, browse: Browse, indicators: Indicators, make: Make) -> None:
        indicators.add(name="Panels")
        stranger = make.account("Elsewhere")
        make.grant(stranger, Role.EVALUATOR, programme=make.programme("another"))
        browse.sign_in(stranger)
        assert "This programme has no indicators yet. Its staff add them." in browse.get(PATH).text
        assert browse.get(f"{PATH}?programme={SLUG}").status == 404
        assert browse.get(f"{PATH}{SLUG}/panels").status == 404
        assert browse.get(f"{PATH}changes?programme={SLUG}").status == 404
        assert browse.get(f"{PATH}another/panels").status == 404

    def test_others_see_nothing(self, browse: Browse, indicators: Indicators, make: Make) -> None:
        indicators.add(name="Panels")
        assert "/sign-in" in browse.get(PATH, follow=False).location
        facilitator = make.account("Femi")
        make.grant(facilitator, Role.FACILITATOR, programme=indicators.programme)
        for person in (make.account("Amina"), facilitator):
            browse.sign_in(person)
            for path in ("", "changes", f"{SLUG}/panels"):
                assert browse.get(PATH + path).status == 404


class TestExport:
    def rows(self, browse: Browse, **query: str) -> list[dict[str, str]]:
        found = browse.get("/evaluation/exports/indicators.csv", programme=SLUG, **query)
        assert found.status == 200
        return list(csv.DictReader(io.StringIO(found.response.text.removeprefix("\ufeff"))))

    def test_a_row_carries_all_that_is_needed_to_read_it(self, browse: Browse, indicators: Indicators) -> None:
        indicators.add(
            name="Panels",
            unit=Unit.PERCENT,
            baseline=20,
            baseline_on=date(2025, 9, 1),
            target=60,
            target_on=date(2027, 1, 1),
        )
        indicators.note("panels", 37.5, on=TODAY, n=40, note="By telephone.")
        [row] = self.rows(browse.sign_in(indicators.admin))
        assert row == {
            "programme": SLUG,
            "indicator": "panels",
            "name": "Panels",
            "definition": "Residents named by a council as having shaped a plan.",
            "unit": "percent",
            "counted": "by hand",
            "question": "7",
            "source": "Monthly calls with councils",
            "baseline": "20",
            "baseline_on": "2025-09-01",
            "target": "60",
            "target_on": "2027-01-01",
            "result": "37.50",
            "n": "40",
            "as_of": "2026-03-02",
            "hidden": "no",
            "note": "By telephone.",
        }

    def test_pseudonymised_without_small_numbers_and_notes(
        self, browse: Browse, indicators: Indicators, eve: Person
    ) -> None:
        indicators.add(name="Few", baseline=2, baseline_on=date(2025, 9, 1))
        indicators.note("few", 3, on=TODAY, note="Amina and two others.")
        indicators.add(name="Many")
        indicators.note("many", 30, on=TODAY, note="Amina and the rest.")
        for rows in (
            self.rows(browse.sign_in(eve)),
            self.rows(browse.sign_in(indicators.admin), pseudonymised="1"),
        ):
            few, many = rows
            assert (few["result"], few["baseline"], few["hidden"], few["as_of"]) == ("", "", "yes", "2026-03-02")
            assert (many["result"], many["hidden"]) == ("30", "no")
            assert "Amina" not in str(rows)

    def test_in_every_format_with_a_codebook(self, browse: Browse, indicators: Indicators) -> None:
        indicators.add(name="Panels")
        indicators.note("panels", 30, on=TODAY)
        browse.sign_in(indicators.admin)
        found = json.loads(browse.get("/evaluation/exports/indicators.json", programme=SLUG).response.data)
        assert [(row["indicator"], row["result"]) for row in found["rows"]] == [("panels", 30)]
        assert {entry["column"] for entry in found["codebook"]} >= {"definition", "result", "n", "as_of"}
        assert browse.get("/evaluation/exports/indicators.xlsx", programme=SLUG).response.data.startswith(b"PK")
        assert "One row" not in browse.get("/evaluation/exports/indicators-codebook.csv", programme=SLUG).response.text
        assert "/evaluation/exports/indicators.csv" in browse.get("/evaluation/").response.text


def test_the_number_of_statements_does_not_grow(browse: Browse, indicators: Indicators) -> None:
    def statements() -> dict[str, int]:
        counts = {}
        for path in (PATH, f"{PATH}{SLUG}/one", f"{PATH}changes"):
            with count_queries() as counted:
                assert browse.get(path).status == 200
            counts[path] = len(counted)
        return counts

    indicators.add(name="One")
    indicators.note("one", 10, on=TODAY)
    browse.sign_in(indicators.admin).get(PATH)
    before = statements()
    for number in range(8):
        indicators.add(name=f"More {number}")
        indicators.note(f"more-{number}", 10, on=TODAY)
        indicators.counted("one", 10, on=TODAY - timedelta(days=30 * number + 1))
    assert statements() == before
