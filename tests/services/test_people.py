"""Staff enter and correct people, and give and end roles."""

from datetime import timedelta
from typing import Any

import pytest

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Channel, Person, Relation, Sector
from cop.queries import people as queries
from cop.queries.records import record
from cop.services import people
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

BARE: dict[str, Any] = {"name": "Amina", "email": None, "phone": None, "prefers": Channel.POST}


def test_somebody_without_email_is_entered(make: Make, work: Working, reading: Reads) -> None:
    make.organisation("Brent Council")
    with work() as unit:
        made = people.create_person(
            unit,
            name=" Amina  Yusuf ",
            email="",
            phone="020 7946 0000",
            prefers=Channel.PHONE,
            organisation="brent council",
            sector=Sector.RESIDENT,
            role_title="Carer",
        )
    with reading() as read:
        found = queries.profile(read, public_id=made.public_id)
        (place,) = queries.places(read, person_id=found.id)
    assert (found.name, found.email, found.phone, found.prefers) == (
        "Amina Yusuf",
        None,
        "020 7946 0000",
        Channel.PHONE,
    )
    assert (place.organisation, place.relation, place.sector, place.role_title, place.to_on) == (
        "Brent Council",
        Relation.SUPPORTED_BY,
        Sector.RESIDENT,
        "Carer",
        None,
    )


def test_an_address_is_kept_in_lower_case(work: Working) -> None:
    with work() as unit:
        made = people.create_person(unit, **(BARE | {"email": "Jo@Demo.Example", "prefers": Channel.EMAIL}))
    assert made.email == "jo@demo.example"


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"name": ""}, "name", "Enter a name"),
        ({"email": "jo"}, "email", "correct format"),
        ({"email": "TAKEN@demo.example"}, "email", "belongs to Taken"),
        ({"prefers": Channel.EMAIL}, "email", "Enter an e-mail address"),
        ({"prefers": Channel.PHONE}, "phone", "Enter a phone number"),
        ({"organisation": "Bren"}, "organisation", "Did you mean: Brent Council; Brent Labour Group"),
        ({"organisation": "Nowhere"}, "organisation", "Add it to the directory first"),
    ],
)
def test_bad_values_are_refused_at_their_field_and_nothing_is_saved(
    changed: dict[str, Any], field: str, words: str, make: Make, work: Working, reading: Reads
) -> None:
    make.organisation("Brent Council")
    make.organisation("Brent Labour Group")
    make.person("Taken", "taken@demo.example")
    with pytest.raises(Refusal, match=words) as refused, work() as unit:
        people.create_person(unit, **(BARE | changed))
    assert refused.value.field == field
    with reading() as read:
        assert [item.name for item in queries.listed(read)] == ["Taken"]


def edited(person: Person, **changed: Any) -> dict[str, Any]:
    kept = {"name": person.name, "email": person.email, "phone": person.phone, "prefers": person.prefers}
    return {"public_id": person.public_id, **kept, "organisation": "", "sector": None, "role_title": None, **changed}


def test_moving_somebody_keeps_where_they_were(make: Make, work: Working, reading: Reads, clock: FixedClock) -> None:
    person = make.person(organisation=make.organisation("Old Council"), sector=Sector.COUNCILLOR)
    make.organisation("New Council", slug="new-council")
    clock.move(timedelta(days=30))
    with work() as unit:
        people.edit_person(unit, **edited(person, organisation="new-council", sector=Sector.COUNCILLOR))
    with reading() as read:
        places = queries.places(read, person_id=person.id)
    assert [(place.organisation, place.to_on) for place in places] == [
        ("New Council", None),
        ("Old Council", clock.now().date()),
    ]


def test_what_is_emptied_is_emptied(make: Make, work: Working, reading: Reads) -> None:
    organisation = make.organisation("Council")
    person = make.person(organisation=organisation, sector=Sector.HEALTH)
    with work() as unit:
        people.edit_person(unit, **edited(person, organisation="Council"))
    with reading() as read:
        found = queries.profile(read, public_id=person.public_id)
    assert (found.organisation, found.sector) == ("Council", None)
    with work() as unit:
        people.edit_person(unit, **edited(person))
    with reading() as read:
        assert queries.profile(read, public_id=person.public_id).organisation is None


def test_an_edit_without_changes_leaves_one_place(make: Make, work: Working, reading: Reads) -> None:
    person = make.person(organisation=make.organisation("Council"), sector=Sector.HEALTH)
    with work() as unit:
        people.edit_person(unit, **edited(person, organisation="Council", sector=Sector.HEALTH))
    with reading() as read:
        assert len(queries.places(read, person_id=person.id)) == 1


def test_an_unproved_address_is_corrected(make: Make, work: Working) -> None:
    person = make.person(email="jo@demos.example")
    with work() as unit:
        assert people.edit_person(unit, **edited(person, email="jo@demo.example")).email == "jo@demo.example"


def test_a_proved_address_is_its_owners_alone(make: Make, work: Working, reading: Reads) -> None:
    person = make.account(email="jo@demo.example")
    for address in ("staff@demo.example", None):
        with pytest.raises(Refusal, match="only they can change it"), work() as unit:
            people.edit_person(unit, **edited(person, email=address, prefers=Channel.POST))
    with reading() as read:
        assert queries.profile(read, public_id=person.public_id).email == "jo@demo.example"


