"""Telling a story of what changed: in five steps, saved at each, read by whom its teller says, and taken back."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Affiliation, Person
from cop.models.adoption import STEP_MOST, TITLE_MOST, WHY_MOST, Story, StoryConsent, StoryLink
from cop.models.commitments import Commitment
from cop.models.events import Event
from cop.models.toolkit import Resource
from cop.queries import programmes
from cop.queries import stories as queries
from cop.queries.stories import STEPS
from cop.services.cohorts.panel import acting_person

DRAFTS = 10
"""Stories that somebody may have begun and not told."""

CHANGED_MEANWHILE = marked(
    "The story was changed meanwhile, in another window. What is saved now stands below: look at it, then save again."
)


def begin(work: Work, *, title: str) -> Story:
    """Begin a story of the current programme; nobody else sees it before it is told.

    One that was begun under the same title and holds nothing yet is that story: somebody pressed twice.
    """
    teller = acting_person(work)
    programme = programmes.current(work)
    if programme is None:
        raise NotFound
    title = _title(title)
    work.session.execute(select(Person.id).where(Person.id == teller).with_for_update(key_share=True))
    untold = select(Story).where(Story.person_id == teller, Story.told_at.is_(None))
    drafts = work.session.scalars(untold).all()
    for draft in drafts:
        if draft.title == title and draft.revision == 1:
            return draft
    if len(drafts) >= DRAFTS:
        raise Refusal(
            marked("You have begun %(most)s stories and not told them. Tell or remove one first."),
            field="title",
            most=DRAFTS,
        )
    story = Story(
        programme_id=programme.id,
        person_id=teller,
        title=title,
        revision=1,
        begun_at=work.now,
        changed_at=work.now,
    )
    work.session.add(story)
    work.session.flush()
    return story


def write(work: Work, *, public_id: str, step: str, words: str, seen: int) -> Story:
    """Save the title or one of the five steps; Refusal where the page was stale, or empties what others read."""
    story = _own(work, public_id)
    words = words.strip()
    if step == "title":
        words = _title(words)
    elif step not in STEPS:
        raise NotFound
    elif len(words) > STEP_MOST:
        raise Refusal(marked("Use %(most)s characters or fewer"), field="words", most=STEP_MOST)
    if getattr(story, step) == words:
        return story
    if seen != story.revision:
        raise Refusal(CHANGED_MEANWHILE)
    if not words and story.consent is not StoryConsent.PRIVATE:
        raise Refusal(marked("Others read this story, so no step can be empty. Take it back first."), field="words")
    setattr(story, step, words)
    story.revision += 1
    story.changed_at = work.now
    work.session.flush()
    return story


def link(work: Work, *, public_id: str, keys: Iterable[str]) -> Story:
    """Say what the story came from: some of what is offered to its teller, in place of what was said before."""
    story = _own(work, public_id)
    offered = {source.key: source for source in queries.offered(work, story)}
    wanted = dict.fromkeys(keys)
    if not offered.keys() >= wanted.keys():
        raise Refusal(marked("Choose from the list"), field="keys")
    work.session.execute(delete(StoryLink).where(StoryLink.story_id == story.id))
    work.session.add_all(StoryLink(story_id=story.id, **_target(work, offered[key])) for key in wanted)
    story.changed_at = work.now
    work.session.flush()
    return story


def _target(work: Work, source: queries.Source) -> Mapping[str, Any]:
    if source.sort == "event":
        return {"event_id": work.session.scalar(select(Event.id).where(Event.slug == source.slug))}
    if source.sort == "resource":
        return {"resource_id": work.session.scalar(select(Resource.id).where(Resource.slug == source.slug))}
    if source.sort == "topic":
        return {"topic_id": source.topic_id}
    public_id = source.key.partition(":")[2]
    found = select(Commitment.id).where(Commitment.public_id == public_id)
    return {"commitment_id": work.session.scalar(found)}


def tell(work: Work, *, public_id: str, consent: StoryConsent, named: bool) -> Story:
    """Let others read it, with the name of its teller and of their organisation, or without either.

    The organisation is the one to which the teller belongs when the story is told. What was hidden stays hidden until
    those who keep order have looked at it again.
    """
    story = _own(work, public_id)
    if consent is StoryConsent.PRIVATE:
        raise Refusal(marked("Choose who may read it"), field="consent")
    missing = [step for step in STEPS if not getattr(story, step)]
    if missing:
        raise Refusal(
            marked("Write a sentence for each of the five steps first. Missing: %(count)s."), count=len(missing)
        )
    if story.told_at is None:
        story.told_at = work.now
        story.organisation_id = work.session.scalar(
            select(Affiliation.organisation_id).where(
                Affiliation.person_id == story.person_id, Affiliation.is_primary, Affiliation.to_on.is_(None)
            )
        )
    story.consent, story.named = consent, named
    work.session.flush()
    return story


def withdraw(work: Work, *, public_id: str) -> Story:
    """Take it back: from now on nobody but its teller reads it. What was hidden stays hidden."""
    story = _own(work, public_id)
    story.consent, story.named, story.told_at = StoryConsent.PRIVATE, False, None
    work.session.flush()
    return story


def remove(work: Work, *, public_id: str) -> None:
    """Delete it for good, in whatever state; its teller alone can."""
    story = _own(work, public_id)
    work.session.execute(delete(StoryLink).where(StoryLink.story_id == story.id))
    work.session.delete(story)
    work.session.flush()


def hide(work: Work, *, public_id: str, why: str) -> Story:
    """Take a told story out of sight, with a reason that its teller reads; for those who keep order."""
    story = _kept_in_order(work, public_id)
    why = why.strip()
    if not why or len(why) > WHY_MOST:
        raise Refusal(marked("Say why, in at most %(most)s characters"), field="why", most=WHY_MOST)
    if story.hidden_at is None:
        story.hidden_at, story.hidden_by, story.hidden_why = work.now, acting_person(work), why
        work.session.flush()
    return story


def show_again(work: Work, *, public_id: str) -> Story:
    story = _kept_in_order(work, public_id)
    story.hidden_at = story.hidden_by = None
    story.hidden_why = ""
    work.session.flush()
    return story


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title or len(title) > TITLE_MOST:
        raise Refusal(marked("Enter a title of at most %(most)s characters"), field="title", most=TITLE_MOST)
    return title


def _own(work: Work, public_id: str) -> Story:
    return _locked(work, public_id, own=True)


def _kept_in_order(work: Work, public_id: str) -> Story:
    story = _locked(work, public_id, own=False)
    if story.told_at is None or not queries.keeps_order(work.actor, story.programme_id):
        raise NotFound
    return story


def _locked(work: Work, public_id: str, *, own: bool) -> Story:
    found = select(Story).where(Story.public_id == public_id)
    if own:
        found = found.where(Story.person_id == acting_person(work))
    story = work.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if story is None:
        raise NotFound
    return story
