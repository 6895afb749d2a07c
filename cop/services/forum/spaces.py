"""The rooms of the forum: for all of a programme, for those of one course, or for a sub-group of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.cohorts import Cohort
from cop.models.events import Event
from cop.models.forum import Audience, Space
from cop.models.programmes import Programme
from cop.queries import forum as queries
from cop.services.programmes import SLUG_MOST, free_slug

TAKEN_BY_PAGES = frozenset(
    {"health", "log", "offers", "proposals", "reports", "rules", "seen", "spaces", "tags", "unanswered"}
)
"""Words that stand for a page of ours where the address of a space would."""


@dataclass(frozen=True)
class ReadyMade:
    """A space that every forum is offered; ``code`` is its address in the first programme, and tells it again."""

    code: str
    name: str
    about: str


READY_MADE = (
    ReadyMade(
        "introductions",
        "Introductions",
        "Say who you are, where you work and what you would like to learn from others.",
    ),
    ReadyMade(
        "project-updates",
        "Project updates",
        "How it is going at home: what moved, what is stuck, what you would like.",
    ),
    ReadyMade(
        "funding-opportunities",
        "Funding opportunities",
        "Grants, bids and partners for them, before the deadline.",
    ),
    ReadyMade(
        "what-worked",
        "What worked",
        "What worked, what did not, and what could be different. Bring the evidence.",
    ),
)
"""With them a forum begins, in this order; all are for the alumni of the programme."""


def create_space(
    work: Work,
    *,
    programme_id: int,
    cohort_id: int | None = None,
    subgroup_id: int | None = None,
    name: str,
    about: str,
    slug: str = "",
    audience: Audience = Audience.ALUMNI,
    ready_made: str | None = None,
) -> Space:
    """Add a space at the end of the programme's list. A blank slug is made from the name and stays for good.

    The space of a course or of a sub-group is for its own people, whatever ``audience`` says.
    """
    if not work.actor.may(*queries.MODERATORS, programme_id=programme_id, event_id=cohort_id):
        raise NotFound
    if cohort_id is not None:
        audience = Audience.ALUMNI
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
        audience=audience,
        ready_made=ready_made,
    )
    work.session.add(space)
    work.session.flush()
    return space


def add_ready_made(work: Work, *, programme_id: int) -> Sequence[Space]:
    """Add the ready-made spaces that the programme has not, in their order; a space of the same name will do.

    Two who press at once add them once: the second finds them made.
    """
    if not work.actor.may(*queries.MODERATORS, programme_id=programme_id):
        raise NotFound
    programme = work.session.get(Programme, programme_id, with_for_update={"key_share": True})
    if programme is None:
        raise NotFound
    there = work.session.execute(
        select(Space.ready_made, func.lower(Space.name)).where(
            Space.programme_id == programme_id, Space.cohort_id.is_(None)
        )
    ).all()
    taken = {word for row in there for word in row}
    return [
        create_space(
            work,
            programme_id=programme_id,
            name=ready.name,
            about=ready.about,
            slug=_address(work, ready, programme),
            ready_made=ready.code,
        )
        for ready in READY_MADE
        if not taken & {ready.code, ready.name.lower()}
    ]


def _address(work: Work, ready: ReadyMade, programme: Programme) -> str:
    """The plain word for the first programme that asks; for others with the programme's own."""
    is_taken = work.session.scalar(select(Space.id).where(Space.slug == ready.code)) is not None
    return f"{ready.code}-{programme.slug}"[:SLUG_MOST].strip("-") if is_taken else ready.code


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
