"""What a resource says of itself: its name, for whom it is, where it comes from, and by which words it is sorted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.cohorts import Cohort
from cop.models.events import Event
from cop.models.organisations import Organisation
from cop.models.toolkit import ItemKind, Resource, ResourceAudience, ResourceTag, ResourceVersion
from cop.queries import organisations
from cop.queries import toolkit as queries
from cop.services import tags
from cop.services.programmes import free_slug
from cop.services.toolkit.shared import refuse_taken, to_edit, touch

EARLIEST_YEAR = 1900


@dataclass(frozen=True)
class About:
    """``cohort`` and ``event`` are slugs of events of the programme, ``organisation`` is a name in the directory.

    ``tag_ids`` are those of the words by which it is sorted.
    """

    title: str
    summary: str
    kind: ItemKind
    audience: ResourceAudience = ResourceAudience.PUBLIC
    cohort: str = ""
    licence: str = ""
    owner_id: int | None = None
    organisation: str = ""
    event: str = ""
    place: str = ""
    sector: str = ""
    result: str = ""
    source: str = ""
    year: int | None = None
    review_on: date | None = None
    tag_ids: Sequence[int] = ()


def create(work: Work, *, programme_id: int, about: About, slug: str = "") -> Resource:
    """Begin a resource that nobody sees yet, with an empty first version. A blank slug is made from the title."""
    if not work.actor.may(*queries.EDITORS, programme_id=programme_id):
        raise NotFound
    found = free_slug(work, Resource, slug=slug, name=about.title)
    refuse_taken(found)
    resource = Resource(programme_id=programme_id, slug=found, revision=0, made_at=work.now, changed_at=work.now)
    _say(work, resource, about)
    work.session.add(resource)
    work.session.flush()
    work.session.add(ResourceVersion(resource_id=resource.id, number=1, made_at=work.now))
    _sort(work, resource, about.tag_ids)
    work.session.flush()
    return resource


def edit(work: Work, *, resource_id: int, about: About, seen: int | None = None) -> Resource:
    """Change what it says of itself, at once; what stands in it is changed by versions, and its address never."""
    resource = to_edit(work, resource_id, seen)
    _say(work, resource, about)
    _sort(work, resource, about.tag_ids)
    touch(work, resource)
    return resource


def _say(work: Work, resource: Resource, about: About) -> None:
    if about.licence and about.licence not in queries.LICENCES:
        raise Refusal(marked("Choose a licence from the list"), field="licence")
    if about.year is not None and not EARLIEST_YEAR <= about.year <= day_of(work.now).year:
        raise Refusal(marked("Enter a year from %(first)s to this one"), field="year", first=EARLIEST_YEAR)
    programme_id = resource.programme_id
    resource.title, resource.summary, resource.kind = about.title, about.summary, about.kind
    resource.audience, resource.cohort_id = about.audience, _cohort(work, programme_id, about)
    resource.licence = about.licence
    resource.owner_id = _owner(work, resource, about.owner_id)
    resource.organisation_id = _organisation(work, about.organisation)
    resource.event_id = _event(work, programme_id, about.event)
    resource.place, resource.sector, resource.result = about.place, about.sector, about.result
    resource.source, resource.year = about.source, about.year
    resource.review_on = about.review_on


def _cohort(work: Work, programme_id: int, about: About) -> int | None:
    if about.audience is not ResourceAudience.COHORT:
        return None
    found = select(Cohort.event_id).join(Event, Event.id == Cohort.event_id)
    cohort_id = work.session.scalar(found.where(Event.slug == about.cohort, Event.programme_id == programme_id))
    if cohort_id is None:
        raise Refusal(marked("Choose the course whose alumni may see it"), field="cohort")
    return cohort_id


def _owner(work: Work, resource: Resource, owner_id: int | None) -> int | None:
    """Somebody who may alter it, or who owned it already: a former editor stays until another is named."""
    if owner_id is None or owner_id == resource.owner_id:
        return owner_id
    if owner_id not in dict(queries.owners(work, programme_id=resource.programme_id)):
        raise Refusal(marked("Choose an owner from the list"), field="owner_id")
    return owner_id


def _organisation(work: Work, name: str) -> int | None:
    if not name:
        return None
    found: Organisation | None = organisations.named(work, name)
    if found is None:
        raise Refusal(marked("No organisation in the directory is called “%(name)s”"), field="organisation", name=name)
    return found.id


def _event(work: Work, programme_id: int, slug: str) -> int | None:
    if not slug:
        return None
    found = select(Event.id).where(Event.slug == slug, Event.programme_id == programme_id)
    event_id = work.session.scalar(found)
    if event_id is None:
        raise Refusal(marked("Choose an event from the list"), field="event")
    return event_id


def _sort(work: Work, resource: Resource, tag_ids: Sequence[int]) -> None:
    """Give it these words and no others. A retired word stays where it was, and is given to nothing anew."""
    held = frozenset(queries.tag_ids(work, resource.id))
    wanted = tags.chosen(work, tag_ids, kept=held)
    if gone := held - wanted:
        work.session.execute(
            delete(ResourceTag).where(ResourceTag.resource_id == resource.id, ResourceTag.tag_id.in_(gone))
        )
    if added := sorted(wanted - held):
        rows = [{"resource_id": resource.id, "tag_id": tag_id} for tag_id in added]
        work.session.execute(insert(ResourceTag), rows)
