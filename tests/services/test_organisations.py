"""Keeping the directory: what is taken in, what is refused, and who may."""

from datetime import date, timedelta
from typing import Any

import pytest

from cop.core.access import VISITOR
from cop.core.errors import NotFound, Refusal
from cop.models.organisations import Membership, OrganisationKind
from cop.models.regions import Region
from cop.models.service import Setting
from cop.queries import organisations as queries
from cop.services import organisations
from tests.support.clock import START
from tests.support.make import Make, Reads, Working

TODAY = START.date()
BARE: dict[str, Any] = {
    "kind": OrganisationKind.COUNCIL,
    "membership": None,
    "region": None,
    "rural": None,
    "joined_on": None,
    "source": None,
    "code": None,
    "domains": (),
}


def test_a_new_organisation_has_an_address_made_of_its_name(work: Working, reading: Reads) -> None:
    with work() as unit:
        organisations.create_organisation(
            unit,
            name="  Barking &  Dagenham Council ",
            kind=OrganisationKind.COUNCIL,
            membership=Membership.FULL,
            region=Region.LONDON,
            rural=False,
            joined_on=TODAY,
            source="Members list",
            code=" e09000002",
            domains=["@LBBD.gov.uk", "lbbd.gov.uk"],
        )
    with reading() as read:
        found = queries.profile(read, slug="barking-and-dagenham-council")
    assert found.organisation.name == "Barking & Dagenham Council"
    assert (found.organisation.region, found.organisation.rural, found.is_newer) == ("London", False, True)
    assert found.organisation.code == "E09000002"
    assert [held.domain for held in found.organisation.domains] == ["lbbd.gov.uk"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("St John’s", "st-johns"),
        ("Ynys Môn", "ynys-mon"),
        ("SBI/E3M", "sbi-e3m"),
        ("بلدية", "organisation"),
        ("🌱", "organisation"),
        ("New", "new-2"),
        ("Import!", "import-2"),
    ],
)
def test_addresses_are_words_and_never_those_of_other_pages(name: str, slug: str, work: Working) -> None:
    with work() as unit:
        made = organisations.create_organisation(unit, name=name, kind=OrganisationKind.OTHER)
    assert made.slug == slug


def test_a_taken_address_gets_a_number(work: Working) -> None:
    with work() as unit:
        slugs = [
            organisations.create_organisation(unit, name=name, kind=OrganisationKind.OTHER).slug
            for name in ("A B", "A-B", "A.B")
        ]
    assert slugs == ["a-b", "a-b-2", "a-b-3"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x07b"}, "name"),
        ({"name": "brent COUNCIL"}, "name"),
        ({"joined_on": TODAY + timedelta(days=1)}, "joined_on"),
        ({"code": "E0700024"}, "code"),
        ({"domains": ["example"]}, "domains"),
        ({"domains": ["a b.org"]}, "domains"),
        ({"domains": ["https://brent.gov.uk"]}, "domains"),
        ({"domains": ["-a.org"]}, "domains"),
        ({"domains": ["gmail.com"]}, "domains"),
        ({"domains": ["gov.uk"]}, "domains"),
        ({"domains": ["brent.gov.uk"]}, "domains"),
    ],
)
def test_bad_values_are_refused_at_their_field_and_nothing_is_saved(
    changed: dict[str, Any], field: str, make: Make, work: Working, reading: Reads
) -> None:
    make.organisation("Brent Council", domains=["brent.gov.uk"])
    with pytest.raises(Refusal) as refused, work() as unit:
        organisations.create_organisation(unit, **({"name": "Another"} | BARE | changed))
    assert refused.value.field == field
    with reading() as read:
        assert queries.count(read, queries.Wanted()) == 1


def test_an_organisation_is_changed_and_keeps_its_address(make: Make, work: Working, reading: Reads) -> None:
    make.organisation("Old name", slug="old-name", joined_on=TODAY, domains=["a.org", "b.org"])
    with work() as unit:
        organisations.edit_organisation(
            unit, slug="old-name", name="New name", **(BARE | {"domains": ["b.org", "c.org"], "rural": True})
        )
    with reading() as read:
        found = queries.profile(read, slug="old-name").organisation
    assert (found.name, found.membership, found.joined_on, found.rural) == ("New name", None, None, True)
    assert [held.domain for held in found.domains] == ["b.org", "c.org"]


