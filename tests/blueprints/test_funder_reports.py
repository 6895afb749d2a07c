"""Reports to funders: made, read, given words, compared and withdrawn; who may, and what they never tell."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select, update

from cop import exporting
from cop.core.access import Role
from cop.models.accounts import Person, RoleGrant, Sector
from cop.models.evidence import FunderReport
from cop.models.service import Observation
from cop.models.tasks import Task
from scheduled import run_tasks
from tests.support import pdf
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.funder_reports import missing_in_pdf, tables_of_content, tables_of_docx, tables_of_html
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

SLUG = "health-inequalities"
INDEX = f"/evaluation/reports/?programme={SLUG}"


@pytest.fixture
def evaluator(make: Make) -> Person:
    person = make.account("Eva Evaluator")
    make.grant(person, Role.EVALUATOR, programme=make.programme())
    return person


@pytest.fixture
def admin(make: Make) -> Person:
    """An admin of the programme alone."""
    person = make.account("Ada Admin")
    make.grant(person, Role.ADMIN, programme=make.programme())
    return person


@pytest.fixture
def evidence(app: Flask, make: Make) -> Evidence:
    return Evidence(app, make)


@pytest.fixture
def came(make: Make, evidence: Evidence) -> Callable[..., None]:
    """``came(7)`` are so many council officers who came to a visit, ``came(2, Sector.RESIDENT)`` two residents."""
    visit = make.visit("A morning at the Healthy Hub", capacity=None)

    def come(people: int, sector: Sector = Sector.COUNCIL_OFFICER) -> None:
        for number in range(people):
            person = make.person(f"{sector} number {number}", organisation=make.organisation(), sector=sector)
            evidence.mark(make.booking(person, visit), visit.parts[0])

    return come


@pytest.fixture
def stored(reading: Reads) -> Callable[[], list[FunderReport]]:
    def reports() -> list[FunderReport]:
        with reading() as read:
            return list(read.session.scalars(select(FunderReport).order_by(FunderReport.id)))

    return reports


def made(browse: Browse, person: Person) -> Browse:
    """The page of a report that this person has just made."""
    page = browse.sign_in(person).get(INDEX)
    return page.submit("Make the report")


def cells(report: FunderReport, section: str, table: str) -> list[list[str]]:
    """The rows of a table of a report, in words."""
    for one in report.content["sections"]:
        for part in one["parts"]:
            if (one["key"], part.get("key")) == (section, table):
                return [[cell["text"] if isinstance(cell, dict) else cell for cell in row] for row in part["rows"]]
    raise AssertionError(f"{section} has no table {table}")


Stored = Callable[[], list[FunderReport]]
Came = Callable[..., None]


class TestMaking:
    def test_is_one_click_away_from_the_evaluation(
        self, browse: Browse, evaluator: Person, came: Came, stored: Stored
    ) -> None:
        came(7)
        page = browse.sign_in(evaluator).get("/evaluation/").click("Reports to funders")
        assert "No report was made yet" in page.text
        page.submit("Make the report")
        assert "The report is made." in page.text
        assert "Figures of 2 March 2026. They do not change afterwards." in page.text
        (report,) = stored()
        assert report.made_by == evaluator.id
        assert browse.path == f"/evaluation/reports/{report.public_id}"
        assert "2 March 2026" in browse.get(INDEX).text

    def test_answers_all_questions(self, browse: Browse, evaluator: Person, stored: Stored) -> None:
        made(browse, evaluator)
        titles = [one["title"] for one in stored()[0].content["sections"]]
        numbered = [title.partition(".")[0] for title in titles if title[0].isdigit()]
        assert numbered == [str(number) for number in range(1, 15)]
        others = [title for title in titles if not title[0].isdigit()]
        assert others == [
            "About this report",
            "Who answered, and who did not",
            "In their own words",
            "Limits of the data",
            "What is not shown, and why",
        ]

    def test_holds_the_figures_of_its_day_for_ever(
        self, browse: Browse, evaluator: Person, came: Came, clock: FixedClock
    ) -> None:
        came(7)
        page = made(browse, evaluator)
        before = [page.html, browse.get(f"{page.path}/report.pdf").response.data]
        path = page.path.removesuffix("/report.pdf")
        came(8)
        clock.move(timedelta(days=3))
        assert rows_of(browse.get(path), "reach-by-kind") == rows_of_html(before[0], "reach-by-kind")
        assert browse.get(f"{path}/report.pdf").response.data == before[1]

    def test_pressed_twice_makes_one(self, browse: Browse, evaluator: Person, stored: Stored) -> None:
        made(browse, evaluator)
        made(browse, evaluator)
        assert len(stored()) == 1

    def test_another_day_makes_another(
        self, browse: Browse, evaluator: Person, stored: Stored, clock: FixedClock
    ) -> None:
        made(browse, evaluator)
        clock.move(timedelta(days=1))
        made(browse, evaluator)
        assert [report.as_of.day for report in stored()] == [2, 3]

    def test_after_a_withdrawal_makes_another(self, browse: Browse, evaluator: Person, stored: Stored) -> None:
        page = made(browse, evaluator)
        page.click("Withdraw this report").submit("Withdraw it", why="A course was missing.")
        made(browse, evaluator)
        assert [report.withdrawn_at is None for report in stored()] == [False, True]

    def test_of_nothing_is_possible(self, browse: Browse, evaluator: Person) -> None:
        page = made(browse, evaluator)
        for sentence in ("No indicator is set up yet.", "Nobody has been invited or has booked yet."):
            assert sentence in page.text

    def test_takes_the_same_number_of_statements_whatever_happened(
        self, browse: Browse, evaluator: Person, came: Came, clock: FixedClock
    ) -> None:
        came(6)
        browse.sign_in(evaluator).get(INDEX)
        with count_queries() as few:
            browse.submit("Make the report", follow=False)
        came(12)
        clock.move(timedelta(days=1))
        browse.get(INDEX)
        with count_queries() as many:
            browse.submit("Make the report", follow=False)
        assert len(many) == len(few)


def rows_of(page: Browse, id_: str) -> list[list[str]]:
    return rows_of_html(page.html, id_)


def rows_of_html(html: str, id_: str) -> list[list[str]]:
    found = BeautifulSoup(html, "html.parser").select(f"div[aria-labelledby={id_}] tbody tr")
    return [[" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")] for row in found]


class TestWhatItHides:
    def test_is_the_same_whoever_makes_it(
        self, browse: Browse, evaluator: Person, admin: Person, came: Came, stored: Stored, clock: FixedClock
    ) -> None:
        came(7)
        came(2, Sector.RESIDENT)
        made(browse, admin)
        clock.move(timedelta(days=1))
        made(browse, evaluator)
        by_admin, by_evaluator = (report.content["sections"][1:] for report in stored())
        assert by_admin == by_evaluator

    def test_shows_no_small_number_nor_one_from_which_it_could_be_told(
        self, browse: Browse, admin: Person, came: Came, stored: Stored
    ) -> None:
        came(12)
        came(6, Sector.HEALTH)
        came(2, Sector.RESIDENT)
        page = made(browse, admin)
        found = {row[0]: row[1:] for row in cells(stored()[0], "sectors", "by-sector")}
        assert set(found["Resident"]) == {"not shown"}
        assert "not shown" in [*found["Health"], *found["Council officer"]]
        assert "others they would tell, may be fewer than 5" in page.text

    def test_says_what_is_hidden_table_by_table(
        self, browse: Browse, admin: Person, came: Came, stored: Stored
    ) -> None:
        came(2)
        made(browse, admin)
        (hidden,) = [one for one in stored()[0].content["sections"] if one["key"] == "hidden"]
        lines = hidden["parts"][0]["lines"]
        assert any(line.startswith("2. Sectors, People by sector: 4 numbers, because fewer than 5") for line in lines)

    def test_names_nobody(self, browse: Browse, admin: Person, came: Came, stored: Stored) -> None:
        came(7)
        made(browse, admin)
        said = str(stored()[0].content)
        assert "number 3" not in said
        assert "Ada Admin" not in said
        assert "council.example" not in said


class TestTheFiles:
    def test_say_what_the_page_says(self, browse: Browse, evaluator: Person, came: Came, stored: Stored) -> None:
        came(7)
        page = made(browse, evaluator)
        wanted, path = tables_of_content(stored()[0].content), page.path
        assert len(wanted) > 5
        assert tables_of_html(page.html) == wanted
        files = {each: browse.get(f"{path}/report.{each}").response for each in ("html", "docx", "pdf")}
        assert tables_of_html(files["html"].data) == wanted
        assert tables_of_docx(files["docx"].data) == wanted
        assert missing_in_pdf(files["pdf"].data, wanted) == []
        for name, file in files.items():
            disposition = f'attachment; filename="report-{SLUG}-2026-03-02.{name}"'
            assert file.headers["Content-Disposition"] == disposition
            assert file.headers["Cache-Control"] == "private, no-store"

    def test_have_no_other_format(self, browse: Browse, evaluator: Person) -> None:
        page = made(browse, evaluator)
        assert browse.get(f"{page.path}/report.exe").status == 404


class TestWords:
    def test_stand_in_the_report_and_its_files(self, browse: Browse, evaluator: Person) -> None:
        page = made(browse, evaluator)
        path = page.path
        page.click("Write an introduction").submit("Save", words="We are glad.\n\nThank you all.")
        browse.click("Write a comment : 1. Reach").submit("Save", words="More came than we hoped.")
        assert "Your words are saved." in browse.text
        for words in ("We are glad.", "Thank you all.", "More came than we hoped."):
            assert words in browse.text
            assert words in pdf.words(browse.another().sign_in(evaluator).get(f"{path}/report.pdf").response.data)

    def test_can_be_taken_away(self, browse: Browse, evaluator: Person) -> None:
        page = made(browse, evaluator)
        page.click("Write an introduction").submit("Save", words="We are glad.")
        page.click("Change the introduction").submit("Save", words="")
        assert "We are glad." not in page.text

    def test_of_somebody_else_are_not_written_over_unseen(
        self, browse: Browse, evaluator: Person, admin: Person, stored: Stored
    ) -> None:
        page = made(browse, evaluator)
        path = f"{page.path}/words/introduction"
        browse.get(path)
        browse.another().sign_in(admin).get(path).submit("Save", words="By the admin.")
        browse.submit("Save", words="By the evaluator.")
        assert browse.status == 422
        assert "Somebody else wrote here meanwhile" in browse.text
        assert "By the admin." in browse.text
        browse.submit("Save")
        assert stored()[0].words == {"introduction": "By the evaluator."}

    def test_are_no_markup(self, browse: Browse, evaluator: Person) -> None:
        page = made(browse, evaluator)
        page.click("Write an introduction").submit("Save", words="<script>alert(1)</script>")
        assert not page.soup.select("main script")
        assert "<script>alert(1)</script>" in page.text

    def test_that_are_too_long_are_refused(self, browse: Browse, evaluator: Person, stored: Stored) -> None:
        page = made(browse, evaluator)
        page.click("Write an introduction").submit("Save", words="a" * 5_001)
        assert browse.errors == ["Use 5000 characters or fewer"]
        assert stored()[0].words == {}

    def test_belong_to_a_section_that_there_is(self, browse: Browse, evaluator: Person) -> None:
        page = made(browse, evaluator)
        for section in ("nothing", "withdrawn"):
            assert browse.get(f"{page.path}/words/{section}").status == 404


class TestWithdrawing:
    def test_says_so_everywhere_and_closes_the_report(self, browse: Browse, evaluator: Person, stored: Stored) -> None:
        page = made(browse, evaluator)
        path = page.path
        page.click("Withdraw this report").submit("Withdraw it", why="Two courses were missing.")
        assert "This report was withdrawn on 2 March 2026. Do not rely on it." in browse.text
        assert "Two courses were missing." in browse.text
        assert "Write a comment" not in browse.text
        assert "Withdrawn" in browse.get(INDEX).text
        assert "Do not rely on it" in pdf.words(browse.get(f"{path}/report.pdf").response.data)
        assert browse.get(f"{path}/words/introduction").status == 404
        browse.get(f"{path}/withdraw").submit("Withdraw it", why="Again.")
        assert browse.status == 422
        assert stored()[0].words == {"withdrawn": "Two courses were missing."}

    def test_needs_a_reason(self, browse: Browse, evaluator: Person, stored: Stored) -> None:
        made(browse, evaluator).click("Withdraw this report").submit("Withdraw it", why=" ")
        assert browse.errors == ["Enter why the report is withdrawn"]
        assert stored()[0].withdrawn_at is None


class TestComparing:
    def test_tells_what_changed_since_the_report_before(
        self, browse: Browse, evaluator: Person, came: Came, clock: FixedClock
    ) -> None:
        came(7)
        page = made(browse, evaluator)
        assert "What changed since" not in page.text
        came(6)
        clock.move(timedelta(days=1))
        page = made(browse, evaluator)
        page.click("What changed since the report of 2 March 2026")
        assert ["Council", "People who came", "7", "13"] in rows_of(page, "reach-by-kind")
        page.click("Read the earlier report")
        assert "Figures of 2 March 2026" in page.text

    def test_leaves_out_what_was_withdrawn(self, browse: Browse, evaluator: Person, clock: FixedClock) -> None:
        made(browse, evaluator).click("Withdraw this report").submit("Withdraw it", why="Wrong.")
        clock.move(timedelta(days=1))
        page = made(browse, evaluator)
        assert "What changed since" not in page.text
        assert browse.get(f"{page.path}/changes").status == 404


class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.FACILITATOR, Role.REVIEWER, Role.HOST, None])
    def test_others_do_not_know_of_it(
        self, browse: Browse, make: Make, evaluator: Person, role: Role | None, stored: Stored
    ) -> None:
        path = made(browse, evaluator).path
        other = make.account("Somebody")
        if role is not None:
            make.grant(other, role, programme=make.programme())
        browse.sign_in(other)
        for page in ("", "/report.pdf", "/words/introduction", "/withdraw", "/changes", "/pack"):
            assert browse.get(f"{path}{page}").status == 404
        assert browse.get(INDEX).status == 404
        assert browse.post(f"/evaluation/reports/make?programme={SLUG}").status == 404
        assert len(stored()) == 1

    def test_an_evaluator_of_another_programme_does_not(
        self, browse: Browse, make: Make, evaluator: Person, stored: Stored
    ) -> None:
        path = made(browse, evaluator).path
        other = make.account("Another")
        make.grant(other, Role.EVALUATOR, programme=make.programme("other"))
        browse.sign_in(other)
        for page in ("", "/report.docx", "/words/introduction", "/withdraw", "/changes", "/pack"):
            assert browse.get(f"{path}{page}").status == 404
        assert browse.post(f"{path}/withdraw", {"why": "Because"}).status == 404
        assert browse.post(f"{path}/words/introduction", {"words": "Mine"}).status == 404
        assert browse.post(f"/evaluation/reports/make?programme={SLUG}").status == 404
        (report,) = stored()
        assert (report.words, report.withdrawn_at) == ({}, None)

    def test_signed_out_leads_to_the_sign_in(self, browse: Browse) -> None:
        assert "/sign-in" in browse.get(INDEX, follow=False).location


class TestThePack:
    @pytest.fixture
    def files(self, app: Flask, browse: Browse, reading: Reads) -> Callable[[Person], dict[str, bytes]]:
        """What the archive holds that this person asks for."""

        def asked(person: Person) -> dict[str, bytes]:
            made(browse, person).click("Evaluation pack").submit("Prepare the pack")
            with app.app_context():
                run_tasks.run()
            browse.get(browse.path)
            assert "Done" in browse.text
            assert f"evaluation-pack-{SLUG}-2026-03-02.zip" in browse.text
            browse.click("Download")
            with zipfile.ZipFile(io.BytesIO(browse.response.data)) as archive:
                return {name: archive.read(name) for name in archive.namelist()}

        return asked

    def test_holds_the_report_and_every_export_with_its_codebook(
        self, files: Callable[[Person], dict[str, bytes]], evaluator: Person, came: Came, stored: Stored
    ) -> None:
        came(7)
        found = files(evaluator)
        exports = [f"exports/{kind}{end}" for kind in exporting.KINDS for end in (".csv", "-codebook.csv")]
        reports = [f"report/{name}" for name in ("style.css", "report.html", "report.docx", "report.pdf")]
        assert sorted(found) == sorted(["README.txt", *reports, *exports])
        wanted = tables_of_content(stored()[0].content)
        assert tables_of_html(found["report/report.html"]) == wanted
        assert tables_of_docx(found["report/report.docx"]) == wanted
        assert missing_in_pdf(found["report/report.pdf"], wanted) == []
        attendance = list(csv.DictReader(io.StringIO(found["exports/attendance.csv"].decode(), newline="")))
        assert len(attendance) == 7
        for name in exports:
            assert name.removesuffix("-codebook.csv").removesuffix(".csv") in found["README.txt"].decode()

    def test_names_nobody_even_to_an_admin(
        self, files: Callable[[Person], dict[str, bytes]], admin: Person, came: Came
    ) -> None:
        came(7)
        found = files(admin)
        attendance = list(csv.DictReader(io.StringIO(found["exports/attendance.csv"].decode(), newline="")))
        assert {(row["name"], row["email"]) for row in attendance} == {("", "")}
        text = b"".join(body for name, body in found.items() if name.startswith(("exports/", "README"))).decode()
        assert "number 3" not in text
        assert "council.example" not in text

    def test_is_noted_as_a_sensitive_read(
        self, files: Callable[[Person], dict[str, bytes]], evaluator: Person, reading: Reads
    ) -> None:
        files(evaluator)
        with reading() as read:
            noted = read.session.scalars(
                select(Observation.person_id).where(Observation.kind == "evaluation pack exported")
            ).all()
        assert noted == [evaluator.id]

    def test_cannot_be_downloaded_without_the_right_any_more(
        self, app: Flask, browse: Browse, make: Make, evaluator: Person, reading: Reads, work: Working
    ) -> None:
        made(browse, evaluator).click("Evaluation pack").submit("Prepare the pack")
        with app.app_context():
            run_tasks.run()
        with work() as unit:
            ended = update(RoleGrant).where(RoleGrant.person_id == evaluator.id)
            unit.session.execute(ended.values(revoked_at=unit.now))
        with reading() as read:
            task = read.session.scalars(select(Task)).one()
        assert browse.get(f"/tasks/{task.public_id}/file").status == 404
