"""Signing in by e-mail, profiles, and what people are granted."""

import re
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from cop.core import secrecy
from cop.core.access import Role
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Account, Affiliation, Channel, Person, Relation, RoleGrant, Sector, SignIn
from cop.models.events import Event
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from cop.services import bounces, devices, outbox

LINK_LIVES = timedelta(minutes=15)
CODE_TRIES = 5
WRONG_CODES_A_NETWORK = 60
"""Tries of codes from one network address within LINK_LIVES, right ones included: guessing leads nowhere."""

MAILS_AN_ADDRESS = 5
"""Mails to one address within LINK_LIVES; the newest link stays good, so nobody can be locked out by a stranger."""

MAILS_A_NETWORK = 300
"""Requests from one network address within LINK_LIVES: above what a council behind one address needs."""


def clean_email(text: str) -> str:
    """The address in the form in which it is kept and compared; Refusal where it is none."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise Refusal(
            marked("Enter an e-mail address in the correct format, like name@example.org"), field="email"
        ) from None
    return found.normalized.lower()


@dataclass(frozen=True)
class Asked:
    """A request to sign in: its row, or why there is none. A caller shows the same page either way."""

    sign_in: SignIn | None
    network_is_busy: bool = False


def ask_to_sign_in(work: Work, *, email: str, next_path: str, browser: str, network: str) -> Asked:
    """Send a link and a code to the address, whoever it belongs to.

    ``browser`` is a random key that the asking browser keeps: only there does the code work. ``network`` is the
    client's address, of which only a keyed digest is kept. Too many requests are an outcome and not a refusal.
    """
    address = clean_email(email)
    _one_at_a_time(work, address)
    asked_from = secrecy.digest("network", network)
    since = work.now - LINK_LIVES
    if _asked(work, SignIn.asked_from == asked_from, since) >= MAILS_A_NETWORK:
        return Asked(None, network_is_busy=True)
    if _asked(work, SignIn.email == address, since) >= MAILS_AN_ADDRESS:
        return Asked(None)
    sign_in = _open_sign_in(work, address, next_path, browser=browser, asked_from=asked_from)
    outbox.post(
        work,
        key=f"sign-in:{sign_in.id}",
        to=address,
        template="sign_in",
        useless_after=sign_in.expires_at,
        sign_in_id=sign_in.id,
    )
    return Asked(sign_in)


def _asked(work: Work, condition: object, since: object) -> int:
    mailed = SignIn.asked_from.is_not(None)  # links that an operator made send no mail
    count = select(func.count()).select_from(SignIn).where(condition, mailed, SignIn.asked_at > since)  # type: ignore[arg-type]
    return work.session.scalar(count) or 0


def _one_at_a_time(work: Work, address: str) -> None:
    """Let requests for one address wait for one another, so that all are counted and one link stays alive."""
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(address, 0))))


def _open_sign_in(work: Work, address: str, next_path: str, *, browser: str | None, asked_from: str | None) -> SignIn:
    work.session.execute(
        update(SignIn).where(SignIn.email == address, SignIn.closed_at.is_(None)).values(closed_at=work.now)
    )
    sign_in = SignIn(
        email=address,
        next_path=next_path,
        browser=browser,
        asked_from=asked_from,
        asked_at=work.now,
        expires_at=work.now + LINK_LIVES,
    )
    work.session.add(sign_in)
    work.session.flush()
    return sign_in


def make_sign_in_link(work: Work, *, email: str, next_path: str = "/account") -> str:
    """A single-use token for the operator's ``cop sign-in-link``; no mail is sent."""
    address = clean_email(email)
    _one_at_a_time(work, address)
    return secrecy.sign("sign-in", _open_sign_in(work, address, next_path, browser=None, asked_from=None).public_id)


def code_for(sign_in: SignIn) -> str:
    """The six digits that the asking browser may use instead of the link."""
    return secrecy.six_digits("sign-in-code", sign_in.id, sign_in.browser)


@dataclass(frozen=True)
class Arrival:
    """Somebody proved their address: who they are, where they wanted to go, and whether they are new here."""

    person_id: int
    session_epoch: int
    next_path: str
    is_new: bool


def sign_in_by_link(work: Work, *, token: str) -> Arrival:
    """Use a link once. NotFound for a forged one, Refusal for one that was used, replaced or is too old."""
    signed = secrecy.read_signed("sign-in", token)
    if signed is None:
        raise NotFound
    found = select(SignIn).where(SignIn.public_id == signed[0]).with_for_update(key_share=True)
    sign_in = work.session.scalars(found).one_or_none()
    if sign_in is None or sign_in.closed_at is not None or sign_in.expires_at <= work.now:
        raise Refusal(marked("This link was used already, was replaced by a newer one, or is older than 15 minutes"))
    return _close(work, sign_in)


