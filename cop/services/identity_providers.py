"""Organisations' own sign-ins, by OpenID Connect: setting them up, and letting in whom they name.

A provider speaks for the e-mail domains of its organisation and for nobody else. So it never opens the account of
somebody with another address, whatever it says.
"""

from urllib.parse import urlsplit

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.settings import LOOPBACK
from cop.core.work import Work
from cop.formats.openid import Identity
from cop.models.accounts import Person
from cop.models.organisations import Organisation, OrganisationDomain
from cop.models.security import ExternalIdentity, IdentityProvider
from cop.services.accounts import Arrival, arrive, clean_email

ELSEWHERE = marked(
    "Your organisation’s sign-in named an address that is not one of its own. Sign in by e-mail instead."
)


def save(
    work: Work,
    *,
    slug: str,
    name: str,
    issuer: str,
    client_id: str,
    client_secret: str,
    counts_as_second: bool,
) -> IdentityProvider:
    """Set up or change the sign-in of an organisation; an empty secret leaves the one that is kept."""
    organisation = _organisation(work, slug)
    domains = select(OrganisationDomain.domain).where(OrganisationDomain.organisation_id == organisation.id)
    if work.session.scalars(domains.limit(1)).one_or_none() is None:
        raise Refusal(marked("Enter the e-mail domains of this organisation first: its sign-in is good for them alone"))
    place = _issuer(issuer)
    found = _opened(work, organisation.id)
    if not client_secret and (found is None or found.issuer != place):
        raise Refusal(marked("Enter the secret that the provider gave you"), field="client_secret")
    if found is not None and found.issuer != place:  # whom another provider calls by a number is somebody else
        found.closed_at = work.now
        found = None
    if found is None:
        found = IdentityProvider(organisation_id=organisation.id, issuer=place, made_at=work.now)
        found.client_secret = client_secret
    elif client_secret:
        found.client_secret = client_secret
    found.name, found.client_id, found.counts_as_second = name, client_id, counts_as_second
    work.session.add(found)
    work.session.flush()
    return found


def close(work: Work, *, slug: str) -> None:
    """End it: from now on the people of the organisation sign in by e-mail again."""
    found = _opened(work, _organisation(work, slug).id)
    if found is None:
        raise NotFound
    found.closed_at = work.now


def _organisation(work: Work, slug: str) -> Organisation:
    if not work.actor.is_admin():
        raise NotFound
    found = select(Organisation).where(Organisation.slug == slug, Organisation.merged_into.is_(None))
    organisation = work.session.scalars(found.with_for_update()).one_or_none()
    if organisation is None:
        raise NotFound
    return organisation


def _opened(work: Work, organisation_id: int) -> IdentityProvider | None:
    mine = IdentityProvider.organisation_id == organisation_id
    found = select(IdentityProvider).where(mine, IdentityProvider.closed_at.is_(None))
    return work.session.scalars(found.order_by(IdentityProvider.id.desc()).limit(1)).one_or_none()


def _issuer(text: str) -> str:
    """The address as the provider writes it, with no slash added or taken away."""
    wrong = Refusal(marked("Enter the provider’s address, like https://login.council.example"), field="issuer")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise wrong from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.hostname or port == 0 or "@" in parts.netloc or parts.query or parts.fragment:
        raise wrong
    return text


def sign_in(work: Work, *, provider_id: int, identity: Identity, next_path: str) -> Arrival:
    """Let in whom the provider names. Refusal unless their address was verified and is of the organisation's domains.

    Who signed in this way before is known by the provider's own name for them, as long as their account still has an
    address of the organisation. Anybody else is found, or made, by the address.
    """
    provider = work.session.get(IdentityProvider, provider_id, with_for_update=True)
    if provider is None or provider.closed_at is not None:
        raise NotFound
    if not identity.email_verified:
        raise Refusal(marked("Your organisation’s sign-in has not verified your address. Sign in by e-mail instead."))
    address = clean_email(identity.email)
    _only_of(work, provider, address)
    known = _known(work, provider, identity.subject)
    if known is not None:
        if known.merged_into is not None or known.email is None:
            raise Refusal(ELSEWHERE)
        _only_of(work, provider, known.email)
        return arrive(work, email=known.email, next_path=next_path)
    arrival = arrive(work, email=address, next_path=next_path)
    _link(work, provider, identity, arrival)
    return arrival


def _link(work: Work, provider: IdentityProvider, identity: Identity, arrival: Arrival) -> None:
    linked = select(ExternalIdentity.id).where(
        ExternalIdentity.provider_id == provider.id, ExternalIdentity.person_id == arrival.person_id
    )
    if work.session.scalar(linked) is not None:  # an address that was given to somebody else
        raise Refusal(marked("This address belongs to somebody else who signed in with it. Ask us for help."))
    work.session.add(
        ExternalIdentity(
            provider_id=provider.id, subject=identity.subject, person_id=arrival.person_id, linked_at=work.now
        )
    )
    if arrival.is_new and identity.name:
        work.session.get_one(Person, arrival.person_id).name = identity.name


def _known(work: Work, provider: IdentityProvider, subject: str) -> Person | None:
    return work.session.scalars(
        select(Person)
        .join(ExternalIdentity, ExternalIdentity.person_id == Person.id)
        .where(ExternalIdentity.provider_id == provider.id, ExternalIdentity.subject == subject)
    ).one_or_none()


def _only_of(work: Work, provider: IdentityProvider, address: str) -> None:
    domain = work.session.get(OrganisationDomain, address.rpartition("@")[2])
    if domain is None or domain.organisation_id != provider.organisation_id:
        raise Refusal(ELSEWHERE)
