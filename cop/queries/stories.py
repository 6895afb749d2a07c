"""Stories of what changed: who may read which, one's own, and what a story may name as where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, exists, false, or_, select, true

from cop.core.access import EVENT_EDITORS, Actor
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.adoption import Story, StoryConsent, StoryLink
from cop.models.commitments import Commitment
from cop.models.events import FOR_ANYBODY, Booking, BookingState, Event, EventKind, EventState, Part
from cop.models.forum import Post, Space, Topic
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from cop.models.toolkit import Resource, ResourceTaken, ResourceUse
from cop.queries.forum.entering import PERSON, is_member, spaces_entered, who
from cop.queries.toolkit.seeing import may_see

STEPS = ("activity", "insight", "application", "result", "change")
"""The five steps, by their columns, in the order in which they are told."""

OF_ONE_THING = 5
"""Stories on the page of an event or a resource."""

LINKS_OFFERED = 30
"""Of each sort of thing that a story may come from, the latest."""

_TOLD = and_(Story.told_at.is_not(None), Story.consent != StoryConsent.PRIVATE)


def seen_by(read: Reading) -> ColumnElement[bool]:
    """Whether the actor may read a ``Story`` that was told and not hidden; the values come from ``forum.who``."""
    stands = and_(_TOLD, Story.hidden_at.is_(None))
    if read.actor.via == "system":
        return stands
    is_public = and_(stands, Story.consent == StoryConsent.PUBLIC)
    if read.actor.person_id is None or read.actor.via == "link":
        return is_public
    return _seen_by_person()


@cache
def _seen_by_person() -> ColumnElement[bool]:
    return and_(_TOLD, Story.hidden_at.is_(None), or_(Story.consent == StoryConsent.PUBLIC, is_member(PERSON)))


def keeps_order(actor: Actor, programme_id: int) -> bool:
    """Whether the actor may hide stories of a programme."""
    return actor.may(*EVENT_EDITORS, programme_id=programme_id)


@dataclass(frozen=True)
class Listed:
    """A story in a list. ``teller`` and ``organisation`` are None where it stands without a name."""

    public_id: str
    title: str
    change: str
    consent: StoryConsent
    told_at: datetime | None
    teller: str | None
    organisation: str | None


def told(
    read: Reading,
    *,
    programme_id: int | None = None,
    event_id: int | None = None,
    organisation_id: int | None = None,
    resource_id: int | None = None,
    offset: int = 0,
    limit: int = 20,
) -> Sequence[Listed]:
    """What the actor may read, the latest first, ``limit`` + 1 of them; those of an organisation have a name."""
    found = (
        select(
            Story.public_id,
            Story.title,
            Story.change,
            Story.consent,
            Story.told_at,
            _if_named(Person.name),
            _if_named(Organisation.name),
        )
        .join(Person, Person.id == Story.person_id)
        .outerjoin(Organisation, Organisation.id == Story.organisation_id)
        .where(seen_by(read))
        .order_by(Story.told_at.desc(), Story.id.desc())
        .offset(offset)
        .limit(limit + 1)
    )
    if programme_id is not None:
        found = found.where(Story.programme_id == programme_id)
    if organisation_id is not None:
        found = found.where(Story.organisation_id == organisation_id, Story.named)
    for column, value in ((StoryLink.event_id, event_id), (StoryLink.resource_id, resource_id)):
        if value is not None:
            found = found.where(exists().where(StoryLink.story_id == Story.id, column == value))
    return [Listed(*row) for row in read.session.execute(found, who(read))]


def of_event(read: Reading, event: Event) -> Sequence[Listed]:
    """The latest that came of an event, for its page; before it begins there is nothing to ask."""
    if not any(part.starts_at <= read.now for part in event.parts):
        return ()
    return told(read, event_id=event.id, limit=OF_ONE_THING)[:OF_ONE_THING]


def of_resource(read: Reading, resource_id: int) -> Sequence[Listed]:
    """The latest that came of a resource, for its page."""
    return told(read, resource_id=resource_id, limit=OF_ONE_THING)[:OF_ONE_THING]


def _if_named(column: SQLColumnExpression[str]) -> SQLColumnExpression[str | None]:
    return case((Story.named, column))


@dataclass(frozen=True)
class Source:
    """Something that a story came from. ``key`` stands for it in a form; ``slug`` and the rest make its address."""

    key: str
    title: str
    slug: str = ""
    kind: EventKind | None = None
    space: str = ""
    topic_id: int | None = None

    @property
    def sort(self) -> str:
        return self.key.partition(":")[0]


@dataclass(frozen=True)
class StoryPage:
    """A story with what it came from as far as the reader may see that.

    ``teller`` and ``organisation`` are None where it stands without a name, but for its own teller.
    """

    story: Story
    programme: str
    teller: str | None
    organisation: str | None
    organisation_slug: str | None
    sources: Sequence[Source]
    is_own: bool
    may_hide: bool

    @property
    def missing(self) -> Sequence[str]:
        """The steps that have no words yet."""
        return [step for step in STEPS if not getattr(self.story, step)]

    @property
    def is_told(self) -> bool:
        return self.story.told_at is not None and self.story.consent is not StoryConsent.PRIVATE


def story_page(read: Reading, *, public_id: str) -> StoryPage:
    """For whoever may read it, for its teller in any state, and for those who keep order where it is hidden."""
    mine = Story.person_id == PERSON if read.actor.via == "session" else false()
    hidden = and_(_TOLD, Story.hidden_at.is_not(None), _programmes_of(read.actor))
    found = (
        select(Story, Programme.name, Person.name, Organisation.name, Organisation.slug)
        .join(Programme, Programme.id == Story.programme_id)
        .join(Person, Person.id == Story.person_id)
        .outerjoin(Organisation, Organisation.id == Story.organisation_id)
        .where(Story.public_id == public_id, or_(seen_by(read), mine, hidden))
    )
    row = read.session.execute(found, who(read)).one_or_none()
    if row is None:
        raise NotFound
    story, programme, *names = row
    is_own = read.actor.via == "session" and story.person_id == read.actor.person_id
    teller, organisation, slug = names if story.named else (None, None, None)
    return StoryPage(
        story,
        programme,
        teller,
        organisation,
        slug,
        _sources(read, story, is_own=is_own),
        is_own,
        keeps_order(read.actor, story.programme_id) and story.told_at is not None,
    )


def own_story(read: Reading, *, public_id: str) -> StoryPage:
    """For its teller alone."""
    found = story_page(read, public_id=public_id)
    if not found.is_own:
        raise NotFound
    return found


def _programmes_of(actor: Actor) -> ColumnElement[bool]:
    if actor.may(*EVENT_EDITORS):
        return true()
    ids = {grant.programme_id for grant in actor.grants if grant.role in EVENT_EDITORS and grant.programme_id}
    return Story.programme_id.in_(ids)


def hidden(read: Reading, *, offset: int = 0, limit: int = 20) -> Sequence[Story]:
    """What was hidden, for those who keep order, the latest first, ``limit`` + 1 of them."""
    found = select(Story).where(Story.hidden_at.is_not(None), _TOLD, _programmes_of(read.actor))
    return read.session.scalars(found.order_by(Story.hidden_at.desc()).offset(offset).limit(limit + 1)).all()


def own(read: Reading) -> Sequence[Story]:
    """All stories of the acting person, those that were begun last before the others."""
    found = select(Story).where(Story.person_id == read.actor.person_id)
    return read.session.scalars(found.order_by(Story.id.desc())).all()


def _sources(read: Reading, story: Story, *, is_own: bool) -> Sequence[Source]:
    """Its teller sees all; to others each is there as far as they may see it, and a promise never."""
    of_story = StoryLink.story_id == story.id
    events = _events().join(StoryLink, StoryLink.event_id == Event.id).where(of_story)
    resources = _resources().join(StoryLink, StoryLink.resource_id == Resource.id).where(of_story)
    topics = _topics().join(StoryLink, StoryLink.topic_id == Topic.id).where(of_story)
    found: list[Source] = []
    if is_own:
        promises = _promises().join(StoryLink, StoryLink.commitment_id == Commitment.id).where(of_story)
        found = [Source(f"promise:{key}", what) for key, what in read.session.execute(promises)]
    else:
        events = events.where(Event.state != EventState.DRAFT, Event.visibility.in_(FOR_ANYBODY))
    return [
        *_event_sources(read, events),
        *_resource_sources(read, resources.where(may_see(read))),
        *_topic_sources(read, topics.where(Topic.hidden_at.is_(None), Topic.space_id.in_(spaces_entered()))),
        *found,
    ]


def offered(read: Reading, story: Story) -> Sequence[Source]:
    """What the acting person took part in, took along, wrote or promised, as far as they may see it today."""
    me = read.actor.person_id
    booked = exists().where(Booking.event_id == Event.id, Booking.person_id == me, Booking.state == BookingState.LIVE)
    begun = exists().where(Part.event_id == Event.id, Part.starts_at <= read.now)
    events = _events().where(Event.state == EventState.PUBLISHED, booked, begun).order_by(Event.id.desc())
    taken = select(ResourceTaken.resource_id).where(ResourceTaken.person_id == me)
    used = select(ResourceUse.resource_id).where(ResourceUse.person_id == me)
    resources = _resources().where(Resource.id.in_(taken.union(used)), may_see(read)).order_by(Resource.id.desc())
    wrote = select(Post.topic_id).where(Post.author_id == me, Post.deleted_at.is_(None))
    topics = _topics().where(
        Topic.id.in_(wrote),
        Topic.hidden_at.is_(None),
        Topic.merged_into.is_(None),
        Topic.space_id.in_(spaces_entered()),
    )
    promises = _promises().where(Commitment.person_id == me).order_by(Commitment.id.desc()).limit(LINKS_OFFERED)
    found = [
        *_event_sources(read, events.limit(LINKS_OFFERED)),
        *_resource_sources(read, resources.limit(LINKS_OFFERED)),
        *_topic_sources(read, topics.order_by(Topic.id.desc()).limit(LINKS_OFFERED)),
        *(Source(f"promise:{key}", what) for key, what in read.session.execute(promises)),
    ]
    known = {source.key for source in found}
    return [*found, *(kept for kept in _sources(read, story, is_own=True) if kept.key not in known)]


def _events() -> Select[str, str, EventKind]:
    return select(Event.slug, Event.title, Event.kind)


def _resources() -> Select[str, str]:
    return select(Resource.slug, Resource.title)


def _topics() -> Select[int, str, str, str]:
    return select(Topic.id, Topic.title, Topic.slug, Space.slug).join(Space, Space.id == Topic.space_id)


def _promises() -> Select[str, str]:
    return select(Commitment.public_id, Commitment.what)


def _event_sources(read: Reading, found: Select[str, str, EventKind]) -> Sequence[Source]:
    return [Source(f"event:{slug}", title, slug, kind) for slug, title, kind in read.session.execute(found)]


def _resource_sources(read: Reading, found: Select[str, str]) -> Sequence[Source]:
    rows = read.session.execute(found, who(read))
    return [Source(f"resource:{slug}", title, slug) for slug, title in rows]


def _topic_sources(read: Reading, found: Select[int, str, str, str]) -> Sequence[Source]:
    rows = read.session.execute(found, who(read))
    return [Source(f"topic:{topic_id}", title, slug, None, space, topic_id) for topic_id, title, slug, space in rows]
