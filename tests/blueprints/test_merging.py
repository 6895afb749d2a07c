"""Doubles and successions in the browser of an admin, and where old addresses lead."""

import io
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Affiliation
from cop.models.organisations import Organisation, OrganisationSuccession
from cop.services.events import booking as bookings
from cop.services.events.arrangements import save_arrangements
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging
from tests.support.queries import count_queries
from tests.support.waiting import Line

PAGES = (
    "/admin/duplicates/",
    "/admin/merges/",
    "/admin/merges/1/undo",
    "/admin/people/{kept}/merge",
    "/admin/people/{kept}/merge/{gone}",
    "/admin/people/{kept}/address",
    "/admin/organisations/one/merge",
    "/admin/organisations/one/merge/two",
    "/admin/organisations/one/succession",
    "/admin/organisations/one/succession/take-back",
)


@pytest.fixture
def merges(app: Flask) -> Merging:
    return Merging(app)


@pytest.fixture
def admin(browse: Browse, make: Make) -> Browse:
    return browse.sign_in(make.admin())


def fresh(reading: Reads, row: Any) -> Any:
    with reading() as read:
        return read.session.get_one(type(row), row.id)


@pytest.mark.parametrize("page", PAGES)
def test_all_of_it_is_for_admins_of_everything(page: str, browse: Browse, make: Make, merges: Merging) -> None:
    kept, gone = make.account("Amina"), make.person("Amina")
    make.organisation("One", slug="one")
    make.organisation("Two", slug="two")
    merges.people(make.person("A"), make.person("B"))
    address = page.format(kept=kept.public_id, gone=gone.public_id)
    assert browse.get(address, follow=False).location.startswith("/sign-in?next=")
    person = make.account("Programme admin")
    make.grant(person, Role.ADMIN, programme=make.programme())
    browse.sign_in(person)
    assert browse.get(address).status == 404


# People


def test_two_records_are_looked_at_and_merged_and_taken_apart(
    admin: Browse, make: Make, reading: Reads, merges: Merging
) -> None:
    brent = make.organisation("Brent Council")
    kept = make.account("Amina Yusuf", "amina@brent.example", organisation=brent)
    gone = make.person("Amina Yusuf", "a.yusuf@home.example", organisation=brent, phone="01632 960 001")
    visit = make.visit("The hub")
    make.booking(kept, visit)
    make.booking(gone, visit)
    before = merges.rows("observation", "entry", "account")
    admin.get("/admin/people/").click("Possible doubles")
    assert "Same name in one organisation" in admin.text
    admin.click("Look at both")
    assert admin.heading == "Is this one person?"
    assert "Both have booked “The hub”" in admin.text
    assert "The address amina@brent.example stays" in admin.text
    admin.submit("Merge the two")
    assert "The two records are one now" in admin.soup.get_text()
    assert admin.heading == "Amina Yusuf"
    assert "01632 960 001" in admin.text
    assert fresh(reading, gone).merged_into == kept.id
    assert "No two people look alike" in admin.get("/admin/duplicates/").text
    assert "a.yusuf@home.example" not in admin.get("/admin/people/").text
    admin.get(f"/admin/people/{kept.public_id}").click("Undo")
    admin.submit("Take them apart")
    assert "The two records are apart again" in admin.soup.get_text()
    assert merges.rows("observation", "entry", "account") == before
    assert fresh(reading, gone).merged_into is None
    assert "This was undone" in admin.get("/admin/merges/1/undo").text


def test_the_staff_page_of_a_double_leads_to_the_record_that_is_kept(
    admin: Browse, make: Make, merges: Merging
) -> None:
    kept, gone = make.person("Amina Kept"), make.person("Amina Gone")
    merges.people(kept, gone)
    admin.get(f"/admin/people/{gone.public_id}")
    assert (admin.seen, admin.heading) == ([301, 200], "Amina Kept")
    for page in ("edit", "merge", "grants"):
        assert admin.get(f"/admin/people/{gone.public_id}/{page}").status == 404


