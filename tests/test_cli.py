"""The ``cop`` command and ``python -m scheduled`` as an operator runs them: processes of their own."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core import secrecy
from cop.core.access import Role
from cop.core.settings import Settings
from cop.models.events import Part
from cop.models.organisations import Organisation
from cop.models.security import Passkey
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working
from tests.support.postgres import copy_of, with_database

COP = [str(Path(sys.executable).with_name("cop"))]
SCHEDULED = [sys.executable, "-m", "scheduled"]
ROOT = Path(__file__).parents[1]

Done = CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def environment(settings: Settings, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "COP_DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "COP_ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
        "BASE_URL": settings.base_url,
    }


@pytest.fixture
def run(app: Flask, environment: dict[str, str]) -> Run:
    """``run("grant", …)`` on this worker's database; a name in capitals changes the environment."""

    def ran(*arguments: object, program: list[str] = COP, **changed: str) -> Done:
        return subprocess.run(  # noqa: S603  our own command
            [*program, *map(str, arguments)],
            cwd=ROOT,
            env=environment | changed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return ran


@pytest.fixture
def empty_database(database_url: str, tmp_path: Path) -> Iterator[str]:
    """A database without a single table."""
    with copy_of(with_database(database_url, "template1"), f"cop_empty_{os.getpid()}_{tmp_path.name[-12:]}") as url:
        yield url


def refused(done: Done) -> str:
    """The one line of a refusal."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    return line


def wrong_usage(done: Done) -> bool:
    return done.returncode == 2 and "Usage:" in done.stderr and not done.stdout


def test_help_names_every_command_and_the_rest_is_wrong_usage(run: Run) -> None:
    said = run("--help")
    assert said.returncode == 0
    for command in ("demo", "serve", "db", "seed", "sign-in-link", "grant", "backup", "restore", "import", "export"):
        assert f"\n  {command} " in said.stdout
    assert wrong_usage(run("no-such-command"))
    assert wrong_usage(run("export", "attendance", "--programme", "x", "--format", "pdf", "--out", "x"))


def test_a_sign_in_link_a_line_each_of_which_works(run: Run, browse: Browse) -> None:
    done = run("sign-in-link", "Amina@council.example", "ben@council.example")
    assert (done.returncode, done.stderr) == (0, "")
    links = done.stdout.splitlines()
    assert all(link.startswith("http://localhost/sign-in/") for link in links)
    assert len(set(links)) == 2
    for link, address in zip(links, ("amina@council.example", "ben@council.example"), strict=True):
        page = browse.another().get(link.removeprefix("http://localhost"))
        assert address in page.text
        assert page.submit().heading == "About you"
    assert "correct format" in refused(run("sign-in-link", "no address"))


def test_takes_second_factors_away_from_somebody_who_lost_them(run: Run, make: Make, work: Working) -> None:
    admin = make.admin()
    with work() as opened:
        opened.session.add(
            Passkey(person_id=admin.id, credential_id=b"1", public_key=b"1", name="Laptop", added_at=opened.now)
        )
    assert run("reset-factors", str(admin.email)).returncode == 0
    assert "no second factor" in refused(run("reset-factors", str(admin.email)))
    assert "Nobody has this address" in refused(run("reset-factors", "nobody@council.example"))
    with work() as opened:
        assert opened.session.scalars(select(Passkey)).all() == []


def test_grants_a_role(run: Run, make: Make, browse: Browse) -> None:
    person = make.account("Hana", "hana@council.example")
    visit = make.visit()
    assert run("grant", "Hana@council.example", "host", "--event", visit.slug).returncode == 0
    assert run("grant", "hana@council.example", "host", "--event", visit.slug).returncode == 0
    assert [grant.role for grant in make.actor(person).grants] == [Role.HOST]
    assert browse.sign_in(person).get(f"/events/{visit.slug}/attendance").status == 200


def test_refuses_a_grant_with_one_line(run: Run) -> None:
    assert "name a programme, event or organisation" in refused(run("grant", "hana@council.example", "host"))
    assert "no-such" in refused(run("grant", "hana@council.example", "host", "--event", "no-such"))
    assert wrong_usage(run("grant", "hana@council.example", "president"))


ORGANISATIONS = "name,kind,region\nStevenage Borough Council,council,East of England\n“Læring” 🙂,council,\n"


def names(reading: Reads) -> list[str]:
    with reading() as read:
        return list(read.session.scalars(select(Organisation.name).order_by(Organisation.id)))


def test_imports_organisations(run: Run, tmp_path: Path, reading: Reads) -> None:
    file = tmp_path / "organisations.csv"
    file.write_text(ORGANISATIONS, encoding="utf-8-sig")
    dry = run("import", "organisations", file, "--dry-run", "--json")
    assert (dry.returncode, dry.stderr) == (0, "")
    rows = [json.loads(line) for line in dry.stdout.splitlines()]
    assert [(row["line"], row["action"], row["subject"]) for row in rows] == [
        (2, "create", "Stevenage Borough Council"),
        (3, "create", "“Læring” 🙂"),
    ]
    assert names(reading) == []
    assert run("import", "organisations", file).returncode == 0
    assert names(reading) == ["Stevenage Borough Council", "“Læring” 🙂"]
    again = run("import", "organisations", "--json", file)
    assert again.returncode == 0
    assert [json.loads(line)["action"] for line in again.stdout.splitlines()] == ["unchanged"] * 2


def test_imports_nothing_of_a_file_with_one_bad_row(run: Run, tmp_path: Path, reading: Reads) -> None:
    file = tmp_path / "organisations.csv"
    file.write_text(f"{ORGANISATIONS}Nowhere,volcano,\n", encoding="utf-8")
    assert "line 4" in refused(run("import", "organisations", file))
    assert "line 4" in refused(run("import", "organisations", "--dry-run", file))
    file.write_bytes("name\nLeeds\nCaf\u00e9\n".encode("latin-1"))
    assert "line 3" in refused(run("import", "organisations", file))
    assert names(reading) == []


def test_imports_people(run: Run, tmp_path: Path, make: Make, browse: Browse) -> None:
    make.organisation("Stevenage Borough Council")
    file = tmp_path / "people.csv"
    file.write_text(
        "email,name,organisation,sector,role_title\n"
        "Amina@council.example,Amina Yusuf,stevenage borough council,councillor,Deputy leader\n",
        encoding="utf-8",
    )
    assert run("import", "people", file).returncode == 0
    again = run("import", "people", "--json", file)
    assert (again.returncode, json.loads(again.stdout)["action"]) == (0, "unchanged")
    page = browse.get(run("sign-in-link", "amina@council.example").stdout.strip().removeprefix("http://localhost"))
    text = page.submit().get("/account/privacy").text
    for known in ("Amina Yusuf", "Stevenage Borough Council", "Councillor", "Deputy leader"):
        assert known in text


HEADER = (
    "programme,event,event_kind,session,session_starts_at,person,name,email,organisation,organisation_kind,"
    "membership,region,newer_member,sector,status,minutes,source,recorded_at"
)


def test_exports_attendance_and_its_codebook(run: Run, tmp_path: Path, make: Make) -> None:
    make.booking(make.account("=Amina()", "amina@council.example"), make.visit(), party_size=2)
    out, folder = tmp_path / "out" / "attendance.csv", tmp_path / "out"
    folder.mkdir()
    export = ("export", "attendance", "--programme", "health-inequalities", "--out", out)
    assert run(*export).returncode == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert (lines[0], len(lines)) == (HEADER, 3)
    rows = list(csv.DictReader(lines))
    assert [(row["name"], row["email"], row["status"]) for row in rows] == [
        ("'=Amina()", "amina@council.example", "booked"),
        ("", "", "booked"),
    ]
    codebook = (folder / "attendance-codebook.csv").read_text(encoding="utf-8")
    assert all(f"\n{column}," in codebook for column in HEADER.split(","))
    assert sorted(path.name for path in folder.iterdir()) == ["attendance-codebook.csv", "attendance.csv"]
    assert run(*export, "--format", "csv", "--pseudonymised").returncode == 0
    assert "amina" not in out.read_text(encoding="utf-8").lower()


def test_refuses_an_export_and_leaves_nothing_behind(run: Run, tmp_path: Path, make: Make) -> None:
    make.programme()
    folder = tmp_path / "out"
    folder.mkdir()
    refused(run("export", "attendance", "--programme", "no-such", "--out", folder / "attendance.csv"))
    assert list(folder.iterdir()) == []
    nowhere = folder / "nowhere" / "attendance.csv"
    assert "nowhere" in refused(run("export", "attendance", "--programme", "health-inequalities", "--out", nowhere))


def test_brings_an_empty_database_up_to_this_version(run: Run, empty_database: str) -> None:
    new = {"DATABASE_URL": empty_database}
    assert "up to date" in refused(run("db", "check", **new))
    assert "cop db upgrade" in refused(run("sign-in-link", "amina@council.example", **new))
    assert [run("db", "upgrade", **new).returncode for _ in range(2)] == [0, 0]
    assert run("db", "check", **new).returncode == 0
    assert run("sign-in-link", "amina@council.example", **new).returncode == 0


def test_says_which_promises_about_places_are_not_kept(run: Run, make: Make, work: Working) -> None:
    make.booking(make.account(), make.visit(capacity=4))
    done = run("db", "verify")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with work() as unit:
        unit.session.execute(update(Part).values(seats_taken=3))
    done = run("db", "verify")
    assert done.returncode == 1
    assert "counts 3 seats, and 1 are claimed" in done.stdout
    assert "not kept: 2" in done.stderr


def test_says_what_will_be_sent_about_an_event(run: Run, make: Make) -> None:
    visit = make.visit(slots=[datetime(2040, 3, 6, 10, tzinfo=UTC)])  # commands have a clock of their own
    make.booking(make.person("Amina Yusuf"), visit)
    done = run("plan", visit.slug, "--names")
    assert done.returncode == 0
    assert "2040-03-03 10:00  1  visit pack\n    Amina Yusuf\n" in done.stdout
    assert "  at most 1  survey invitation (pulse)\n" in done.stdout
    assert refused(run("plan", "nowhere")) == "cop: there is no such record"


def test_writes_a_backup_and_restores_it_into_an_empty_database(
    run: Run, make: Make, empty_database: str, tmp_path: Path
) -> None:
    make.account("Hana", "hana@council.example")
    file, elsewhere = tmp_path / "cop.backup", {"DATABASE_URL": empty_database}
    done = run("backup", file)
    assert (done.returncode, done.stdout) == (0, "")
    assert "· person: 1 rows\n" in done.stderr
    assert "exists already" in refused(run("backup", file))
    assert run("restore", file, **elsewhere).returncode == 0
    assert run("db", "check", **elsewhere).returncode == 0
    assert "--replace" in run("restore", file, **elsewhere).stderr.splitlines()[-1]
    assert run("restore", file, "--replace", **elsewhere).returncode == 0
    file.write_bytes(file.read_bytes()[:1_000])
    assert "is damaged" in refused(run("restore", file, "--replace", **elsewhere))
    assert "No such file" in refused(run("restore", tmp_path / "nowhere"))
    assert wrong_usage(run("restore"))
    assert wrong_usage(run("backup", file, "--nonsense"))


def test_changes_the_encryption_key_and_says_which_key_holds_what(
    run: Run, make: Make, environment: dict[str, str]
) -> None:
    make.person(needs="A ramp")
    newest, oldest = secrecy.new_encryption_key(), environment["COP_ENCRYPTION_KEYS"]
    both = {"COP_ENCRYPTION_KEYS": f"{newest},{oldest}"}
    assert (
        f"{secrecy.fingerprint(oldest)} (only reads): 1 values\n  person.needs: 1"
        in run("keys", "check", **both).stdout
    )
    done = run("keys", "rotate", **both)
    assert (done.returncode, done.stdout) == (
        0,
        f"1 values were encrypted anew under {secrecy.fingerprint(newest)}\n",
    )
    assert f"{secrecy.fingerprint(oldest)} (only reads): 0 values" in run("keys", "check", **both).stdout
    assert run("keys", "check", COP_ENCRYPTION_KEYS=newest).returncode == 0
    assert "no key of these opens 1 values: person.needs" in refused(run("keys", "check"))
    assert wrong_usage(run("keys", "forget"))


def test_loads_the_demo_programme_into_an_empty_database_only(run: Run, make: Make) -> None:
    make.programme()
    done = run("seed", "demo")
    assert done.returncode == 1
    assert "not empty" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [("COP_NONSENSE", "1"), ("SECRET_KEY", "too short"), ("DATABASE_URL", "mysql://localhost/cop")],
)
def test_a_setting_that_is_wrong_stops_it_with_one_line_that_names_it(setting: str, value: str, run: Run) -> None:
    assert setting in refused(run("db", "check", **{setting: value}))


def test_a_database_out_of_reach_is_one_line(run: Run) -> None:
    line = refused(run("sign-in-link", "a@b.example", DATABASE_URL="postgresql://cop:hidden@127.0.0.1:1/cop"))
    assert "database" in line
    assert "hidden" not in line


class TestJobs:
    def test_are_listed_with_what_they_do(self, run: Run) -> None:
        done = run("--list", program=SCHEDULED)
        assert done.returncode == 0
        assert [line.split()[0] for line in done.stdout.splitlines()] == [
            "send_outbox",
            "send_reminders",
            "send_rules",
            "release_announcements",
            "send_visit_packs",
            "miss_visitors",
            "remind_applicants",
            "ask_plans",
            "ask_surveys",
            "close_surveys",
            "count_equality",
            "send_digests",
            "match_offers",
            "count_forum",
            "keep_figures",
            "count_indicators",
            "nudge_questions",
            "count_words",
            "tend_offers",
            "tend_toolkit",
            "check_links",
            "replace_dropouts",
            "run_tasks",
            "read_mailbox",
            "carry_out_successions",
            "remind_requests",
            "purge_expired",
        ]

    def test_run_once_by_name(self, run: Run) -> None:
        done = run("purge_expired", program=SCHEDULED)
        assert (done.returncode, done.stdout) == (0, "")

    def test_refuse_other_names_and_wrong_settings(self, run: Run) -> None:
        assert run("no_such_job", program=SCHEDULED).returncode == 2
        assert "COP_NONSENSE" in refused(run("purge_expired", program=SCHEDULED, COP_NONSENSE="1"))

    def test_say_in_one_line_that_the_database_is_out_of_reach(self, run: Run) -> None:
        done = run("purge_expired", program=SCHEDULED, DATABASE_URL="postgresql://127.0.0.1:1/cop")
        assert done.returncode == 1
        assert all(json.loads(line) for line in done.stderr.splitlines())
