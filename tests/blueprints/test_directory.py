"""The directory in the browser: what everyone sees of members, and what admins do."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.core.access import Role
from cop.models.accounts import Channel, Person, RoleGrant, Sector
from cop.models.cohorts import DecisionOutcome
from cop.models.events import EventKind
from cop.models.offers import OfferState
from cop.models.organisations import Membership, Organisation, OrganisationKind
from cop.models.summits import Answer
from cop.models.surveys import Wave
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.files import close_sent
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

ADMIN_PAGES = (
    "/admin/organisations/",
    "/admin/organisations/new",
    "/admin/organisations/demos",
    "/admin/organisations/import",
    "/admin/people/",
    "/admin/people/new",
    "/admin/people/{0}",
    "/admin/people/{0}/edit",
    "/admin/people/{0}/grants",
    "/admin/people/{0}/grants/1/revoke",
    "/admin/people/import",
)


@pytest.fixture
def admin(browse: Browse, make: Make) -> Browse:
    return browse.sign_in(make.admin())


def count(reading: Reads, table: Any) -> int:
    with reading() as read:
        return read.session.scalar(select(func.count()).select_from(table)) or 0


def a_file(text: str | bytes, name: str = "list.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(text.encode() if isinstance(text, str) else text), name


def joined(day: int, month: int, year: int) -> dict[str, Any]:
    return {"joined_on-day": str(day), "joined_on-month": str(month), "joined_on-year": str(year)}


# Members, for everyone


def test_members_are_listed_with_their_kind_and_place(browse: Browse, make: Make) -> None:
    make.organisation("Brent Council", region="London", joined_on=date(2025, 1, 1))
    make.organisation("Demos", kind=OrganisationKind.PARTNER, membership=Membership.AFFILIATE)
    make.organisation("A clinic", membership=None)
    page = browse.get("/members/").text
    assert "2 members" in page
    assert re.search(r"Brent Council Newer member Council · Full member · London", page)
    assert "Demos Partner organisation · Affiliate" in page
    assert "A clinic" not in page


def test_members_are_searched_and_filtered(browse: Browse, make: Make) -> None:
    make.organisation("Brent Council", region="London")
    make.organisation("Brent Labour Group", kind=OrganisationKind.POLITICAL_GROUP, region="London")
    make.organisation("Oldham Council", region="North West")
    browse.get("/members/").submit("Search", q="bre", kind="council")
    assert "1 member found" in browse.text
    assert browse.soup.select_one("#q").get("value") == "bre"  # type: ignore[union-attr]
    assert "Brent Labour Group" not in browse.text
    assert "Oldham Council" in browse.get("/members/", region="North West").text
    assert "No member fits this search" in browse.get("/members/", q="nobody").text
    assert "3 members" in browse.click("Show all members").text


@pytest.mark.parametrize("query", [{"kind": "castle"}, {"region": "Atlantis"}, {"page": "-1"}, {"q": "x" * 300}])
def test_nonsense_in_the_address_counts_as_not_asked(query: dict[str, Any], browse: Browse, make: Make) -> None:
    make.organisation("Brent Council")
    page = browse.get("/members/", **query)
    assert page.status == 200
    assert "Brent Council" in page.text
    assert not page.soup.select(".govuk-error-message")


def test_the_list_of_members_is_paged_and_keeps_its_filters(browse: Browse, make: Make) -> None:
    for number in range(31):
        make.organisation(f"Council {number:02}", region="Wales")
    browse.get("/members/", region="Wales")
    assert "Council 29" in browse.text
    browse.click("Next page")
    assert "region=Wales" in browse.path
    assert "Council 30" in browse.text
    assert "Council 29" not in browse.text
    browse.click("Previous page")
    assert "Council 00" in browse.text


def test_an_empty_directory_says_so(browse: Browse) -> None:
    assert "No member is in the directory yet" in browse.get("/members/").text


def test_an_organisations_page_shows_facts_and_no_people(browse: Browse, make: Make) -> None:
    brent = make.organisation(
        "Brent Council", slug="brent", region="London", rural=False, joined_on=date(2025, 3, 1), source="A list"
    )
    make.person("Secret Person", organisation=brent)
    page = browse.get("/organisations/brent").text
    for words in ("Brent Council", "Newer member", "Full member", "1 March 2025", "London", "Mostly urban", "A list"):
        assert words in page
    assert "Secret" not in page
    assert "Change" not in page


def test_what_is_not_known_is_called_so(browse: Browse, make: Make) -> None:
    make.organisation("Demos", slug="demos", membership=None)
    page = browse.get("/organisations/demos").text
    assert "Member since Not known" in page
    assert "Not a member" in page
    assert "Newer member" not in page


def test_an_unknown_organisation_is_not_found(browse: Browse) -> None:
    assert browse.get("/organisations/nowhere").status == 404


# Who may


@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_the_directory_is_for_admins_of_everything(page: str, browse: Browse, make: Make) -> None:
    make.organisation("Demos", slug="demos")
    person = make.account("Programme admin")
    make.grant(person, Role.ADMIN, programme=make.programme())
    address = page.format(person.public_id)
    assert browse.get(address, follow=False).location.startswith("/sign-in?next=")
    assert browse.sign_in(person).get(address).status == 404
    assert browse.post(address).status in {404, 405}
    assert browse.another().sign_in(make.admin()).get(address).status == 200


# Organisations


def test_an_organisation_is_added(admin: Browse) -> None:
    admin.get("/admin/organisations/").click("Add an organisation").submit(
        "Save",
        name="Brent Council",
        kind="council",
        membership="full",
        region="London",
        rural="urban",
        domains="brent.gov.uk @brent.org",
        source="A list",
        **joined(29, 2, 2024),
    )
    assert admin.seen == [302, 200]
    assert "Brent Council is in the directory." in admin.text
    assert "Council Full member London 29 February 2024 Newer member" in admin.text
    form = admin.click("Brent Council").soup
    assert form.select_one("#domains").get_text().strip() == "brent.gov.uk brent.org"  # type: ignore[union-attr]
    assert {item["value"] for item in form.select("input[checked]")} == {"council", "full", "urban"}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, "Enter the name of the organisation"),
        ({"name": "Demos"}, "There is already an organisation of this name."),
        ({"name": "x" * 201}, "Use 200 characters or fewer"),
        ({"domains": "nodot"}, "“nodot” is not an e-mail domain: write it like example.gov.uk"),
        (joined(31, 2, 2024), "must be a real date"),
        (joined(3, 3, 2026), "must be today or in the past"),
    ],
)
def test_a_faulty_organisation_is_refused_and_nothing_is_saved(
    fields: dict[str, Any], error: str, admin: Browse, make: Make, reading: Reads
) -> None:
    make.organisation("Demos")
    admin.get("/admin/organisations/new")
    admin.submit("Save", **{"name": "Brent", "kind": "council", "source": "A list", **fields})
    assert admin.status == 422
    assert len(admin.errors) == 1
    assert error in admin.errors[0]
    assert admin.soup.select_one("#source").get("value") == "A list"  # type: ignore[union-attr]
    assert admin.soup.title is not None
    assert admin.soup.title.get_text().startswith("Error: ")
    assert count(reading, Organisation) == 1


def test_a_forged_choice_is_refused(admin: Browse, reading: Reads) -> None:
    for forged in ({"kind": "castle"}, {"membership": "gold"}, {"region": "Atlantis"}, {"rural": "maybe"}):
        admin.post("/admin/organisations/new", {"name": "Brent", "kind": "council", "rural": "", **forged})
        assert admin.status == 422
    assert count(reading, Organisation) == 0


def test_an_organisation_is_changed(admin: Browse, make: Make) -> None:
    brent = make.organisation("Brent", slug="brent", region="London", joined_on=date(2020, 5, 4), domains=["a.org"])
    make.person("Jo Smith", organisation=brent)
    admin.get("/admin/organisations/brent")
    assert "1 person belongs to it" in admin.text
    admin.submit("Save", name="Brent Council", domains="")
    assert "Brent Council is saved." in admin.text
    assert "Brent Council Council Full member London 4 May 2020" in admin.text
    assert "Jo Smith" in admin.get("/admin/organisations/brent").click("1 person belongs to it").text


def test_a_forged_post_is_refused(admin: Browse, reading: Reads) -> None:
    assert admin.post("/admin/organisations/new", {"name": "A", "kind": "other"}, csrf=False).status == 403
    assert count(reading, Organisation) == 0


# Importing


def test_a_list_is_shown_first_and_imported_when_confirmed(admin: Browse, make: Make, reading: Reads) -> None:
    make.organisation("Demos", kind=OrganisationKind.PARTNER)
    make.organisation("Oldham")
    admin.get("/admin/organisations/").click("Import a list")
    admin.submit(
        "See what it would do",
        file=a_file('\ufeffname,kind,region\n"Brent ""B"" <i>",council,\nDemos,,London\nOldham,council,\n'),
    )
    assert admin.status == 200
    assert "Create 1 Update 1 Leave as they are 1 Refuse 0" in admin.text
    assert "3 Update Demos Changes region" in admin.text
    assert count(reading, Organisation) == 2
    admin.submit("Import 2 rows")
    assert admin.seen == [302, 200]
    assert "2 rows were imported." in admin.text
    assert 'Brent "B" <i>' in admin.text


def test_a_list_with_refused_rows_cannot_be_confirmed(admin: Browse, reading: Reads) -> None:
    admin.get("/admin/organisations/import")
    admin.submit("See what it would do", file=a_file("name,kind\nBrent,council\nOldham,castle\n"))
    assert admin.status == 422
    assert "1 row cannot be imported" in admin.text
    assert "3 Refuse Oldham “castle” is none of" in admin.text
    assert not admin.soup.select("input[name=content]")
    admin.post("/admin/organisations/import", {"content": "name,kind\nBrent,council\nOldham,castle\n"})
    assert admin.status == 422
    assert "line 3" in admin.errors[0]
    assert count(reading, Organisation) == 0


def test_a_list_that_changes_nothing_says_so(admin: Browse, make: Make) -> None:
    make.organisation("Demos")
    admin.get("/admin/organisations/import").submit("See what it would do", file=a_file("name\nDEMOS\n"))
    assert "There is nothing to import" in admin.text
    assert not admin.soup.select("input[name=content]")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "Choose a file"),
        (b"name\n", "The file holds no rows"),
        (b"name,colour\nA,red\n", "Line 1: unknown column “colour”; known are code, domains,"),
        (b"name\nA\0\n", "Line 2: the line holds a NUL byte"),
        (b"name\n\xff\n", "Line 2: the file is not UTF-8; save it as “CSV UTF-8”"),
        (b"name\n" + b"x" * 5_100_000, "The file is larger than 5 MB"),
    ],
    ids=["nothing", "no rows", "column", "NUL", "encoding", "large"],
)
def test_a_file_that_is_no_table_is_refused(data: bytes, error: str, admin: Browse, reading: Reads) -> None:
    admin.get("/admin/organisations/import")
    fields: dict[str, Any] = {"file": a_file(data)} if data else {}
    close_sent(admin.submit("See what it would do", **fields))
    assert admin.status == 422
    assert len(admin.errors) == 1
    assert admin.errors[0].startswith(error)
    assert count(reading, Organisation) == 0


def test_a_file_of_almost_a_megabyte_survives_the_way_through_the_page(admin: Browse, reading: Reads) -> None:
    table = "name,kind\n" + "".join(f"Council {number:04} {'x' * 150},council\n" for number in range(5_000))
    close_sent(admin.get("/admin/organisations/import").submit("See what it would do", file=a_file(table)))
    assert "And 4800 more." in admin.text
    close_sent(admin.submit("Import 5000 rows", follow=False))
    assert "5000 rows were imported." in admin.get(admin.location).text
    assert count(reading, Organisation) == 5_000


def test_people_are_imported_too(admin: Browse, make: Make) -> None:
    make.organisation("Demos")
    admin.get("/admin/people/").click("Import a list")
    admin.submit("See what it would do", file=a_file("email,name,organisation\njo@demo.example,Jo Smith,demos\n"))
    assert "2 Create jo@demo.example New" in admin.text
    admin.submit("Import 1 row")
    assert "1 row was imported." in admin.text
    assert "Jo Smith jo@demo.example Demos" in admin.text


# People


def test_a_person_is_added_without_email(admin: Browse, make: Make) -> None:
    make.organisation("Brent Council")
    admin.get("/admin/people/").click("Add a person")
    admin.submit(
        "Save",
        name="Amina Yusuf",
        phone="020 7946 0000",
        prefers="phone",
        organisation="brent council",
        sector="resident",
    )
    assert "Amina Yusuf is in the directory." in admin.text
    for words in ("E-mail address None", "By phone", "Brent Council", "Resident", "Signed in first Never"):
        assert words in admin.text
    assert not admin.soup.find("a", string="Give a role")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, "Enter a full name"),
        ({"email": "jo"}, "Enter an e-mail address in the correct format, like name@example.org"),
        ({"email": "taken@demo.example"}, "This address belongs to Taken"),
        ({"email": ""}, "Enter an e-mail address, or choose another way to reach this person"),
        ({"prefers": "phone"}, "Enter a phone number, or choose another way to reach this person"),
        ({"organisation": "Brent"}, "There is no organisation “Brent”. Did you mean: Brent Council?"),
        ({"role_title": "x" * 201}, "Use 200 characters or fewer"),
    ],
)
def test_a_faulty_person_is_refused_and_nothing_is_saved(
    fields: dict[str, Any], error: str, admin: Browse, make: Make, reading: Reads
) -> None:
    make.organisation("Brent Council")
    make.person("Taken", "taken@demo.example")
    before = count(reading, Person)
    admin.get("/admin/people/new")
    admin.submit("Save", **{"name": "Jo", "email": "jo@demo.example", "prefers": "email", **fields})
    assert admin.status == 422
    assert admin.errors == [error]
    assert count(reading, Person) == before


def test_names_of_every_script_are_kept(admin: Browse) -> None:
    admin.get("/admin/people/new").submit("Save", name="أمينة 🌱 <b>", prefers="post")
    assert admin.heading == "أمينة 🌱 <b>"


def test_a_person_is_changed(admin: Browse, make: Make) -> None:
    person = make.person(
        "Jo", "jo@demo.example", organisation=make.organisation("Demos"), sector=Sector.HEALTH, prefers=Channel.EMAIL
    )
    admin.get(f"/admin/people/{person.public_id}").click("Change")
    admin.submit("Save", name="Jo Smith", email="jo.smith@demo.example", role_title="Nurse")
    assert "Jo Smith is saved." in admin.text
    for words in ("jo.smith@demo.example", "Demos", "Health", "Nurse"):
        assert words in admin.text


def test_a_proved_address_is_not_offered_for_change(admin: Browse, make: Make) -> None:
    person = make.account("Jo", "jo@demo.example")
    admin.get(f"/admin/people/{person.public_id}/edit")
    assert "It changes when they confirm a new one" in admin.text
    assert not admin.soup.select("#email")
    admin.submit("Save", name="Jo Smith")
    assert "jo@demo.example" in admin.text


def test_a_persons_page_tells_their_story_and_not_their_needs(admin: Browse, make: Make) -> None:
    visit = make.visit("Morning at the hub")
    person = make.account("Jo", "jo@demo.example", organisation=make.organisation("Demos"), needs="A quiet space")
    make.booking(person, visit, party_size=2)
    admin.get(f"/admin/people/{person.public_id}")
    for words in ("Morning at the hub", "2 people", "Booking confirmed", "Waiting to be sent", "Demos"):
        assert words in admin.text
    assert "quiet" not in admin.html


def test_a_persons_page_is_one_record_of_the_whole_chain(
    admin: Browse, app: Flask, make: Make, clock: FixedClock
) -> None:
    evidence, person = Evidence(app, make), make.account("Jo")
    visit, course = make.visit("A morning"), evidence.course("Change makers")
    held = make.booking(person, visit)
    clock.move(timedelta(days=1))
    evidence.invitation(person, evidence.event(EventKind.SUMMIT, "The summit"), Answer.TENTATIVE)
    clock.move(timedelta(days=1))
    application = evidence.application(person, course, answers={"why": "My secret reason"})
    evidence.decision(application, make.admin("Boss"), DecisionOutcome.OFFER)
    clock.move(timedelta(days=1))
    evidence.offer(application, OfferState.ACCEPTED)
    for part in course.parts:
        evidence.mark(evidence.booking_of(person, course), part)
    evidence.mark(held, visit.parts[0])
    clock.move(timedelta(days=20))
    evidence.ask(person, course, {"why": "My secret answer"}, wave=Wave.END)
    clock.move(timedelta(days=1))
    evidence.ask(person, visit)
    evidence.post(evidence.topic(evidence.space(), person), person, deleted_at=clock.now())

    def record() -> list[str]:
        admin.get(f"/admin/people/{person.public_id}")
        return [" ".join(step.get_text(" ").split()) for step in admin.soup.select("ol.cop-timeline li")]

    assert record() == [
        "26 March 2026 Asked: A morning · Just after · no answer yet",
        "25 March 2026 Asked: Change makers · At the end · answered",
        "10 March 2026 Completed Change makers",
        "5 March 2026 Booked: Change makers · came to 2 of 2",
        "5 March 2026 Offered a place: Change makers · accepted",
        "4 March 2026 Applied: Change makers",
        "3 March 2026 Invited: The summit · said maybe",
        "2 March 2026 Booked: A morning · came",
    ]
    assert "1 post in the practice forum" in admin.text
    assert "secret" not in admin.html
    evidence.release(course)
    assert "4 March 2026 Applied: Change makers · offered a place" in record()


def test_a_role_is_given_and_ended(admin: Browse, make: Make, reading: Reads) -> None:
    make.programme(name="Health for all")
    person = make.account("Jo")
    admin.get(f"/admin/people/{person.public_id}").click("Give a role")
    admin.submit("Give the role", role="facilitator", programme_slug="health-inequalities")
    assert "Jo holds the new role from now on." in admin.text
    assert "Facilitator Health for all" in admin.text
    admin.click("End this role")
    assert admin.heading == "End this role of Jo?"
    assert count(reading, RoleGrant) == 2
    admin.submit("End the role")
    assert "Jo no longer holds the role." in admin.text
    assert make.actor(person).grants == ()


def test_a_role_without_sense_is_refused(admin: Browse, make: Make, reading: Reads) -> None:
    person = make.account("Jo")
    before = count(reading, RoleGrant)
    admin.get(f"/admin/people/{person.public_id}/grants")
    admin.submit("Give the role", role="host")
    assert admin.status == 422
    assert admin.errors == ["Only an admin may act everywhere: name a programme, event or organisation"]
    admin.submit("Give the role", role="host", event_slug="nowhere")
    assert admin.errors == ["There is no event “nowhere”"]
    admin.post(f"/admin/people/{person.public_id}/grants", {"role": "emperor"})
    assert admin.status == 422
    assert count(reading, RoleGrant) == before


def test_anothers_role_is_not_found_and_the_last_admin_stays(browse: Browse, make: Make) -> None:
    me, other = make.account("Me"), make.account("Jo")
    own = make.grant(me, Role.ADMIN)
    browse.sign_in(me)
    assert browse.get(f"/admin/people/{other.public_id}/grants/{own.id}/revoke").status == 404
    assert browse.get(f"/admin/people/{other.public_id}/grants/{10**30}/revoke").status == 404
    browse.get(f"/admin/people/{me.public_id}/grants/{own.id}/revoke").submit("End the role")
    assert browse.status == 422
    assert browse.errors == ["This is the last admin: grant the role to somebody else first"]


def test_people_are_searched(admin: Browse, make: Make) -> None:
    make.person("Jo Smith", "jo.smith@demo.example")
    make.person("Ali", "ali@demo.example")
    admin.get("/admin/people/").submit("Search", q="jo.smith@")
    assert "Jo Smith" in admin.text
    assert "ali@" not in admin.text
    assert "Nobody fits this search" in admin.get("/admin/people/", q="zzz").text
    assert admin.get("/admin/people/", organisation="nowhere").status == 404


# Pages read a constant number of statements


def organisations(make: Make) -> None:
    make.organisation(joined_on=date(2025, 1, 1), domains=[f"{make.person().public_id}.example"])


def people(make: Make) -> None:
    make.person(organisation=make.organisation(), sector=Sector.HEALTH)


@pytest.mark.parametrize(
    ("address", "add", "most"),
    [
        ("/members/", organisations, 3),
        ("/admin/organisations/", organisations, 3),
        ("/admin/people/", people, 2),
    ],
)
def test_lists_read_the_same_number_of_statements_however_long(
    address: str, add: Callable[[Make], None], most: int, browse: Browse, make: Make
) -> None:
    if address.startswith("/admin/"):
        browse.sign_in(make.admin())
    counted = []
    for more in (1, 2):
        for _ in range(more):
            add(make)
        with count_queries() as statements:
            assert browse.get(address).status == 200
        counted.append(len(statements))
    assert counted[0] == counted[1] <= most


def test_a_persons_page_reads_the_same_number_of_statements_however_full(admin: Browse, make: Make) -> None:
    person = make.account("Jo")
    counted = []
    for _ in range(2):
        with count_queries() as statements:
            assert admin.get(f"/admin/people/{person.public_id}").status == 200
        counted.append(len(statements))
        for title in ("One", "Two"):
            visit = make.visit(title)
            make.booking(person, visit)
            make.grant(person, Role.HOST, event=visit)
    assert counted[0] == counted[1] <= 14