def test_the_fields_that_differ_are_asked_for_and_kept_when_refused(admin: Browse, make: Make, reading: Reads) -> None:
    kept, gone = make.person("Amina", timezone="Europe/Paris"), make.person("A Yusuf", needs="Large print")
    page = f"/admin/people/{kept.public_id}/merge/{gone.public_id}"
    admin.get(page)
    make.booking(gone, make.visit())  # somebody books meanwhile
    admin.submit("Merge the two", name="gone", timezone="gone")
    assert admin.status == 422
    assert admin.errors[0].startswith("One of the two records has been changed since")
    chosen = admin.soup.select("input[type=radio][checked]")
    assert {(item["name"], item["value"]) for item in chosen} >= {("name", "gone"), ("timezone", "gone")}
    assert "Large print" not in admin.text
    admin.submit("Merge the two")  # as it stands by now
    now = fresh(reading, kept)
    assert (now.name, now.timezone, now.needs) == ("A Yusuf", "Europe/London", "Large print")


def test_what_a_person_has_to_decide_first_is_said_and_there_is_no_button(
    admin: Browse, make: Make, work: Working
) -> None:
    kept, gone, visit = make.person("Amina"), make.person("Amina"), make.visit("The hub")
    booked = [make.booking(person, visit) for person in (kept, gone)]
    with work() as opened:
        for booking in booked:
            save_arrangements(opened, booking_id=booking.id, access="A ramp")
    admin.get(f"/admin/people/{kept.public_id}/merge/{gone.public_id}")
    assert "Cancel one of the bookings first" in admin.text
    assert "A ramp" not in admin.text
    assert not admin.soup.select("main form")
    admin.post(f"/admin/people/{kept.public_id}/merge/{gone.public_id}", {"seen": "x"})
    assert admin.status == 422


def test_a_booking_and_a_place_on_its_waiting_list_are_said_to_become_one(
    app: Flask, admin: Browse, make: Make, work: Working
) -> None:
    kept, gone, holder = make.account("Amina"), make.account("A. Yusuf"), make.account("Holder")
    visit = make.visit("The hub", capacity=1)
    held = make.booking(holder, visit)
    make.booking(kept, visit, 1)
    Line(app, make, visit).join(gone)
    page = f"/admin/people/{kept.public_id}/merge/{gone.public_id}"
    assert "The booking stays, and the place on the waiting list is given up." in admin.get(page).text
    with work(make.actor(holder)) as unit:
        bookings.cancel(unit, public_id=held.public_id)
    assert "the other has an open offer from its waiting list. It is answered first." in admin.get(page).text
    assert not admin.soup.select("main form button")


def test_the_slower_of_two_admins_is_told(admin: Browse, make: Make, merges: Merging) -> None:
    kept, gone = make.person("Amina"), make.person("A Yusuf")
    admin.get(f"/admin/people/{kept.public_id}/merge/{gone.public_id}")
    merges.people(kept, gone)
    admin.submit("Merge the two")
    assert "One of the two records has been merged already" in admin.soup.get_text()
    assert admin.heading == "Amina"


def test_a_double_is_searched_for(admin: Browse, make: Make) -> None:
    kept = make.person("Amina Yusuf")
    make.person("Amy Yusuf")
    admin.get(f"/admin/people/{kept.public_id}").click("Merge a double into this record")
    admin.submit("Search", q="yusuf")
    assert "Amy Yusuf" in admin.text
    assert not [link for link in admin.soup.select("main ul a") if link.get_text() == "Amina Yusuf"]
    admin.click("Amy Yusuf")
    assert admin.heading == "Is this one person?"
    assert "Nobody else fits" in admin.get(f"/admin/people/{kept.public_id}/merge", q="zebra").text