def test_an_organisation_may_keep_its_own_name_and_domains(make: Make, work: Working) -> None:
    make.organisation("Brent Council", slug="brent", domains=["brent.gov.uk"])
    with work() as unit:
        organisations.edit_organisation(
            unit, slug="brent", name="BRENT Council", **(BARE | {"domains": ["brent.gov.uk"]})
        )


def test_anothers_name_and_domain_are_refused(make: Make, work: Working) -> None:
    make.organisation("Brent Council", domains=["brent.gov.uk"])
    make.organisation("Demos", slug="demos")
    with pytest.raises(Refusal, match="already an organisation"), work() as unit:
        organisations.edit_organisation(unit, slug="demos", name="brent council", **BARE)
    with pytest.raises(Refusal, match="already belongs to Brent Council"), work() as unit:
        organisations.edit_organisation(unit, slug="demos", name="Demos", **(BARE | {"domains": ["brent.gov.uk"]}))


def test_only_admins_write(make: Make, work: Working) -> None:
    make.organisation("Demos", slug="demos")
    stranger = make.actor(make.account())
    for actor in (VISITOR, stranger):
        with pytest.raises(NotFound), work(actor) as unit:
            organisations.create_organisation(unit, name="A", kind=OrganisationKind.OTHER)
        with pytest.raises(NotFound), work(actor) as unit:
            organisations.edit_organisation(unit, slug="demos", name="A", **BARE)


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("jo@brent.gov.uk", "Brent"),
        ("jo@health.BRENT.gov.uk", "Brent"),
        ("jo@schools.brent.gov.uk", "Brent schools"),
        ("jo@other.gov.uk", None),
        ("jo@notbrent.gov.uk", None),
        ("jo@localhost", None),
        ("", None),
    ],
)
def test_an_address_proposes_the_nearest_organisation(email: str, name: str | None, make: Make, reading: Reads) -> None:
    make.organisation("Brent", domains=["brent.gov.uk"])
    make.organisation("Brent schools", domains=["schools.brent.gov.uk"])
    with reading() as read:
        proposed = queries.proposed_for(read, email=email)
    assert (proposed.name if proposed else None) == name


def test_an_organisation_is_named_by_name_or_address(make: Make, reading: Reads) -> None:
    make.organisation("Brent Council", slug="brent")
    make.organisation("Brent", slug="brent-2")
    with reading() as read:
        names = [queries.named(read, text) for text in ("BRENT council", "Brent", "brent-2", "Nowhere")]
    assert [item.name if item else None for item in names] == ["Brent Council", "Brent", "Brent", None]


@pytest.mark.parametrize(
    ("joined_on", "years", "newer"),
    [
        (TODAY, None, True),
        (date(2023, 3, 3), None, True),
        (date(2023, 3, 2), None, False),
        (date(2023, 3, 3), 2, False),
        (None, None, None),
    ],
)
def test_who_joined_within_the_set_years_is_newer(
    joined_on: date | None, years: int | None, newer: object, make: Make, work: Working, reading: Reads
) -> None:
    made = make.organisation(joined_on=joined_on)
    if years is not None:
        with work() as unit:
            unit.session.add(Setting(name="newer_member_years", value=years))
    with reading() as read:
        assert queries.profile(read, slug=made.slug).is_newer is newer
        assert [item.is_newer for item in queries.listed(read, queries.Wanted())] == [newer]


def test_lists_are_filtered_paged_and_counted(make: Make, reading: Reads) -> None:
    for name in ("C", "A", "B"):
        make.organisation(f"Council {name}", region="London")
    make.organisation("Clinic", kind=OrganisationKind.HEALTH, membership=None, region="Wales")
    with reading() as read:
        pages = [queries.listed(read, queries.Wanted(words="council"), offset=at, limit=1) for at in (0, 1, 2, 3)]
        assert [[item.name[-1] for item in page] for page in pages] == [["A", "B"], ["B", "C"], ["C"], []]
        for wanted, number in [
            (queries.Wanted(), 4),
            (queries.Wanted(members_only=True), 3),
            (queries.Wanted(kind=OrganisationKind.HEALTH), 1),
            (queries.Wanted(region=Region.LONDON), 3),
            (queries.Wanted(membership=Membership.FULL, words="clinic"), 0),
        ]:
            assert queries.count(read, wanted) == len(queries.listed(read, wanted)) == number
