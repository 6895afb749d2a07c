"""Two records of one organisation become one, and two again."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Affiliation, RoleGrant
from cop.models.events import Booking
from cop.models.organisations import (
    Membership,
    Organisation,
    OrganisationDomain,
    OrganisationKind,
    OrganisationSuccession,
)
from cop.queries import organisations as queries
from cop.services import accounts, merging
from cop.services import organisations as directory
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging


@pytest.fixture
def merges(app: Flask) -> Merging:
    return Merging(app)


def fresh(reading: Reads, organisation: Organisation) -> Organisation:
    with reading() as read:
        return read.session.get_one(Organisation, organisation.id)


def succeed(work: Working, predecessor: Organisation, successor: Organisation) -> None:
    with work() as opened:
        opened.session.add(
            OrganisationSuccession(
                predecessor_id=predecessor.id,
                successor_id=successor.id,
                on_date=date(2025, 4, 1),
                moves_domains=False,
                carried_out_at=opened.now,
            )
        )


def test_everything_passes_over_and_comes_back(make: Make, merges: Merging, reading: Reads, work: Working) -> None:
    kept = make.organisation("Oldham Council", domains=["oldham.example"])
    gone = make.organisation("Oldham Metropolitan Borough Council", domains=["oldhammbc.example"])
    amina = make.account("Amina", organisation=gone)
    make.booking(amina, make.visit())
    for organisation in (kept, gone):
        make.grant(amina, Role.LEAD, organisation=organisation)
    succeed(work, make.organisation("An older council"), gone)
    before = merges.rows()
    merge = merges.organisations(kept, gone)
    with reading() as read:
        assert read.session.scalars(select(Affiliation.organisation_id)).all() == [kept.id]
        assert read.session.scalars(select(Booking.organisation_id)).all() == [kept.id]
        assert set(read.session.scalars(select(OrganisationDomain.organisation_id))) == {kept.id}
        assert read.session.scalars(select(OrganisationSuccession.successor_id)).all() == [kept.id]
        grants = read.session.scalars(select(RoleGrant).order_by(RoleGrant.id)).all()
    assert [(grant.organisation_id, grant.revoked_at is None) for grant in grants] == [
        (kept.id, True),
        (kept.id, False),
    ]
    assert fresh(reading, gone).merged_into == kept.id
    merges.undo(merge)
    assert merges.rows() == before
    assert fresh(reading, gone).merged_into is None


def test_fields_are_chosen_one_by_one_the_name_too(make: Make, merges: Merging, reading: Reads) -> None:
    kept = make.organisation("Oldham", region="Wales", joined_on=None, membership=Membership.FULL)
    gone = make.organisation("Oldham Council", region="North West", joined_on=date(2020, 1, 1), membership=None)
    merge = merges.organisations(kept, gone, take=["name", "region"])
    now = fresh(reading, kept)
    assert (now.name, now.region, now.joined_on) == ("Oldham Council", "North West", date(2020, 1, 1))
    assert now.membership is Membership.FULL
    assert now.slug == kept.slug
    assert merge.before["taken"] == ["name", "region", "joined_on"]
    merges.undo(merge)
    one, other = fresh(reading, kept), fresh(reading, gone)
    assert (one.name, one.region, one.joined_on) == ("Oldham", "Wales", None)
    assert (other.name, other.region, other.joined_on) == ("Oldham Council", "North West", date(2020, 1, 1))


def test_a_double_of_a_double_leads_to_the_last(make: Make, merges: Merging, reading: Reads) -> None:
    first, second, third = (make.organisation() for _ in range(3))
    merges.organisations(second, first)
    merges.organisations(third, second)
    assert fresh(reading, first).merged_into == third.id


def test_the_same_predecessor_is_named_once(make: Make, merges: Merging, reading: Reads, work: Working) -> None:
    older, kept, gone = (make.organisation() for _ in range(3))
    succeed(work, older, kept)
    succeed(work, older, gone)
    before = merges.rows()
    merge = merges.organisations(kept, gone)
    with reading() as read:
        pairs = read.session.execute(select(OrganisationSuccession.predecessor_id, OrganisationSuccession.successor_id))
        assert [tuple(pair) for pair in pairs] == [(older.id, kept.id)]
    merges.undo(merge)
    assert merges.rows() == before


def test_a_council_is_not_the_one_that_took_it_over(make: Make, merges: Merging, work: Working) -> None:
    one, other = make.organisation(), make.organisation()
    succeed(work, one, other)
    with pytest.raises(Refusal, match="took over from the other"):
        merges.organisations(one, other)


def test_a_name_that_was_changed_since_stands_in_the_way(make: Make, merges: Merging, work: Working) -> None:
    kept, gone = make.organisation("Oldham"), make.organisation("Oldham Council")
    merge = merges.organisations(kept, gone, take=["name"])
    with work() as opened:
        opened.session.get_one(Organisation, kept.id).name = "The new Oldham"
    with pytest.raises(Refusal, match="changed since"):
        merges.undo(merge)


def test_only_admins_merge(make: Make, work: Working) -> None:
    kept, gone = make.organisation(), make.organisation()
    lead = make.account("Lead")
    make.grant(lead, Role.LEAD, organisation=kept)
    for actor in (Actor(), make.actor(lead)):
        with pytest.raises(NotFound), work(actor) as opened:
            merging.organisations.merge(opened, kept=kept.slug, gone=gone.slug, take=(), seen="")


def test_the_second_of_two_admins_is_told(make: Make, merges: Merging, work: Working) -> None:
    kept, gone = make.organisation(), make.organisation()
    merges.organisations(kept, gone)
    with pytest.raises(Refusal, match="Somebody else has merged"), work() as opened:
        merging.organisations.merge(opened, kept=kept.slug, gone=gone.slug, take=(), seen="")


def test_what_was_changed_since_the_page_was_opened_is_looked_at_again(make: Make, work: Working) -> None:
    kept, gone = make.organisation(), make.organisation()
    with pytest.raises(Refusal, match="Nothing was merged"), work() as opened:
        merging.organisations.merge(opened, kept=kept.slug, gone=gone.slug, take=(), seen="an older page")


def test_what_a_double_was_called_means_the_record_that_is_kept(
    make: Make, merges: Merging, reading: Reads, work: Working
) -> None:
    kept, gone = make.organisation("Oldham Council", slug="oldham"), make.organisation("Oldham MBC", slug="oldham-mbc")
    merges.organisations(kept, gone)
    with reading() as read:
        for words in ("oldham mbc", "oldham-mbc", "Oldham Council"):
            found = queries.named(read, words)
            assert found is not None
            assert found.id == kept.id
        assert queries.kept_slug(read, slug="oldham-mbc") == "oldham"
        assert [item.slug for item in queries.search(read, words="oldham", limit=5)] == ["oldham"]
        assert queries.count(read, queries.Wanted()) == 1
    with work() as opened:
        assert accounts.grant(opened, email="lead@oldham.example", role=Role.LEAD, organisation_slug="oldham-mbc")
    with reading() as read:
        assert read.session.scalars(select(RoleGrant.organisation_id)).all() == [kept.id]


def test_a_new_organisation_cannot_take_the_name_of_a_double(make: Make, merges: Merging, work: Working) -> None:
    merges.organisations(make.organisation("Oldham Council"), make.organisation("Oldham MBC"))
    with pytest.raises(Refusal, match="already an organisation of this name"), work() as opened:
        directory.create_organisation(opened, name="Oldham MBC", kind=OrganisationKind.COUNCIL)
