"""Importing people and where they belong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Text,
    and_,
    any_,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.types import TypeEngine

from cop.core.errors import Refusal, marked
from cop.core.secrecy import random_word
from cop.core.work import Reading, Work
from cop.formats.tables import Row
from cop.models.accounts import Affiliation, Channel, Person, Sector
from cop.models.organisations import Organisation
from cop.services import accounts
from cop.services.accounts import name_from
from cop.services.imports import planning
from cop.services.imports.planning import Action, Line, Plan, PlanRefused
from cop.services.organisations import clean_name, clean_text


@dataclass(frozen=True)
class Facts:
    """What one row says; None is not known."""

    email: str
    name: str | None
    organisation_id: int | None
    sector: Sector | None
    role_title: str | None


@dataclass(frozen=True)
class Known:
    """A person with their live primary affiliation, if they have one."""

    person_id: int
    name: str
    affiliation_id: int | None
    organisation_id: int | None
    sector: Sector | None
    role_title: str | None


@dataclass
class Draft:
    """A plan in the making, with what the statements need."""

    lines: list[Line] = field(default_factory=list)
    new: list[Facts] = field(default_factory=list)
    renamed: list[dict[str, Any]] = field(default_factory=list)
    corrected: list[dict[str, Any]] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    begun: list[dict[str, Any]] = field(default_factory=list)


def plan_people(read: Reading, rows: Sequence[Row]) -> Plan:
    """What importing these rows would do. Blank cells and missing columns never erase what is known."""
    planning.only_admins(read)
    return Plan(tuple(_draft(read, rows).lines))


def import_people(work: Work, rows: Sequence[Row]) -> Plan:
    """Carry the plan out; PlanRefused and nothing written where a line is refused.

    Whoever moved to another organisation keeps the earlier one in their history.
    """
    planning.only_admins(work)
    planning.one_at_a_time(work)
    draft = _draft(work, rows)
    plan = Plan(tuple(draft.lines))
    if plan.refused:
        raise PlanRefused(plan)
    _add_people(work, draft.new)
    _rename(work, draft.renamed)
    _correct(work, draft.corrected)
    _end(work, draft.ended)
    _begin(work, draft.begun)
    work.session.expire_all()
    return plan


def _draft(read: Reading, rows: Sequence[Row]) -> Draft:
    addresses = [_address(row) for row in rows]
    known = _known(read, [address for address in addresses if isinstance(address, str)])
    organisations = _organisations(read)
    draft, seen = Draft(), dict[str, int]()
    for row, address in zip(rows, addresses, strict=True):
        try:
            facts = _facts(row, address, organisations)
            planning.refuse_double(seen, facts.email, row.line)
            draft.lines.append(_line(draft, known.get(facts.email), row.line, facts))
        except Refusal as refusal:
            draft.lines.append(planning.refuse(row.line, row.values["email"], refusal))
    return draft


def _address(row: Row) -> str | Refusal:
    try:
        return accounts.clean_email(row.values["email"])
    except Refusal as refusal:
        return refusal


def _known(read: Reading, emails: list[str]) -> dict[str | None, Known]:
    live = and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
    found = read.session.execute(
        select(
            Person.email,
            Person.id,
            Person.name,
            Affiliation.id,
            Affiliation.organisation_id,
            Affiliation.sector,
            Affiliation.role_title,
        )
        .outerjoin(Affiliation, live)
        .where(Person.email == any_(literal(emails, ARRAY(Text))))
    )
    return {row[0]: Known(*row[1:]) for row in found}


def _organisations(read: Reading) -> dict[str, int]:
    """The ids of organisations by slug and by case-folded name; a name wins over another's slug.

    What a double was called stands for the record that it was merged into.
    """
    kept = func.coalesce(Organisation.merged_into, Organisation.id).label("id")
    rows = read.session.execute(select(kept, Organisation.slug, Organisation.name)).all()
    return {row.slug: row.id for row in rows} | {row.name.casefold(): row.id for row in rows}


def _facts(row: Row, address: str | Refusal, organisations: Mapping[str, int]) -> Facts:
    if isinstance(address, Refusal):
        raise address
    value = row.values.get
    name, organisation = value("name", ""), clean_text(value("organisation", ""))
    if organisation and organisation.casefold() not in organisations:
        raise Refusal(marked("There is no organisation “%(name)s”. Add it to the directory first."), name=organisation)
    return Facts(
        email=address,
        name=clean_name(name) if name else None,
        organisation_id=organisations[organisation.casefold()] if organisation else None,
        sector=planning.one_of(Sector, value("sector", "")),
        role_title=clean_text(value("role_title", "")) or None,
    )


def _line(draft: Draft, before: Known | None, line: int, facts: Facts) -> Line:
    if before is None:
        draft.new.append(facts)
        if facts.organisation_id or facts.sector or facts.role_title:
            draft.begun.append(_affiliation(facts, None))
        return Line(line, Action.CREATE, facts.email)
    changed = _changes(facts, before)
    if "name" in changed:
        draft.renamed.append({"id": before.person_id, "name": facts.name})
    if changed - {"name"}:
        _move(draft, facts, before)
    order = {"name": 0, "organisation": 1, "sector": 2, "role_title": 3}
    return planning.update(line, facts.email, sorted(changed, key=order.__getitem__))


def _changes(facts: Facts, before: Known) -> set[str]:
    pairs = {
        "name": (facts.name, before.name),
        "organisation": (facts.organisation_id, before.organisation_id),
        "sector": (facts.sector, before.sector),
        "role_title": (facts.role_title, before.role_title),
    }
    return {column for column, (new, old) in pairs.items() if new not in {None, old}}


def _move(draft: Draft, facts: Facts, before: Known) -> None:
    """Correct the affiliation, or end it and begin another, as ``accounts.set_affiliation`` does for one person."""
    after = _affiliation(facts, before)
    stays = before.organisation_id in {None, after["organisation_id"]}
    if before.affiliation_id is not None and stays:
        draft.corrected.append(after | {"id": before.affiliation_id})
        return
    if before.affiliation_id is not None:
        draft.ended.append(before.affiliation_id)
    draft.begun.append(after)


def _affiliation(facts: Facts, before: Known | None) -> dict[str, Any]:
    sector = facts.sector or (before.sector if before else None)
    return {
        "email": facts.email,
        "organisation_id": facts.organisation_id or (before.organisation_id if before else None),
        "relation": accounts.relation_for(sector),
        "sector": sector,
        "role_title": facts.role_title or (before.role_title if before else None),
    }


PLACE: dict[str, TypeEngine[Any]] = {
    "organisation_id": BigInteger(),
    "relation": Text(),
    "sector": Text(),
    "role_title": Text(),
}


def _add_people(work: Work, new: Sequence[Facts]) -> None:
    if not new:
        return
    given = planning.as_table(
        (
            {
                "public_id": random_word(),
                "email": facts.email,
                "name": facts.name or name_from(facts.email),
                "created_at": work.now.isoformat(),
                "prefers": Channel.EMAIL,
                "timezone": "Europe/London",
                "calendar_generation": 0,
            }
            for facts in new
        ),
        public_id=Text(),
        email=Text(),
        name=Text(),
        created_at=DateTime(timezone=True),
        prefers=Text(),
        timezone=Text(),
        calendar_generation=BigInteger(),
    )
    names = list(given.c.keys())
    work.session.execute(insert(Person).from_select(names, select(given), include_defaults=False))


def _rename(work: Work, renamed: Sequence[Mapping[str, Any]]) -> None:
    if not renamed:
        return
    given = planning.as_table(renamed, id=BigInteger(), name=Text())
    work.session.execute(
        update(Person).where(Person.id == given.c.id).values(name=given.c.name),
        execution_options={"synchronize_session": False},
    )


def _correct(work: Work, corrected: Sequence[Mapping[str, Any]]) -> None:
    if not corrected:
        return
    given = planning.as_table(corrected, id=BigInteger(), **PLACE)
    work.session.execute(
        update(Affiliation).where(Affiliation.id == given.c.id).values({name: given.c[name] for name in PLACE}),
        execution_options={"synchronize_session": False},
    )


def _end(work: Work, ended: Sequence[int]) -> None:
    if not ended:
        return
    work.session.execute(
        update(Affiliation)
        .where(Affiliation.id == any_(literal(list(ended), ARRAY(BigInteger))))
        .values(to_on=work.now.date()),
        execution_options={"synchronize_session": False},
    )


def _begin(work: Work, begun: Sequence[Mapping[str, Any]]) -> None:
    if not begun:
        return
    given = planning.as_table(begun, email=Text(), **PLACE)
    today = literal(work.now.date(), Date)
    work.session.execute(
        insert(Affiliation).from_select(
            ["person_id", *PLACE, "from_on", "is_primary"],
            select(Person.id, *(given.c[name] for name in PLACE), today, literal(True, Boolean)).join(
                Person, Person.email == given.c.email
            ),
            include_defaults=False,
        )
    )
