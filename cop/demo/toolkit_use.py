"""The use of the toolkit in the demonstration: looks and downloads of a few months, and what people told of them.

The looks are written down as the pages would have done it. How many there are does not hang on chance.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from cop.demo.stage import Stage, as_person
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.service import Observation
from cop.models.toolkit import Resource, ResourceItem, ResourceState, ResourceVersion, Step
from cop.queries.alumni import alumni
from cop.queries.toolkit_use import DOWNLOADED, VIEWED
from cop.services import toolkit_use

SIGNED_OUT = 5
"""So many looks by people who were signed out for each by somebody who was not."""

READERS = 12

ONE_IN = 3
"""So many of those who look take something along."""

TOLD = (
    (Step.USED, "We worked through it with two GP practices and a tenants’ association."),
    (Step.ADAPTED, "We left out half of it and added a page on who pays for travel and childcare."),
    (Step.RESULT, "Nine residents now sit in the group that decides about the small grants. Two had never voted."),
    (Step.USED, "It was the agenda of our first meeting with the neighbourhood forum."),
)

SAID = (
    (True, "The page on what to say in the first ten minutes is worth all the rest."),
    (True, ""),
    (False, "Written for large towns. What if there is one bus a day?"),
    (True, "Short enough to send to councillors."),
)


def load(stage: Stage) -> None:
    resources = _resources(stage)
    readers = _readers(stage)
    looks = [*_looks(stage, resources, readers)]
    stage.work.session.execute(insert(Observation), looks)
    first = resources[0]
    for number, (step, words) in enumerate(TOLD):
        then = as_person(stage.work, readers[number], stage.at(-10 + 2 * number, 11))
        toolkit_use.tell_use(then, slug=first.slug, step=step, words=words)
    for number, (useful, words) in enumerate(SAID):
        then = as_person(stage.work, readers[-1 - number], stage.at(-12 + 2 * number, 15))
        toolkit_use.say_useful(then, slug=first.slug, useful=useful, words=words, visitor=b"")
    alumna = as_person(stage.work, stage.role("alumna"), stage.at(-20, 10))
    toolkit_use.wish(alumna, slug=first.slug, news=True, ask=True)


def _resources(stage: Stage) -> Sequence[Resource]:
    """What was published for everybody, the lab's own first."""
    found = select(Resource).where(
        Resource.programme_id == stage.programme.id,
        Resource.state == ResourceState.PUBLISHED,
        Resource.audience == "public",
    )
    ordered = found.order_by(Resource.source != "", Resource.id)
    return stage.work.session.scalars(ordered).all()


def _readers(stage: Stage) -> Sequence[Person]:
    """People who completed a course, the alumna last."""
    done = alumni().subquery("done")
    found = select(Person).join(done, done.c.person_id == Person.id).order_by(Person.id).distinct()
    alumna = stage.role("alumna")
    people = stage.work.session.scalars(found, {"now": stage.work.now}).all()
    return [*[person for person in people if person.id != alumna.id][: READERS - 1], alumna]


def _looks(stage: Stage, resources: Sequence[Resource], readers: Sequence[Person]) -> Iterator[dict[str, object]]:
    """The first resources are looked at by most; of what stands in them now, some take something along."""
    standing = _standing(stage, readers)
    items = _items(stage, resources)
    for place, resource in enumerate(resources):
        published_at = resource.published_at or stage.work.now
        for number in range(max(1, READERS - 2 * place)):
            at = _between(resource.made_at, stage.work.now, number, READERS)
            for who in (readers[(place + number) % len(readers)], *[None] * SIGNED_OUT):
                organisation_id, sector = standing.get(who.id, (None, None)) if who else (None, None)
                look = {
                    "kind": VIEWED,
                    "subject_kind": "resource",
                    "subject_id": resource.id,
                    "person_id": who.id if who else None,
                    "value": resource.version if at >= published_at else 1,
                    "at": at,
                    "organisation_id": organisation_id,
                    "sector": sector,
                }
                yield look
                if number % ONE_IN == ONE_IN - 1 and resource.id in items and at >= published_at:
                    item = {"kind": DOWNLOADED, "subject_kind": "resource item", "subject_id": items[resource.id]}
                    yield {**look, **item, "at": at + timedelta(minutes=2)}


def _standing(stage: Stage, readers: Sequence[Person]) -> dict[int, tuple[int | None, Sector | None]]:
    """The organisation and the sector of each reader."""
    today = select(Affiliation.person_id, Affiliation.organisation_id, Affiliation.sector).where(
        Affiliation.person_id.in_([person.id for person in readers]),
        Affiliation.to_on.is_(None),
        Affiliation.is_primary.is_(True),
    )
    return {row.person_id: (row.organisation_id, row.sector) for row in stage.work.session.execute(today)}


def _items(stage: Stage, resources: Sequence[Resource]) -> dict[int, int]:
    """One thing to take along of each resource that has any: its id by that of the resource."""
    found = (
        select(ResourceVersion.resource_id, ResourceItem.id)
        .join(ResourceItem, ResourceItem.version_id == ResourceVersion.id)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(Resource.id.in_([resource.id for resource in resources]), Resource.version == ResourceVersion.number)
        .where(ResourceItem.sha256.is_not(None) | ResourceItem.url.is_not(None))
        .order_by(ResourceItem.position.desc())
    )
    return {row.resource_id: row.id for row in stage.work.session.execute(found)}


def _between(since: datetime, until: datetime, number: int, of: int) -> datetime:
    return since + (until - since) * (number + 0.5) / of