def test_anothers_address_is_refused_in_an_edit(make: Make, work: Working) -> None:
    make.person("Taken", "taken@demo.example")
    person = make.person()
    with pytest.raises(Refusal, match="belongs to Taken"), work() as unit:
        people.edit_person(unit, **edited(person, email="taken@demo.example"))


def test_roles_are_given_and_ended(make: Make, work: Working, reading: Reads) -> None:
    admin, person = make.admin(), make.account()
    make.programme(slug="health", name="Health")
    actor = make.actor(admin)
    with work(actor) as unit:
        people.grant_role(unit, public_id=person.public_id, role=Role.FACILITATOR, programme_slug="health")
    with reading() as read:
        (held,) = queries.grants(read, person_id=person.id)
    assert (held.role, held.scope, held.granted_by) == (Role.FACILITATOR, "Health", admin.name)
    with work(actor) as unit:
        people.revoke_role(unit, public_id=person.public_id, grant_id=held.id)
    with reading() as read:
        (ended,) = queries.grants(read, person_id=person.id)
    assert ended.revoked_at is not None
    assert make.actor(person).grants == ()


def test_a_lead_is_named_by_the_organisations_name(make: Make, work: Working, reading: Reads) -> None:
    make.organisation("Brent Council")
    person = make.account()
    with work() as unit:
        people.grant_role(unit, public_id=person.public_id, role=Role.LEAD, organisation="brent council")
    with reading() as read:
        assert [held.scope for held in queries.grants(read, person_id=person.id)] == ["Brent Council"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"role": Role.HOST}, "name a programme, event or organisation"),
        ({"role": Role.LEAD, "programme_slug": "health"}, "A lead is"),
        ({"role": Role.HOST, "event_slug": "nowhere"}, "no event “nowhere”"),
        ({"role": Role.HOST, "event_slug": "x", "programme_slug": "health"}, "not several"),
        ({"role": Role.LEAD, "organisation": "Nowhere"}, "no organisation “Nowhere”"),
        ({"role": Role.EVALUATOR, "programme_slug": "health"}, "already holds"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(
    wanted: dict[str, Any], words: str, make: Make, work: Working, reading: Reads
) -> None:
    person = make.account()
    make.grant(person, Role.EVALUATOR, programme=make.programme(slug="health"))
    with pytest.raises(Refusal, match=words), work() as unit:
        people.grant_role(unit, public_id=person.public_id, **wanted)
    with reading() as read:
        assert len(queries.grants(read, person_id=person.id)) == 1


def test_somebody_without_email_can_hold_no_role(make: Make, work: Working) -> None:
    person = make.person(email=None)
    with pytest.raises(Refusal, match="cannot sign in"), work() as unit:
        people.grant_role(unit, public_id=person.public_id, role=Role.ADMIN)


def test_the_last_admin_stays_and_anothers_role_is_not_found(make: Make, work: Working) -> None:
    admin, other = make.account(), make.account()
    own = make.grant(admin, Role.ADMIN)
    held = make.grant(other, Role.HOST, event=make.visit())
    with pytest.raises(Refusal, match="last admin"), work(make.actor(admin)) as unit:
        people.revoke_role(unit, public_id=admin.public_id, grant_id=own.id)
    with pytest.raises(NotFound), work(make.actor(admin)) as unit:
        people.revoke_role(unit, public_id=admin.public_id, grant_id=held.id)


def test_only_admins_of_everything_see_and_change_people(make: Make, work: Working, reading: Reads) -> None:
    person = make.account()
    programme_admin = make.account("Programme admin")
    make.grant(programme_admin, Role.ADMIN, programme=make.programme())
    actor = make.actor(programme_admin)
    with reading(actor) as read:
        for look in (
            lambda: queries.listed(read),
            lambda: queries.profile(read, public_id=person.public_id),
            lambda: queries.places(read, person_id=person.id),
            lambda: queries.grants(read, person_id=person.id),
            lambda: record(read, person_id=person.id),
            lambda: queries.messages(read, person_id=person.id),
        ):
            with pytest.raises(NotFound):
                look()
    for act in (
        lambda unit: people.create_person(unit, **BARE),
        lambda unit: people.edit_person(unit, **edited(person)),
        lambda unit: people.grant_role(unit, public_id=person.public_id, role=Role.ADMIN),
        lambda unit: people.revoke_role(unit, public_id=person.public_id, grant_id=1),
    ):
        with pytest.raises(NotFound), work(actor) as unit:
            act(unit)


def test_people_are_listed_by_name_in_pages_and_by_organisation(make: Make, reading: Reads) -> None:
    council = make.organisation("Council")
    for name in ("Cleo", "Ali", "Ben"):
        make.person(name, organisation=council if name != "Ben" else None)
    with reading() as read:
        assert [item.name for item in queries.listed(read, limit=1)] == ["Ali", "Ben"]
        assert [item.name for item in queries.listed(read, offset=2)] == ["Cleo"]
        assert [item.name for item in queries.listed(read, organisation_slug=council.slug)] == ["Ali", "Cleo"]
        assert queries.listed(read, organisation_slug=council.slug)[0].organisation == "Council"
