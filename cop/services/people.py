"""What staff do for people: enter them, correct them, give them roles."""

from sqlalchemy import select

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Account, Affiliation, Channel, Person, Sector
from cop.models.organisations import Organisation
from cop.queries import people
from cop.services import accounts
from cop.services.organisations import clean_name, clean_text, meant


def create_person(
    work: Work,
    *,
    name: str,
    email: str | None,
    phone: str | None,
    prefers: Channel,
    organisation: str = "",
    sector: Sector | None = None,
    role_title: str | None = None,
) -> Person:
    """Enter somebody, with or without e-mail. ``organisation`` is a name or slug in the directory, or empty."""
    _only_admins(work)
    person = Person(name=clean_name(name), email=None, phone=None, created_at=work.now)
    _reach(work, person, email=email, phone=phone, prefers=prefers)
    place = _organisation(work, organisation)
    work.session.add(person)
    work.session.flush()
    if place or sector or role_title:
        _settle(work, person, place, sector, role_title)
    return person


def edit_person(
    work: Work,
    *,
    public_id: str,
    name: str,
    email: str | None,
    phone: str | None,
    prefers: Channel,
    organisation: str,
    sector: Sector | None,
    role_title: str | None,
) -> Person:
    """Correct what is known of somebody. An address that they proved by signing in is theirs alone to change."""
    _only_admins(work)
    person = work.session.scalars(
        select(Person)
        .where(Person.public_id == public_id, Person.merged_into.is_(None), Person.erased_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if person is None:
        raise NotFound
    place = _organisation(work, organisation)
    person.name = clean_name(name)
    _reach(work, person, email=email, phone=phone, prefers=prefers)
    work.session.flush()
    if place or sector or role_title or _affiliation(work, person):
        _settle(work, person, place, sector, role_title)
    return person


def grant_role(
    work: Work,
    *,
    public_id: str,
    role: Role,
    programme_slug: str | None = None,
    event_slug: str | None = None,
    organisation: str = "",
) -> None:
    """Give a role over one programme, event or organisation; an admin may be over everything."""
    person = people.profile(work, public_id=public_id)
    if person.email is None:
        raise Refusal(marked("Somebody without an e-mail address cannot sign in, and so cannot hold a role"))
    belonging_to = _organisation(work, organisation)
    made = accounts.grant(
        work,
        email=person.email,
        role=role,
        programme_slug=programme_slug,
        event_slug=event_slug,
        organisation_slug=belonging_to.slug if belonging_to else None,
    )
    if not made:
        raise Refusal(marked("This person already holds that role."))


def revoke_role(work: Work, *, public_id: str, grant_id: int) -> None:
    """End one live role of this person; NotFound where it is another's."""
    person = people.profile(work, public_id=public_id)
    people.live_grant(work, person_id=person.id, grant_id=grant_id)
    accounts.revoke(work, grant_id=grant_id)


def _only_admins(work: Work) -> None:
    if not work.actor.is_admin():
        raise NotFound


def _reach(work: Work, person: Person, *, email: str | None, phone: str | None, prefers: Channel) -> None:
    """Set how the person can be reached; the way they prefer has to be one that we know."""
    address = accounts.clean_email(email) if email else None
    if address != person.email:
        _refuse_taken_address(work, person, address)
        person.email = address
    person.phone, person.prefers = phone or None, prefers
    if prefers is Channel.EMAIL and address is None:
        raise Refusal(marked("Enter an e-mail address, or choose another way to reach this person"), field="email")
    if prefers is Channel.PHONE and person.phone is None:
        raise Refusal(marked("Enter a phone number, or choose another way to reach this person"), field="phone")


def _refuse_taken_address(work: Work, person: Person, address: str | None) -> None:
    if person in work.session and work.session.get(Account, person.id) is not None:
        raise Refusal(marked("This person signs in with their address: only they can change it"), field="email")
    with work.session.no_autoflush:
        taken = select(Person.name).where(Person.email == address)
        if address is not None and (owner := work.session.scalar(taken)) is not None:
            raise Refusal(marked("This address belongs to %(owner)s"), field="email", owner=owner)


def _organisation(work: Work, text: str) -> Organisation | None:
    return meant(work, text) if clean_text(text) else None


def _affiliation(work: Work, person: Person) -> Affiliation | None:
    return work.session.scalars(
        select(Affiliation).where(
            Affiliation.person_id == person.id, Affiliation.is_primary, Affiliation.to_on.is_(None)
        )
    ).one_or_none()


def _settle(
    work: Work, person: Person, place: Organisation | None, sector: Sector | None, role_title: str | None
) -> None:
    """Say where the person belongs now; staff see all three answers, so an emptied one is emptied."""
    organisation_id = place.id if place else None
    accounts.set_affiliation(
        work, person_id=person.id, organisation_id=organisation_id, sector=sector, role_title=role_title
    )
    if affiliation := _affiliation(work, person):
        affiliation.sector, affiliation.role_title = sector, role_title or None
        affiliation.relation = accounts.relation_for(sector)
