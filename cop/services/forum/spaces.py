"""The rooms of the forum: for all of a programme, for those of one course, or for a sub-group of it."""

from sqlalchemy import Select, func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.cohorts import Cohort
from cop.models.events import Event
from cop.models.forum import Space
from cop.queries import forum as queries
from cop.services.programmes import free_slug

TAKEN_BY_PAGES = frozenset({"rules", "reports", "log", "spaces"})
"""Words that stand for a page of ours where the address of a space would."""


def create_space(
    work: Work,
    *,
    programme_id: int,
    cohort_id: int | None = None,
    subgroup_id: int | None = None,
    name: str,
    about: str,
    slug: str = "",
) -> Space:
    """Add a space at the end of the programme's list. A blank slug is made from the name and stays for good."""
    if not work.actor.may(*queries.MODERATORS, programme_id=programme_id, event_id=cohort_id):
        raise NotFound
    if cohort_id is not None and subgroup_id is None:
        _refuse_second(work, programme_id, cohort_id)
    found = free_slug(work, Space, slug=slug, name=name)
    if found in TAKEN_BY_PAGES:
        raise Refusal(marked("“%(slug)s” is in use already. Choose another web address."), field="slug", slug=found)
    last = work.session.scalar(select(func.max(Space.position)).where(Space.programme_id == programme_id))
    space = Space(
        programme_id=programme_id,
        cohort_id=cohort_id,
        subgroup_id=subgroup_id,
        slug=found,
        name=name,
        about=about,
        position=(last or 0) + 1,
    )
    work.session.add(space)
    work.session.flush()
    return space


def _refuse_second(work: Work, programme_id: int, cohort_id: int) -> None:
    course = select(Event.id).join(Cohort, Cohort.event_id == Event.id)
    if work.session.scalar(course.where(Event.id == cohort_id, Event.programme_id == programme_id)) is None:
        raise NotFound
    if work.session.scalar(_of_all(cohort_id)) is not None:
        raise Refusal(marked("This course has a space already."), field="audience")


def _of_all(cohort_id: int) -> Select[Space]:
    """The space of a course as a whole."""
    return select(Space).where(Space.cohort_id == cohort_id, Space.subgroup_id.is_(None))


def edit_space(work: Work, *, space_id: int, name: str, about: str, position: int) -> Space:
    """Change what it is called, what it is for and where it stands in the list; its address and its people stay."""
    space = work.session.get(Space, space_id, with_for_update={"key_share": True})
    if space is None or not queries.moderates(work.actor, space):
        raise NotFound
    space.name, space.about, space.position = name, about, position
    return space


def ensure_cohort_space(work: Work, cohort_event_id: int) -> Space:
    """The space of a course, made the first time."""
    event = work.session.get(Event, cohort_event_id, with_for_update={"key_share": True})
    if event is None or not work.actor.may(*queries.MODERATORS, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    space = work.session.scalars(_of_all(event.id)).one_or_none()
    if space is not None:
        return space
    return create_space(
        work,
        programme_id=event.programme_id,
        cohort_id=event.id,
        name=event.title,
        about="For everybody who completed this course, and its facilitators. Others cannot read it.",
        slug=event.slug,
    )