def sign_in_by_code(work: Work, *, sign_in_id: int, browser: str, code: str) -> Arrival | None:
    """Use the code in the browser that asked for it; None where it is wrong, and the try is counted."""
    sign_in = work.session.get(SignIn, sign_in_id, with_for_update=True)
    if sign_in is None or sign_in.closed_at is not None or sign_in.expires_at <= work.now:
        return None
    if sign_in.browser is None or not secrecy.same(sign_in.browser, browser) or sign_in.tries >= CODE_TRIES:
        return None
    tries = select(func.coalesce(func.sum(SignIn.tries), 0)).where(
        SignIn.asked_from == sign_in.asked_from, SignIn.asked_at > work.now - LINK_LIVES
    )
    if (work.session.scalar(tries) or 0) >= WRONG_CODES_A_NETWORK:
        return None
    sign_in.tries += 1
    if not secrecy.same(code_for(sign_in), re.sub(r"\s", "", code)):
        return None
    return _close(work, sign_in)


def _close(work: Work, sign_in: SignIn) -> Arrival:
    sign_in.closed_at = work.now
    arrival = arrive(work, email=sign_in.email, next_path=sign_in.next_path)
    bounces.lift_all(work, address=sign_in.email, by=arrival.person_id)  # mail arrives there after all
    return arrival


def arrive(work: Work, *, email: str, next_path: str) -> Arrival:
    """Whoever proved that this clean address is theirs, with an account, made where there is none yet."""
    person, is_new = person_with_email(work, email=email)
    work.session.execute(
        insert(Account)
        .values(person_id=person.id, email_verified_at=work.now, session_epoch=0)
        .on_conflict_do_nothing()
    )
    account = work.session.get_one(Account, person.id)
    return Arrival(person.id, account.session_epoch, next_path, is_new)


def person_with_email(work: Work, *, email: str, name: str = "") -> tuple[Person, bool]:
    """The person with this clean address, made when there is none; and whether they were made."""
    values = {"public_id": secrecy.random_word(), "email": email, "created_at": work.now}
    values |= {"name": name.strip() or name_from(email), "prefers": Channel.EMAIL, "timezone": "Europe/London"}
    made = work.session.scalar(
        insert(Person).values(calendar_generation=0, **values).on_conflict_do_nothing().returning(Person.id)
    )
    found = select(Person).where(Person.email == email)
    return work.session.scalars(found).one(), made is not None


def name_from(email: str) -> str:
    """A first guess at a name, which its owner is asked to correct at once."""
    words = re.split(r"[._+\d-]+", email.partition("@")[0])
    return " ".join(word.capitalize() for word in words if word) or email


def sign_out_everywhere(work: Work) -> None:
    if work.actor.person_id is not None:
        devices.end_all(work, person_id=work.actor.person_id)


def renew_calendar_address(work: Work) -> None:
    """Give the acting person's own feed a new secret address; the old one stops working."""
    work.session.execute(
        update(Person)
        .where(Person.id == work.actor.person_id)
        .values(calendar_generation=Person.calendar_generation + 1)
    )


def save_profile(
    work: Work,
    *,
    name: str,
    phone: str | None,
    prefers: Channel,
    timezone: str,
    needs: str | None,
    sector: Sector | None,
    role_title: str | None,
) -> Person:
    """Save what the acting person says of themselves; where they belong is saved apart."""
    person = _acting_person(work)
    if timezone not in available_timezones():
        raise Refusal(marked("Choose a time zone from the list"), field="timezone")
    if prefers is Channel.PHONE and not phone:
        raise Refusal(marked("Enter a phone number, so that we can call you"), field="phone")
    person.name, person.phone, person.prefers = name, phone or None, prefers
    person.timezone, person.needs = timezone, needs or None
    affiliation = _primary_affiliation(work, person.id)
    if affiliation is None and (sector or role_title):
        affiliation = Affiliation(person_id=person.id, organisation_id=None, from_on=work.now.date())
        work.session.add(affiliation)
    if affiliation is not None:
        affiliation.sector, affiliation.role_title = sector, role_title or None
        affiliation.relation = relation_for(sector)
    return person


def join_organisation(work: Work, *, organisation_id: int | None) -> None:
    """Say where the acting person belongs; the earlier place is closed with today's date, not overwritten."""
    person = _acting_person(work)
    if organisation_id is not None and work.session.get(Organisation, organisation_id) is None:
        raise Refusal(marked("Choose an organisation from the list"), field="organisation")
    set_affiliation(work, person_id=person.id, organisation_id=organisation_id)


