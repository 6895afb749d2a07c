"""Importing the directory of organisations."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Date, Text, func, insert, select, update
from sqlalchemy.orm import aliased

from cop.core.errors import Refusal, marked
from cop.core.work import Reading, Work
from cop.formats.tables import Row
from cop.models.organisations import Membership, Organisation, OrganisationDomain, OrganisationKind
from cop.models.regions import Region
from cop.services.imports import planning
from cop.services.imports.planning import Action, Line, Plan, PlanRefused
from cop.services.organisations import clean_code, clean_domain, clean_name, clean_text, free_slug, past_date

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FACTS = ("kind", "membership", "region", "joined_on", "source", "code")


@dataclass(frozen=True)
class Facts:
    """What one row says; None is not known."""

    name: str
    kind: OrganisationKind | None
    membership: Membership | None
    region: Region | None
    joined_on: date | None
    source: str | None
    code: str | None
    domains: frozenset[str]


@dataclass(frozen=True)
class Known:
    """What the directory says of an organisation."""

    slug: str
    name: str
    kind: OrganisationKind
    membership: Membership | None
    region: str | None
    joined_on: date | None
    source: str | None
    code: str | None


@dataclass
class Directory:
    """The whole directory by case-folded name; it is small beside any list that is imported into it.

    The name of a double stands for the record that it was merged into, so that old lists can be imported again.
    """

    known: dict[str, Known]
    owners: dict[str, str]
    """The name of the organisation that holds a domain."""
    slugs: set[str]


@dataclass
class Draft:
    """A plan in the making, with what the statements need: facts by slug, and domains with their slug."""

    lines: list[Line] = field(default_factory=list)
    new: list[tuple[str, Facts]] = field(default_factory=list)
    changed: list[tuple[str, Facts]] = field(default_factory=list)
    domains: list[tuple[str, str]] = field(default_factory=list)


def plan_organisations(read: Reading, rows: Sequence[Row]) -> Plan:
    """What importing these rows would do. Blank cells and missing columns never erase what is known."""
    planning.only_admins(read)
    return Plan(tuple(_draft(read, rows).lines))


def import_organisations(work: Work, rows: Sequence[Row]) -> Plan:
    """Carry the plan out; PlanRefused and nothing written where a line is refused."""
    planning.only_admins(work)
    planning.one_at_a_time(work)
    draft = _draft(work, rows)
    plan = Plan(tuple(draft.lines))
    if plan.refused:
        raise PlanRefused(plan)
    _insert(work, draft)
    _update(work, draft)
    _add_domains(work, draft)
    work.session.expire_all()
    return plan


def _draft(read: Reading, rows: Sequence[Row]) -> Draft:
    directory = _directory(read)
    draft, seen = Draft(), dict[str, int]()
    for row in rows:
        try:
            facts = _facts(row, read.now.date())
            planning.refuse_double(seen, facts.name.casefold(), row.line)
            draft.lines.append(_line(draft, directory, row.line, facts))
        except Refusal as refusal:
            draft.lines.append(planning.refuse(row.line, row.values["name"], refusal))
    return draft


def _directory(read: Reading) -> Directory:
    called = aliased(Organisation)
    columns = [getattr(Organisation, name) for name in ("slug", "name", *FACTS)]
    found = select(called.name, called.slug, *columns).join(
        Organisation, Organisation.id == func.coalesce(called.merged_into, called.id)
    )
    rows = read.session.execute(found).all()
    held = select(OrganisationDomain.domain, Organisation.name).join(OrganisationDomain.organisation)
    owners = {row.domain: row.name for row in read.session.execute(held)}
    return Directory({row[0].casefold(): Known(*row[2:]) for row in rows}, owners, {row[1] for row in rows})


def _facts(row: Row, today: date) -> Facts:
    value = row.values.get
    return Facts(
        name=clean_name(value("name", "")),
        kind=planning.one_of(OrganisationKind, value("kind", "")),
        membership=planning.one_of(Membership, value("membership", "")),
        region=planning.one_of(Region, value("region", "")),
        joined_on=_joined_on(value("joined_on", ""), today),
        source=clean_text(value("source", "")) or None,
        code=clean_code(value("code", "")),
        domains=frozenset(clean_domain(domain) for domain in value("domains", "").split()),
    )


def _joined_on(text: str, today: date) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise Refusal(marked("“%(text)s” is no date: write it like 2024-03-31"), text=text)
    return past_date(found, today)


def _line(draft: Draft, directory: Directory, line: int, facts: Facts) -> Line:
    before = directory.known.get(facts.name.casefold())
    name = before.name if before else facts.name
    for domain in sorted(facts.domains):
        if directory.owners.get(domain, name) != name:
            owner = directory.owners[domain]
            raise Refusal(marked("“%(domain)s” already belongs to %(owner)s"), domain=domain, owner=owner)
    if before is None and facts.kind is None:
        kinds = ", ".join(OrganisationKind)
        raise Refusal(marked("a new organisation needs a kind, one of: %(kinds)s"), kinds=kinds)
    new_domains = {domain for domain in facts.domains if domain not in directory.owners}
    directory.owners |= dict.fromkeys(new_domains, name)
    slug = before.slug if before else free_slug(name, directory.slugs.__contains__)
    draft.domains += [(domain, slug) for domain in new_domains]
    if before is None:
        directory.slugs.add(slug)
        draft.new.append((slug, facts))
        return Line(line, Action.CREATE, name)
    changed = [fact for fact in FACTS if getattr(facts, fact) not in {None, getattr(before, fact)}]
    if changed:
        draft.changed.append((slug, facts))
    return planning.update(line, name, changed + ["domains"] * bool(new_domains))


def _values(slug: str, facts: Facts) -> dict[str, str | None]:
    joined_on = facts.joined_on.isoformat() if facts.joined_on else None
    return (
        {"slug": slug, "name": facts.name} | {fact: getattr(facts, fact) for fact in FACTS} | {"joined_on": joined_on}
    )


def _insert(work: Work, draft: Draft) -> None:
    if not draft.new:
        return
    given = planning.as_table(
        (_values(*new) for new in draft.new),
        slug=Text(), name=Text(), kind=Text(), membership=Text(), region=Text(), joined_on=Date(), source=Text(),
        code=Text(),
    )  # fmt: skip
    names = list(given.c.keys())
    work.session.execute(insert(Organisation).from_select(names, select(given), include_defaults=False))


def _update(work: Work, draft: Draft) -> None:
    if not draft.changed:
        return
    given = planning.as_table(
        (_values(*changed) for changed in draft.changed),
        slug=Text(), kind=Text(), membership=Text(), region=Text(), joined_on=Date(), source=Text(), code=Text(),
    )  # fmt: skip
    known = {fact: func.coalesce(given.c[fact], getattr(Organisation, fact)) for fact in FACTS}
    work.session.execute(
        update(Organisation).where(Organisation.slug == given.c.slug).values(known),
        execution_options={"synchronize_session": False},
    )


def _add_domains(work: Work, draft: Draft) -> None:
    if not draft.domains:
        return
    given = planning.as_table(
        ({"domain": domain, "slug": slug} for domain, slug in draft.domains), domain=Text(), slug=Text()
    )
    work.session.execute(
        insert(OrganisationDomain).from_select(
            ["domain", "organisation_id"],
            select(given.c.domain, Organisation.id).join(Organisation, Organisation.slug == given.c.slug),
            include_defaults=False,
        )
    )
