"""What people say of the toolkit, and what jobs do about it: ask, tell, remind, and note which addresses broke."""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.outbox import OutboxClass
from cop.models.toolkit import (
    RecentLook,
    Resource,
    ResourceItem,
    ResourceTaken,
    ResourceUse,
    ResourceVersion,
    Step,
    Usefulness,
)
from cop.queries import accounts
from cop.queries import toolkit_use as queries
from cop.services import outbox

ANSWERED = "resource answered"
"""The kind under which a visitor is remembered who answered without signing in."""

ANSWERS_AGAIN_AFTER = timedelta(minutes=10)
ANSWERS_AN_HOUR = 30
"""How often one visitor may answer about one resource, and how often all who are signed out together."""

KEEP_LOOKS = timedelta(minutes=10)
"""How long a row of RecentLook is of any use."""

BATCH = 200


def say_useful(work: Work, *, slug: str, useful: bool, words: str = "", visitor: bytes) -> None:
    """Answer whether a resource was useful; who is signed in has one answer, which this changes.

    ``visitor`` stands for whoever is signed out, so that nobody answers for many.
    """
    found = queries.own(work, slug=slug)
    _refuse_staff(work)
    resource, person_id = found.resource, work.actor.person_id
    if person_id is None:
        _refuse_many(work, resource, visitor)
    told = insert(Usefulness).values(
        resource_id=resource.id,
        person_id=person_id,
        useful=useful,
        words=words,
        version=resource.version,
        at=work.now,
    )
    work.session.execute(_anew(told, ["person_id", "resource_id"], "useful", "words", "version", "at"))


def tell_use(work: Work, *, slug: str, step: Step, words: str = "") -> None:
    """Tell that the acting person used a resource, adapted it, or what came of it."""
    found = queries.own(work, slug=slug)
    _refuse_staff(work)
    if work.actor.person_id is None:
        raise NotFound
    _tell(work, found.resource, work.actor.person_id, step, words)


def tell_use_by_link(work: Work, *, token: str, step: Step, words: str = "") -> None:
    """The same by whoever holds the link that was mailed to somebody who agreed to be asked."""
    found = queries.of_link(work, token=token)
    if found.taken is None:
        raise NotFound
    _tell(work, found.resource, found.taken.person_id, step, words)


def wish(work: Work, *, slug: str, news: bool, ask: bool) -> None:
    """Say of what the acting person wants to hear: that a resource changed, and, once, a question after 30 days."""
    found = queries.own(work, slug=slug)
    if work.actor.person_id is None:
        raise NotFound
    resource, person_id = found.resource, work.actor.person_id
    if not (news or ask):
        own = ResourceTaken.person_id == person_id, ResourceTaken.resource_id == resource.id
        work.session.execute(delete(ResourceTaken).where(*own))
        return
    said = insert(ResourceTaken).values(
        person_id=person_id,
        resource_id=resource.id,
        version=resource.version,
        taken_at=work.now,
        wants_news=news,
        ask_at=work.now + queries.ASK_AFTER if ask else None,
    )
    begins_again = and_(said.excluded.wants_news, ~ResourceTaken.wants_news)
    changed = {
        "wants_news": said.excluded.wants_news,
        "told_version": case((begins_again, resource.version), else_=ResourceTaken.told_version),
        "ask_at": func.coalesce(ResourceTaken.ask_at, said.excluded.ask_at) if ask else None,
    }
    work.session.execute(said.on_conflict_do_update(index_elements=["person_id", "resource_id"], set_=changed))


def ask(work: Work) -> int:
    """Ask the next people what came of what they took, each once; how many it were."""
    rows = queries.people_to_ask(work, limit=BATCH)
    for taken, person in rows:
        taken.asked_at = work.now
        outbox.post(
            work,
            key=f"resource-used:{taken.id}",
            to=person,
            template="resource_used",
            urgency=OutboxClass.ROUTINE,
            useless_after=work.now + queries.ASK_AFTER,
            taken_id=taken.id,
        )
    return len(rows)


def tell_of_versions(work: Work) -> int:
    """Tell the next people of the version that replaced theirs; how many it were."""
    rows = queries.people_to_tell(work, limit=BATCH)
    for taken, person in rows:
        since = taken.told_version or taken.version
        taken.told_version = work.session.scalars(
            select(Resource.version).where(Resource.id == taken.resource_id)
        ).one()
        outbox.post(
            work,
            key=f"resource-changed:{taken.id}:{taken.told_version}",
            to=person,
            template="resource_changed",
            urgency=OutboxClass.ROUTINE,
            taken_id=taken.id,
            since=since,
        )
    return len(rows)