def test_an_undo_that_is_contradicted_says_why(admin: Browse, make: Make, merges: Merging) -> None:
    merge = merges.people(make.person("Amina", "a@brent.example"), make.person("Amina", "b@home.example"))
    make.person("Ben", "b@home.example")
    admin.get(f"/admin/merges/{merge.id}/undo").submit("Take them apart")
    assert admin.status == 422
    assert admin.errors == ["b@home.example belongs to Ben by now, so the merge cannot be undone"]


# Suggestions


def test_people_are_suggested_by_name_phone_and_address(admin: Browse, make: Make) -> None:
    brent, oldham = make.organisation("Brent"), make.organisation("Oldham")
    make.person("Amina Yusuf", organisation=brent)
    make.person("amina  yusuf", organisation=brent)
    make.person("Amina Yusuf", organisation=oldham)  # a namesake elsewhere
    make.person("Ben Okri", phone="01632 960 002")
    make.person("B Okri", phone="+44 1632 960002")
    make.person("Chi Obi", None)
    make.person("C", "chi.obi@brent.example")
    text = admin.get("/admin/duplicates/").text
    assert text.count("Same name in one organisation") == 1
    assert text.count("Same phone number") == 1
    assert text.count("The name of one is the address of the other") == 1


def test_names_without_letters_and_people_without_phones_are_no_doubles(admin: Browse, make: Make) -> None:
    brent = make.organisation("Brent")
    for name in ("–", "…", "نور", "ليلى"):
        make.person(name, None, organisation=brent, phone="")
    assert "No two people look alike" in admin.get("/admin/duplicates/").text


def test_whoever_has_signed_in_is_proposed_to_be_kept(admin: Browse, make: Make) -> None:
    brent = make.organisation("Brent")
    make.person("Amina Yusuf", "older@home.example", organisation=brent)
    signed_in = make.account("Amina Yusuf", "newer@brent.example", organisation=brent)
    admin.get("/admin/duplicates/").click("Look at both")
    assert admin.path.startswith(f"/admin/people/{signed_in.public_id}/merge/")


def test_suggestions_are_paged_in_the_same_number_of_statements(admin: Browse, make: Make) -> None:
    def statements() -> int:
        with count_queries() as sent:
            admin.get("/admin/duplicates/")
        return len(sent)

    counts = []
    for number in range(3):
        for _ in range(2):
            make.person(f"Person {number}", phone=f"0163296000{number}")
        make.organisation(f"Council of {'ABC'[number]}shire")
        make.organisation(f"{'ABC'[number]}shire County Council")
        counts.append(statements())
    assert len(set(counts)) == 1
    for number in range(20):
        for _ in range(2):
            make.person(f"Other {number:02}", phone=f"01632961{number:03}")
    admin.get("/admin/duplicates/")
    assert len(admin.soup.select("section table, main table")[0].select("tbody tr")) == 20
    admin.click("Next page")
    assert len(admin.soup.select("main table")[0].select("tbody tr")) == 3


def test_the_list_of_merges_is_read_in_the_same_number_of_statements(
    admin: Browse, make: Make, merges: Merging
) -> None:
    assert "Nothing has been merged yet" in admin.get("/admin/merges/").text
    counts = []
    for _ in range(3):
        merges.people(make.person("Kept"), make.person("Gone"))
        with count_queries() as sent:
            admin.get("/admin/merges/")
        counts.append(len(sent))
    assert len(set(counts)) == 1
    assert admin.text.count("Gone") >= 3


# Organisations


