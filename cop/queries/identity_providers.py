"""Reads about organisations' own sign-ins."""

from dataclasses import dataclass

from sqlalchemy import select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.organisations import Organisation, OrganisationDomain
from cop.models.security import IdentityProvider


def provider(read: Reading, *, public_id: str) -> IdentityProvider:
    """One that is open."""
    found = read.session.scalars(
        select(IdentityProvider).where(IdentityProvider.public_id == public_id, IdentityProvider.closed_at.is_(None))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def vouching(read: Reading, *, public_id: str) -> IdentityProvider | None:
    """The same where it counts as a second factor; None once it does not."""
    one = select(IdentityProvider).where(IdentityProvider.public_id == public_id, IdentityProvider.closed_at.is_(None))
    return read.session.scalars(one.where(IdentityProvider.counts_as_second)).one_or_none()


def provider_for(read: Reading, *, email: str) -> IdentityProvider | None:
    """The sign-in of the organisation to which the domain of an address belongs, if it has one."""
    domain = email.strip().lower().rpartition("@")[2]
    return read.session.scalars(
        select(IdentityProvider)
        .join(OrganisationDomain, OrganisationDomain.organisation_id == IdentityProvider.organisation_id)
        .where(OrganisationDomain.domain == domain, IdentityProvider.closed_at.is_(None))
        .order_by(IdentityProvider.id.desc())
        .limit(1)
    ).one_or_none()


@dataclass(frozen=True)
class OfOrganisation:
    """What admins see of an organisation's sign-in; the secret is shown to nobody."""

    organisation_id: int
    organisation: str
    slug: str
    domains: tuple[str, ...]
    provider: IdentityProvider | None


def of_organisation(read: Reading, *, slug: str) -> OfOrganisation:
    """For admins of the service."""
    if not read.actor.is_admin():
        raise NotFound
    organisation = read.session.scalars(
        select(Organisation).where(Organisation.slug == slug, Organisation.merged_into.is_(None))
    ).one_or_none()
    if organisation is None:
        raise NotFound
    domains = select(OrganisationDomain.domain).where(OrganisationDomain.organisation_id == organisation.id)
    opened = select(IdentityProvider).where(
        IdentityProvider.organisation_id == organisation.id, IdentityProvider.closed_at.is_(None)
    )
    return OfOrganisation(
        organisation.id,
        organisation.name,
        organisation.slug,
        tuple(read.session.scalars(domains.order_by(OrganisationDomain.domain))),
        read.session.scalars(opened.order_by(IdentityProvider.id.desc()).limit(1)).one_or_none(),
    )
