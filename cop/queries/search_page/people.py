"""Whom the search finds in the directory of members: by what they show there, and by nothing else."""

from functools import cache
from typing import Any

from sqlalchemy import Select, String, and_, case, func, select
from sqlalchemy.dialects.postgresql import TSVECTOR

from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.members import Profile, ProfileTag
from cop.models.organisations import Organisation
from cop.models.tags import Tag
from cop.queries.forum import is_member
from cop.queries.forum.entering import PERSON
from cop.queries.members import is_listed
from cop.queries.search_page.shared import LIMIT, OFFSET, asked, english, excerpt


def people(_read: Reading) -> Select[*tuple[Any, ...]]:
    return _people()


@cache
def _people() -> Select[*tuple[Any, ...]]:
    named = select(func.string_agg(Tag.name, " · ")).join(ProfileTag, ProfileTag.tag_id == Tag.id)
    lives = and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
    place = case((Profile.shows_organisation, func.coalesce(Organisation.name, Affiliation.organisation_text)))
    said = func.concat_ws(
        " · ",
        case((Profile.shows_role, func.nullif(Affiliation.role_title, ""))),
        func.nullif(Profile.about, ""),
        named.where(ProfileTag.person_id == Person.id).scalar_subquery(),
        type_=String,
    )
    words = func.to_tsvector(english(), func.concat_ws(" ", Person.name, place, said), type_=TSVECTOR)
    fits = (
        select(Person.id, Person.name, place.label("place"), said.label("said"), words.label("words"), Person.public_id)
        .join(Profile, Profile.person_id == Person.id)
        .outerjoin(Affiliation, lives)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(words.op("@@")(asked()), is_listed(Person.id), is_member(PERSON))
        .subquery("fits")
    )
    rank = func.ts_rank(fits.c.words, asked())
    return (
        select(fits.c.name, func.coalesce(fits.c.place, ""), excerpt(fits.c.said), fits.c.public_id)
        .order_by(rank.desc(), fits.c.name, fits.c.id)
        .limit(LIMIT)
        .offset(OFFSET)
    )