def test_two_organisations_are_merged_and_the_old_address_leads_on(admin: Browse, make: Make, reading: Reads) -> None:
    make.organisation("Oldham Council", slug="oldham", domains=["oldham.example"])
    make.organisation(
        "Oldham Borough Council", slug="oldham-borough", domains=["oldhambc.example"], region="North West"
    )
    admin.get("/admin/duplicates/")
    assert "Same words in the name" in admin.text
    admin.click("Look at both")
    admin.get("/admin/organisations/oldham/merge/oldham-borough")
    admin.submit("Merge the two", name="kept")
    assert "The two organisations are one now" in admin.soup.get_text()
    assert "oldham.example oldhambc.example" in admin.html
    page = admin.another().get("/organisations/oldham-borough")
    assert (page.seen, page.path, page.heading) == ([301, 200], "/organisations/oldham", "Oldham Council")
    assert "North West" in page.text
    assert "1 member" in page.get("/members/").text
    admin.get("/admin/organisations/oldham-borough")
    assert admin.path == "/admin/organisations/oldham"
    admin.click("Undo")
    admin.submit("Take them apart")
    assert page.get("/organisations/oldham-borough").heading == "Oldham Borough Council"


def test_what_a_double_was_called_still_counts_in_lists(
    admin: Browse, make: Make, merges: Merging, reading: Reads
) -> None:
    kept, gone = make.organisation("Oldham Council", slug="oldham"), make.organisation("Oldham MBC", slug="oldham-mbc")
    merges.organisations(kept, gone)
    file = (io.BytesIO(b"name,kind,region,code\nOldham MBC,council,North West,E08000004\n"), "list.csv")
    admin.get("/admin/organisations/import").submit("See what it would do", file=file)
    admin.submit("Import 1 row")
    with reading() as read:
        rows = read.session.scalars(select(Organisation).order_by(Organisation.id)).all()
    assert [(row.name, row.region, row.code) for row in rows] == [
        ("Oldham Council", "North West", "E08000004"),
        ("Oldham MBC", None, None),
    ]
    file = (io.BytesIO(b"email,organisation\namina@oldham.example,oldham-mbc\n"), "list.csv")
    admin.get("/admin/people/import").submit("See what it would do", file=file)
    admin.submit("Import 1 row")
    with reading() as read:
        assert read.session.scalars(select(Affiliation.organisation_id)).all() == [kept.id]


# Succession


def day(on: date) -> dict[str, str]:
    return {"on_date-day": str(on.day), "on_date-month": str(on.month), "on_date-year": str(on.year)}


def test_a_succession_is_looked_at_recorded_and_shown(admin: Browse, make: Make, reading: Reads) -> None:
    harrogate = make.organisation("Harrogate Council", slug="harrogate", domains=["harrogate.example"])
    make.organisation("North Yorkshire Council", slug="north-yorkshire")
    amina = make.person("Amina", organisation=harrogate)
    admin.get("/admin/organisations/harrogate").click("Others take over from it")
    admin.submit("See what it would do", successors="North York", **day(date(2026, 3, 1)))
    assert admin.status == 422
    assert "Did you mean: North Yorkshire Council" in admin.errors[0]
    admin.submit("See what it would do", successors="North Yorkshire Council")
    assert "1 person goes along to North Yorkshire Council" in admin.text
    assert "1 e-mail domain goes along" in admin.text
    with reading() as read:
        assert read.session.scalars(select(OrganisationSuccession)).all() == []
    admin.submit("Record it")
    assert "It is recorded" in admin.soup.get_text()
    page = admin.another().get("/organisations/harrogate")
    assert "Since 1 March 2026 part of North Yorkshire Council" in page.text
    page.click("North Yorkshire Council")
    assert "Since 1 March 2026 in place of Harrogate Council" in page.text
    assert "Harrogate" not in page.get("/members/").text
    with reading() as read:
        live = select(Organisation.slug).join(Affiliation, Affiliation.organisation_id == Organisation.id)
        own = live.where(Affiliation.person_id == amina.id, Affiliation.to_on.is_(None))
        assert read.session.scalars(own).all() == ["north-yorkshire"]


