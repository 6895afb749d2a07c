"""Case studies from a list: each becomes a published resource that says whose claim it is and of which year."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.formats.tables import Row
from cop.models.tags import Tag, TagKind
from cop.models.toolkit import (
    ItemKind,
    Resource,
    ResourceAudience,
    ResourceState,
    ResourceTag,
    ResourceVersion,
)
from cop.queries import toolkit as queries
from cop.services.programmes import slug_from
from cop.services.toolkit.shared import TAKEN_BY_PAGES

COLUMNS = frozenset({"place", "title", "sector", "theme", "result", "source"})

YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
PIECES = re.compile(r"\s*;\s*")

COMMUNITIES, DISCRIMINATION, INCOME = "communities-and-environment", "discrimination-and-exclusion", "income"

DETERMINANTS: Mapping[str, Sequence[str]] = {
    "advice": (INCOME,),
    "autism": (DISCRIMINATION,),
    "children": ("early-years",),
    "complex needs": (DISCRIMINATION,),
    "council–resident deal": (COMMUNITIES,),
    "economy": (INCOME, "working-conditions"),
    "engagement": (COMMUNITIES,),
    "environment": (COMMUNITIES,),
    "equality": (DISCRIMINATION,),
    "families": ("early-years",),
    "food": (INCOME,),
    "fuel poverty": ("housing", INCOME),
    "green space": (COMMUNITIES,),
    "health inequalities": (DISCRIMINATION,),
    "participation": (COMMUNITIES,),
    "person-centred": (COMMUNITIES,),
    "poverty": (INCOME,),
    "prevention": (COMMUNITIES,),
    "recovery": (INCOME,),
    "rural": (COMMUNITIES,),
    "settings": ("education",),
    "social care": ("working-conditions",),
    "strategy": (INCOME, "housing"),
    "town council": (COMMUNITIES,),
    "trusted messengers": (DISCRIMINATION,),
    "vaccine confidence": (DISCRIMINATION,),
    "vaccine equity": (DISCRIMINATION,),
    "vcse": (COMMUNITIES,),
    "vcse grants": (COMMUNITIES,),
    "whole-place": (COMMUNITIES, INCOME),
    "work": ("working-conditions",),
}
"""The social determinants of health that the themes of the lists speak of, as addresses of words. Editors of the
toolkit can sort each study otherwise; a theme that is not here sorts nothing.
"""


@dataclass(frozen=True)
class Imported:
    """How many became resources now, and how many were there already."""

    made: int
    known: int


def import_case_studies(work: Work, rows: Sequence[Row], *, programme_id: int) -> Imported:
    """All of them or none. The same study of the same source is made once, so that a list can be taken again."""
    if not work.actor.may(*queries.EDITORS, programme_id=programme_id):
        raise NotFound
    for row in rows:
        for column in ("place", "title", "source"):
            if not row.values[column]:
                raise Refusal(marked("Line %(line)s has no %(column)s"), line=row.line, column=column)
    known = _known(work, programme_id)
    new: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        if _key(row) not in known:
            new.setdefault(_key(row), row)
    resources = [
        _resource(work, programme_id, row, slug)
        for row, slug in zip(new.values(), _slugs(work, new.values()), strict=True)
    ]
    work.session.add_all(resources)
    work.session.flush()
    work.session.add_all(
        ResourceVersion(
            resource_id=resource.id,
            number=1,
            made_at=work.now,
            published_at=work.now,
            published_by=work.actor.person_id,
        )
        for resource in resources
    )
    _sort(work, resources, [*new.values()])
    work.session.flush()
    return Imported(len(new), len(rows) - len(new))


def _known(work: Work, programme_id: int) -> frozenset[tuple[str, str, str]]:
    found = select(Resource.place, Resource.title, Resource.source).where(
        Resource.programme_id == programme_id, Resource.kind == ItemKind.CASE_STUDY
    )
    return frozenset((place, title, source) for place, title, source in work.session.execute(found))


def _key(row: Row) -> tuple[str, str, str]:
    return row.values["place"], row.values["title"], row.values["source"]


def _slugs(work: Work, rows: Iterable[Row]) -> Iterator[str]:
    """Words of the place and the title for each address, with a number where they are taken."""
    taken = set(work.session.scalars(select(Resource.slug))) | TAKEN_BY_PAGES
    for row in rows:
        words = slug_from(f"{row.values['place']} {row.values['title']}") or "case-study"
        numbered = (f"{words}-{number}" for number in range(2, len(taken) + 3))
        slug = next(slug for slug in (words, *numbered) if slug not in taken)
        taken.add(slug)
        yield slug


def _resource(work: Work, programme_id: int, row: Row, slug: str) -> Resource:
    values = row.values
    years = YEAR.findall(values["source"])
    theme = f" Its theme there: {values['theme']}." if values["theme"] else ""
    return Resource(
        programme_id=programme_id,
        slug=slug,
        title=values["title"],
        summary=f"A case study from {values['place']}.{theme}",
        kind=ItemKind.CASE_STUDY,
        audience=ResourceAudience.PUBLIC,
        state=ResourceState.PUBLISHED,
        version=1,
        place=values["place"],
        sector=values["sector"],
        result=values["result"],
        source=values["source"],
        year=int(years[-1]) if years else None,
        made_at=work.now,
        published_at=work.now,
        changed_at=work.now,
    )


def _sort(work: Work, resources: Sequence[Resource], rows: Sequence[Row]) -> None:
    known = select(Tag.slug, Tag.id).where(Tag.kind == TagKind.THEME, Tag.retired_at.is_(None))
    ids = {tag.slug: tag.id for tag in work.session.execute(known)}
    given = [
        {"resource_id": resource.id, "tag_id": ids[slug]}
        for resource, row in zip(resources, rows, strict=True)
        for slug in _determinants(row.values["theme"])
        if slug in ids
    ]
    if given:
        work.session.execute(insert(ResourceTag), given)


def _determinants(theme: str) -> Sequence[str]:
    """Of each of the themes that stand side by side, each once."""
    found = (slug for piece in PIECES.split(theme.lower()) for slug in DETERMINANTS.get(piece, ()))
    return tuple(dict.fromkeys(found))
