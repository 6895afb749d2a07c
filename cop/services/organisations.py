"""Keeping the directory of organisations."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date

from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Reading, Work
from cop.models.organisations import Membership, Organisation, OrganisationDomain, OrganisationKind
from cop.models.regions import Region
from cop.queries import organisations as queries

MOST_CHARACTERS = 200

DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)

SHARED_DOMAINS = frozenset(
    {
        "ac.uk",
        "co.uk",
        "gov.uk",
        "ltd.uk",
        "me.uk",
        "net.uk",
        "nhs.net",
        "nhs.scot",
        "nhs.uk",
        "nhs.wales",
        "org.uk",
        "plc.uk",
        "police.uk",
        "sch.uk",
        "aol.com",
        "btinternet.com",
        "gmail.com",
        "googlemail.com",
        "hotmail.co.uk",
        "hotmail.com",
        "icloud.com",
        "live.co.uk",
        "live.com",
        "mail.com",
        "me.com",
        "msn.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "sky.com",
        "talktalk.net",
        "virginmedia.com",
        "yahoo.co.uk",
        "yahoo.com",
    }
)
"""Domains under which people of many organisations write: none of them tells where somebody works."""

RESERVED_SLUGS = frozenset({"new", "import"})
"""Words that stand for pages in the addresses of the directory."""

CODE = re.compile(r"[EKNSW][0-9]{8}", re.ASCII)

SUGGESTIONS = 3


def create_organisation(
    work: Work,
    *,
    name: str,
    kind: OrganisationKind,
    membership: Membership | None = None,
    region: Region | None = None,
    rural: bool | None = None,
    joined_on: date | None = None,
    source: str | None = None,
    code: str | None = None,
    domains: Iterable[str] = (),
) -> Organisation:
    """Add an organisation; its address is made of its name and stays when the name changes."""
    _only_admins(work)
    name = _free_name(work, name)
    organisation = Organisation(
        slug=free_slug(name, _slug_is_taken(work)),
        name=name,
        kind=kind,
        membership=membership,
        region=str(region) if region else None,
        rural=rural,
        joined_on=_past(work, joined_on),
        source=clean_text(source or "") or None,
        code=clean_code(code or ""),
        domains=[OrganisationDomain(domain=domain) for domain in _free_domains(work, domains)],
    )
    work.session.add(organisation)
    work.session.flush()
    return organisation


def edit_organisation(  # noqa: PLR0913  one for each thing that is known of an organisation
    work: Work,
    *,
    slug: str,
    name: str,
    kind: OrganisationKind,
    membership: Membership | None,
    region: Region | None,
    rural: bool | None,
    joined_on: date | None,
    source: str | None,
    code: str | None,
    domains: Iterable[str],
) -> Organisation:
    """Replace what is known of an organisation; domains that are no longer named are given up."""
    _only_admins(work)
    organisation = queries.profile(work, slug=slug).organisation
    organisation.name = _free_name(work, name, but=organisation)
    organisation.kind, organisation.membership = kind, membership
    organisation.region, organisation.rural = str(region) if region else None, rural
    organisation.joined_on = _past(work, joined_on)
    organisation.source, organisation.code = clean_text(source or "") or None, clean_code(code or "")
    wanted = _free_domains(work, domains, but=organisation)
    kept = [held for held in organisation.domains if held.domain in wanted]
    for held in organisation.domains:
        if held not in kept:
            work.session.delete(held)
    new = wanted - {held.domain for held in kept}
    organisation.domains = [*kept, *(OrganisationDomain(domain=domain) for domain in sorted(new))]
    work.session.flush()
    return organisation


def clean_text(text: str) -> str:
    """Composed characters and single spaces, so that two spellings of one name compare equal."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean_name(text: str) -> str:
    name = clean_text(text)
    if not name:
        raise Refusal(marked("Enter a name"), field="name")
    if len(name) > MOST_CHARACTERS:
        raise Refusal(marked("The name must have %(most)s characters or fewer"), field="name", most=MOST_CHARACTERS)
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise Refusal(marked("Remove the invisible control characters from the name"), field="name")
    return name


def clean_domain(text: str) -> str:
    """The domain in lower case, without an @ before it; Refusal where it is none or says nothing."""
    domain = text.strip().lower().removeprefix("@")
    if not DOMAIN.fullmatch(domain):
        raise Refusal(
            marked("“%(domain)s” is not an e-mail domain: write it like example.gov.uk"), field="domains", domain=text
        )
    if domain in SHARED_DOMAINS:
        raise Refusal(
            marked("“%(domain)s” is used by many organisations and does not tell where somebody works"),
            field="domains",
            domain=domain,
        )
    return domain


def clean_code(text: str) -> str | None:
    """The code that the Office for National Statistics gives an area, in capitals; None for a blank."""
    code = text.strip().upper()
    if code and not CODE.fullmatch(code):
        raise Refusal(
            marked("“%(code)s” is no code of an area: it is one letter and eight digits, like E07000243"),
            field="code",
            code=text,
        )
    return code or None


def meant(read: Reading, text: str, *, field: str = "organisation") -> Organisation:
    """The organisation of that name or slug; Refusal with the nearest names where there is none."""
    wanted = clean_text(text)
    if found := queries.named(read, wanted):
        return found
    if near := queries.search(read, words=wanted, limit=SUGGESTIONS):
        raise Refusal(
            marked("There is no organisation “%(name)s”. Did you mean: %(near)s?"),
            field=field,
            name=wanted,
            near="; ".join(item.name for item in near),
        )
    raise Refusal(
        marked("There is no organisation “%(name)s”. Add it to the directory first."), field=field, name=wanted
    )


def past_date(joined_on: date, today: date) -> date:
    if joined_on > today:
        raise Refusal(marked("The date of joining must be today or in the past"), field="joined_on")
    return joined_on


def free_slug(name: str, is_taken: Callable[[str], bool]) -> str:
    """Words for an address, made of the name, with a number where another organisation has them."""
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ")).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", plain))) or "organisation"
    slug, number = words, 1
    while slug in RESERVED_SLUGS or is_taken(slug):
        number += 1
        slug = f"{words}-{number}"
    return slug


def _only_admins(work: Work) -> None:
    if not work.actor.is_admin():
        raise NotFound


def _slug_is_taken(work: Work) -> Callable[[str], bool]:
    return lambda slug: work.session.scalar(select(Organisation.id).where(Organisation.slug == slug)) is not None


def _free_name(work: Work, text: str, but: Organisation | None = None) -> str:
    name = clean_name(text)
    others = select(Organisation.id).where(func.lower(Organisation.name) == func.lower(name))
    if but is not None:
        others = others.where(Organisation.id != but.id)
    if work.session.scalar(others.limit(1)) is not None:
        raise Refusal(marked("There is already an organisation of this name."), field="name")
    return name


def _free_domains(work: Work, texts: Iterable[str], but: Organisation | None = None) -> set[str]:
    domains = {clean_domain(text) for text in texts}
    held = select(OrganisationDomain.domain, Organisation.name).join(OrganisationDomain.organisation)
    held = held.where(OrganisationDomain.domain.in_(domains))
    if but is not None:
        held = held.where(Organisation.id != but.id)
    if taken := work.session.execute(held.limit(1)).one_or_none():
        domain, owner = taken
        raise Refusal(marked("“%(domain)s” already belongs to %(owner)s"), field="domains", domain=domain, owner=owner)
    return domains


def _past(work: Work, joined_on: date | None) -> date | None:
    return past_date(joined_on, work.now.date()) if joined_on else None