def remind_to_review(work: Work) -> int:
    """Remind those who look after the next resources of the day by which they wanted to look at them again."""
    resources = queries.resources_to_review(work, limit=BATCH)
    for resource in resources:
        resource.reminded_on = resource.review_on
        for person in queries.who_looks_after(work, resource):
            outbox.post(
                work,
                key=f"resource-review:{resource.id}:{resource.review_on}:{person.id}",
                to=person,
                template="resource_review",
                urgency=OutboxClass.ROUTINE,
                resource_id=resource.id,
            )
    return len(resources)


def note_try(work: Work, *, item_id: int, url: str, why: str) -> bool:
    """Note that an address answered, or ``why`` it did not; True where it has just become a broken one.

    Those who look after the resource are told then, and not again until it has answered in between.
    """
    wanted = select(ResourceItem).where(ResourceItem.id == item_id, ResourceItem.url == url).with_for_update()
    item = work.session.scalars(wanted).one_or_none()
    if item is None:  # changed or removed in the meantime
        return False
    item.checked_at, item.failures = work.now, item.failures + 1 if why else 0
    if item.failures != queries.BROKEN:
        return False
    of_it = select(Resource).join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
    resource = work.session.scalars(of_it.where(ResourceVersion.id == item.version_id)).one()
    for person in queries.who_looks_after(work, resource):
        outbox.post(
            work,
            key=f"resource-link-broken:{item.id}:{work.now:%Y-%m-%d}:{person.id}",
            to=person,
            template="resource_link_broken",
            urgency=OutboxClass.ROUTINE,
            item_id=item.id,
            why=why,
        )
    return True


def forget_looks(work: Work) -> int:
    """Remove who looked at what, as soon as it has kept a second press from counting; how many they were."""
    old = delete(RecentLook).where(RecentLook.at < work.now - KEEP_LOOKS).returning(RecentLook.subject_id)
    return len(work.session.execute(old).all())


def _tell(work: Work, resource: Resource, person_id: int, step: Step, words: str) -> None:
    if step is Step.RESULT and not words:
        raise Refusal(marked("Say what came of it, in a sentence or two"), field="words")
    standing = accounts.standing_of(work, person_id)
    told = insert(ResourceUse).values(
        person_id=person_id,
        resource_id=resource.id,
        organisation_id=standing.organisation_id,
        sector=standing.sector,
        step=step,
        words=words,
        version=resource.version,
        at=work.now,
    )
    changed = ("organisation_id", "sector", "words", "version", "at")
    work.session.execute(_anew(told, ["person_id", "resource_id", "step"], *changed))


def _anew(told: Any, unique: list[str], *columns: str) -> Any:
    """What was said before is replaced; two presses at once leave one answer."""
    return told.on_conflict_do_update(
        index_elements=unique, set_={column: getattr(told.excluded, column) for column in columns}
    )


def _refuse_staff(work: Work) -> None:
    if queries.is_staff(work.actor):
        raise Refusal(marked("You look after the programme, so what you say here would not count as use."))


def _refuse_many(work: Work, resource: Resource, visitor: bytes) -> None:
    answered = insert(RecentLook).values(visitor=visitor, kind=ANSWERED, subject_id=resource.id, at=work.now)
    fresh = answered.on_conflict_do_update(
        index_elements=["visitor", "kind", "subject_id"],
        set_={"at": work.now},
        where=RecentLook.at <= work.now - ANSWERS_AGAIN_AFTER,
    ).returning(RecentLook.subject_id)
    if work.session.scalar(fresh) is None:
        raise Refusal(
            marked("An answer came from your network a moment ago. Wait ten minutes, or sign in and answer then.")
        )
    lately = select(func.count()).where(
        Usefulness.resource_id == resource.id,
        Usefulness.person_id.is_(None),
        Usefulness.at > work.now - timedelta(hours=1),
    )
    if (work.session.scalar(lately) or 0) >= ANSWERS_AN_HOUR:
        raise Refusal(marked("Many answers came in at once. Try again in an hour, or sign in and answer then."))