def test_what_changed_between_looking_and_recording_is_shown_anew(admin: Browse, make: Make) -> None:
    harrogate = make.organisation("Harrogate", slug="harrogate")
    make.organisation("North Yorkshire")
    admin.get("/admin/organisations/harrogate/succession")
    admin.submit("See what it would do", successors="North Yorkshire", **day(date(2026, 3, 1)))
    make.person("Amina", organisation=harrogate)
    admin.submit("Record it")
    assert admin.status == 422
    assert admin.errors[0].startswith("Something has changed since you looked")
    assert "1 person goes along" in admin.text
    admin.submit("Record it")
    assert admin.status == 200
    assert "Since 1 March 2026 part of North Yorkshire" in admin.text


def test_what_lies_ahead_is_announced_and_may_be_taken_back(admin: Browse, make: Make) -> None:
    make.organisation("Harrogate", slug="harrogate")
    make.organisation("North Yorkshire")
    admin.get("/admin/organisations/harrogate/succession")
    admin.submit("See what it would do", successors="North Yorkshire", **day(date(2027, 4, 1)))
    admin.submit("Record it")
    assert "From 1 April 2027 part of North Yorkshire" in admin.text
    assert "Harrogate" in admin.get("/members/").text
    admin.get("/admin/organisations/harrogate").click("Nobody takes over from it after all")
    admin.submit("Forget it")
    assert "1 April 2027" not in admin.text
    assert admin.get("/admin/organisations/harrogate/succession/take-back").status == 404


def test_people_of_a_divided_council_are_asked_where_they_belong(admin: Browse, make: Make, reading: Reads) -> None:
    harrogate = make.organisation("Harrogate", slug="harrogate")
    north, south = make.organisation("North"), make.organisation("South")
    amina = make.account("Amina", organisation=harrogate, sector="council officer")
    admin.get("/admin/organisations/harrogate/succession")
    admin.submit("See what it would do", successors="North\nSouth", **day(date(2026, 3, 1)))
    assert "nobody can tell who goes where" in admin.text
    admin.submit("Record it")
    assert "Taken over on 1 March 2026 by North , South" in admin.text
    her = admin.another().sign_in(amina)
    her.get("/account").click("Choose your organisation")
    assert {"North", "South"} <= set(her.text.split())
    her.submit("Save", organisation=str(south.id))
    assert "Choose your organisation" not in her.get("/account").text
    assert north.id != south.id


def test_the_evaluation_is_read_by_either_map(admin: Browse, make: Make, work: Working) -> None:
    one, other, new = (make.organisation(name, region="North West") for name in ("One", "Other", "New"))
    visit = make.visit()
    for organisation in (one, other):
        make.booking(make.account("Amina", organisation=organisation), visit)
    with work() as opened:
        for organisation in (one, other):
            opened.session.get_one(Organisation, organisation.id).ended_on = date(2026, 3, 1)
            opened.session.add(
                OrganisationSuccession(
                    predecessor_id=organisation.id,
                    successor_id=new.id,
                    on_date=date(2026, 3, 1),
                    moves_domains=False,
                    carried_out_at=opened.now,
                )
            )
    admin.get("/evaluation/reach")
    assert "of 3 members of the network" in admin.text
    admin.click("Organisations as they are today")
    assert "of 1 members of the network" in admin.text
    assert "geography=today" in admin.path
    assert "Councils that one other has taken over by now count as that one" in admin.text
    assert "of 3 members" in admin.get("/evaluation/reach", geography="nonsense").text


def test_a_day_that_is_no_day_is_said_beside_its_field(admin: Browse, make: Make) -> None:
    make.organisation("Harrogate", slug="harrogate")
    admin.get("/admin/organisations/harrogate/succession").submit("See what it would do", successors="")
    assert admin.errors == ["Enter the organisations that took over", "Enter the day"]


def test_people_are_never_found_by_what_they_were_before(admin: Browse, make: Make, merges: Merging) -> None:
    kept, gone = make.person("Amina Kept"), make.person("Zebedee Gone", "zebedee@home.example")
    merges.people(kept, gone)
    for query in ({"q": "zebedee"}, {}):
        assert "Zebedee" not in admin.get("/admin/people/", **query).text