def set_affiliation(
    work: Work,
    *,
    person_id: int,
    organisation_id: int | None,
    sector: Sector | None = None,
    role_title: str | None = None,
) -> bool:
    """Make this the person's live primary affiliation; whether anything changed.

    Sector and role title left empty are carried over from the affiliation before.
    """
    today = work.now.date()
    before = _primary_affiliation(work, person_id)
    sector = sector or (before.sector if before else None)
    role_title = role_title or (before.role_title if before else None)
    if before is not None:
        if (before.organisation_id, before.sector, before.role_title) == (organisation_id, sector, role_title):
            return False
        if before.organisation_id in {organisation_id, None}:
            before.organisation_id, before.sector, before.role_title = organisation_id, sector, role_title
            before.relation = relation_for(sector)
            return True
        before.to_on = today
        work.session.flush()
    work.session.add(
        Affiliation(
            person_id=person_id,
            organisation_id=organisation_id,
            relation=relation_for(sector),
            sector=sector,
            role_title=role_title,
            from_on=today,
        )
    )
    return True


def relation_for(sector: Sector | None) -> Relation:
    """How somebody of this sector belongs to an organisation: residents are supported by it, not employed."""
    special = {Sector.RESIDENT: Relation.SUPPORTED_BY, Sector.COUNCILLOR: Relation.ELECTED_TO}
    return special.get(sector, Relation.WORKS_FOR) if sector else Relation.WORKS_FOR


def _acting_person(work: Work) -> Person:
    person = work.session.get(Person, work.actor.person_id, with_for_update=True) if work.actor.person_id else None
    if person is None:
        raise NotFound
    return person


def _primary_affiliation(work: Work, person_id: int) -> Affiliation | None:
    live = select(Affiliation).where(
        Affiliation.person_id == person_id, Affiliation.is_primary, Affiliation.to_on.is_(None)
    )
    return work.session.scalars(live.with_for_update()).one_or_none()


def grant(
    work: Work,
    *,
    email: str,
    role: Role,
    programme_slug: str | None = None,
    event_slug: str | None = None,
    organisation_slug: str | None = None,
) -> bool:
    """Grant a role, making the person if the address is unknown; False where they hold it already."""
    if not work.actor.is_admin():
        raise NotFound
    scopes = [slug for slug in (programme_slug, event_slug, organisation_slug) if slug]
    if len(scopes) > 1:
        raise Refusal(marked("Name one programme, event or organisation, not several"))
    if not scopes and role is not Role.ADMIN:
        raise Refusal(marked("Only an admin may act everywhere: name a programme, event or organisation"))
    if (role is Role.LEAD) != bool(organisation_slug):
        raise Refusal(marked("A lead is the lead of an organisation, and of nothing else"))
    person, _ = person_with_email(work, email=clean_email(email))
    made = work.session.scalar(
        insert(RoleGrant)
        .values(
            person_id=person.id,
            role=role,
            programme_id=_id_of(work, Programme, programme_slug, marked("There is no programme “%(slug)s”")),
            event_id=_id_of(work, Event, event_slug, marked("There is no event “%(slug)s”")),
            organisation_id=_id_of(
                work, Organisation, organisation_slug, marked("There is no organisation “%(slug)s”")
            ),
            granted_at=work.now,
            granted_by=work.actor.person_id,
        )
        .on_conflict_do_nothing()
        .returning(RoleGrant.id)
    )
    return made is not None


def _id_of(
    work: Work, table: type[Programme] | type[Event] | type[Organisation], slug: str | None, otherwise: str
) -> int | None:
    if not slug:
        return None
    key = func.coalesce(Organisation.merged_into, Organisation.id) if table is Organisation else table.id
    found = work.session.scalar(select(key).where(table.slug == slug))
    if found is None:
        raise Refusal(otherwise, slug=slug)
    return found


def revoke(work: Work, *, grant_id: int) -> None:
    """End a grant; the person keeps everything else. The last admin of the service cannot be removed."""
    if not work.actor.is_admin():
        raise NotFound
    admins = select(RoleGrant.id).where(
        RoleGrant.role == Role.ADMIN,
        RoleGrant.revoked_at.is_(None),
        RoleGrant.programme_id.is_(None),
        RoleGrant.event_id.is_(None),
    )
    live_admins = work.session.scalars(admins.with_for_update()).all()
    found = work.session.get(RoleGrant, grant_id, with_for_update=True)
    if found is None or found.revoked_at is not None:
        raise NotFound
    if list(live_admins) == [grant_id]:
        raise Refusal(marked("This is the last admin: grant the role to somebody else first"))
    found.revoked_at = work.now
