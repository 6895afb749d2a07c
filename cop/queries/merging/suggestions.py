"""Records that may be doubles of one another, for admins to look at. Nothing is merged by itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import combinations
from typing import Any

from sqlalchemy import ARRAY, CTE, Select, Text, and_, bindparam, func, literal, literal_column, select, union_all
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import TextClause

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import ADDRESS_KEY, NAME_KEY, PHONE_KEY, Account, Affiliation, Person
from cop.models.organisations import Organisation
from cop.queries.organisations import exists_today

ORGANISATIONS_MOST = 50


class Reason(StrEnum):
    """Why two records may be one person, the strongest first."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"


@dataclass(frozen=True)
class Someone:
    public_id: str
    name: str
    email: str | None
    phone: str | None
    organisation: str | None
    has_signed_in: bool


@dataclass(frozen=True)
class Pair:
    """``kept`` is the one that has signed in, or else the older: a proposal, and either may be kept."""

    kept: Someone
    gone: Someone
    reasons: Sequence[Reason]


def people(read: Reading, *, offset: int = 0, limit: int = 20) -> Sequence[Pair]:
    """Pairs by name, ``limit`` + 1 of them so that the caller knows of a next page."""
    _only_admins(read)
    rows = read.session.execute(_people(), {"from": offset, "most": limit + 1}).all()
    return [_pair(row) for row in rows]


def _pair(row: Any) -> Pair:
    one, other = Someone(*row[:6]), Someone(*row[6:12])
    turned = other.has_signed_in and not one.has_signed_in
    reasons = [reason for reason in Reason if reason in row.reasons]
    return Pair(other, one, reasons) if turned else Pair(one, other, reasons)


@cache
def _people() -> Select[*tuple[Any, ...]]:
    names, phones, addresses = _keyed(NAME_KEY, "names"), _keyed(PHONE_KEY, "phones"), _keyed(ADDRESS_KEY, "addresses")
    found = union_all(_colleagues(names), _alike(phones, Reason.PHONE), _named_like(names, addresses)).subquery("found")
    pairs = (
        select(found.c.one, found.c.other, func.array_agg(found.c.reason, type_=ARRAY(Text)).label("reasons"))
        .group_by(found.c.one, found.c.other)
        .subquery("pairs")
    )
    one, other = aliased(Person), aliased(Person)
    return (
        select(*_columns(one), *_columns(other), pairs.c.reasons)
        .join(one, one.id == pairs.c.one)
        .join(other, other.id == pairs.c.other)
        .order_by(one.name, one.id, other.id)
        .offset(bindparam("from"))
        .limit(bindparam("most"))
    )


def _columns(person: Any) -> list[Any]:
    live = and_(Affiliation.person_id == person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
    place = select(func.coalesce(Organisation.name, Affiliation.organisation_text)).select_from(Affiliation)
    place = place.outerjoin(Organisation, Organisation.id == Affiliation.organisation_id).where(live)
    account = select(Account.person_id).where(Account.person_id == person.id)
    return [
        person.public_id,
        person.name,
        person.email,
        person.phone,
        place.correlate(person).scalar_subquery(),
        account.correlate(person).exists(),
    ]


def _keyed(key: TextClause, name: str) -> CTE:
    """People by what an index holds of them. The expression names plain columns, so it stands alone with its table."""
    worded = literal_column(key.text, Text)
    known = select(Person.id, worded.label("key")).where(
        Person.merged_into.is_(None), Person.erased_at.is_(None), func.length(worded) > 0
    )
    return known.cte(name)


def _colleagues(names: CTE) -> Select[Any]:
    """The same name in one organisation."""
    here = (
        select(names.c.id, names.c.key, Affiliation.organisation_id)
        .join(Affiliation, Affiliation.person_id == names.c.id)
        .where(Affiliation.is_primary, Affiliation.to_on.is_(None), Affiliation.organisation_id.is_not(None))
        .cte("colleagues")
    )
    one, other = here.alias("one_colleague"), here.alias("other_colleague")
    same = and_(one.c.key == other.c.key, one.c.organisation_id == other.c.organisation_id, one.c.id < other.c.id)
    return _as_pairs(one, other, Reason.NAME).join(other, same)


def _alike(keyed: CTE, reason: Reason) -> Select[Any]:
    one, other = keyed.alias(f"one_{reason}"), keyed.alias(f"other_{reason}")
    return _as_pairs(one, other, reason).join(other, and_(one.c.key == other.c.key, one.c.id < other.c.id))


def _named_like(names: CTE, addresses: CTE) -> Select[Any]:
    """The name of one is the address of the other, as for somebody who was entered without one."""
    one, other = names.alias("one_named"), addresses.alias("other_addressed")
    first, second = func.least(one.c.id, other.c.id), func.greatest(one.c.id, other.c.id)
    pairs = select(first.label("one"), second.label("other"), literal(Reason.ADDRESS, Text).label("reason"))
    return pairs.select_from(one).join(other, and_(one.c.key == other.c.key, one.c.id != other.c.id)).distinct()


def _as_pairs(one: Any, other: Any, reason: Reason) -> Select[Any]:
    pair = select(one.c.id.label("one"), other.c.id.label("other"), literal(reason, Text).label("reason"))
    return pair.select_from(one)


@dataclass(frozen=True)
class Twins:
    """Two organisations with the same words in their names, or of the same area."""

    kept_slug: str
    kept_name: str
    gone_slug: str
    gone_name: str
    same_code: bool


NOISE = frozenset(
    {
        "and",
        "borough",
        "city",
        "council",
        "county",
        "district",
        "london",
        "metropolitan",
        "of",
        "royal",
        "the",
        "unitary",
    }
)
"""Words that one list writes and another leaves out. Town and parish are no such words."""


def organisations(read: Reading) -> Sequence[Twins]:
    """Pairs by name; the directory of organisations is small, so it is looked through as a whole."""
    _only_admins(read)
    found = select(Organisation.slug, Organisation.name, Organisation.code).where(exists_today(read))
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for slug, name, code in read.session.execute(found.order_by(Organisation.name, Organisation.id)):
        groups.setdefault(("words", _bare(name)), []).append((slug, name))
        if code is not None:
            groups.setdefault(("code", code), []).append((slug, name))
    twins: dict[tuple[str, str], Twins] = {}
    for (kind, key), items in groups.items():
        for (kept_slug, kept_name), (gone_slug, gone_name) in combinations(items if key else [], 2):
            is_area = kind == "code" or getattr(twins.get((kept_slug, gone_slug)), "same_code", False)
            twins[kept_slug, gone_slug] = Twins(kept_slug, kept_name, gone_slug, gone_name, is_area)
    return sorted(twins.values(), key=lambda twin: (twin.kept_name, twin.gone_name))[:ORGANISATIONS_MOST]


def _bare(name: str) -> str:
    words = re.findall(r"\w+", name.lower().replace("&", " and ").replace("’", "").replace("'", ""))
    return " ".join(sorted(word for word in words if word not in NOISE))


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
