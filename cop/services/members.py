"""Standing in the directory of members: by one's own choice, with what one wants to show, until one leaves it."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.members import ABOUT_MOST, TAGS_MOST, Leaning, Profile, ProfileTag
from cop.models.tags import Tag
from cop.models.telling import Consent, Purpose
from cop.queries import members as queries
from cop.queries.consents import WORDING
from cop.services import consents, tags


def save(
    work: Work,
    *,
    about: str,
    shows_organisation: bool,
    shows_role: bool,
    takes_letters: bool,
    offers: Sequence[int],
    seeks: Sequence[int],
    revision: int,
) -> Profile:
    """Let the actor stand in the directory with this; it is their consent, in the words that stand on the page.

    ``offers`` and ``seeks`` are ids of words; ``revision`` is the one that the page showed, 0 for who is new.
    """
    if not queries.may_look(work):
        raise NotFound
    if len(about) > ABOUT_MOST:
        raise Refusal(marked("Use %(most)s characters or fewer"), field="about", most=ABOUT_MOST)
    person_id = work.actor.person_id
    work.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    _agree(work)
    profile = work.session.get(Profile, person_id, with_for_update=True, populate_existing=True)
    if (profile.revision if profile is not None else 0) != revision:
        raise Refusal(
            marked("You changed this in another window meanwhile. What it says now stands below: look at it again.")
        )
    if profile is None:
        profile = Profile(person_id=person_id, changed_at=work.now)
        work.session.add(profile)
    profile.about, profile.shows_organisation, profile.shows_role = about.strip(), shows_organisation, shows_role
    profile.takes_letters, profile.revision, profile.changed_at = takes_letters, revision + 1, work.now
    work.session.flush()
    for leaning, tag_ids in ((Leaning.OFFERS, offers), (Leaning.SEEKS, seeks)):
        _choose(work, profile, leaning, tag_ids)
    return profile


def leave(work: Work) -> None:
    """Take the actor out of the directory, and forget what they showed there."""
    consents.withdraw(work, purpose=Purpose.DIRECTORY)


def _agree(work: Work) -> None:
    """In the words of today: an older consent may have been to less."""
    standing = select(Consent.wording).where(
        Consent.person_id == work.actor.person_id,
        Consent.purpose == Purpose.DIRECTORY,
        Consent.withdrawn_at.is_(None),
    )
    wording = work.session.scalar(standing)
    if wording == WORDING[Purpose.DIRECTORY]:
        return
    if wording is not None:
        consents.renew(work, purpose=Purpose.DIRECTORY)
    else:
        consents.give(work, purpose=Purpose.DIRECTORY)


def _choose(work: Work, profile: Profile, leaning: Leaning, tag_ids: Sequence[int]) -> None:
    name = str(leaning)
    own = ProfileTag.person_id == profile.person_id, ProfileTag.leaning == leaning
    before = frozenset(work.session.scalars(select(ProfileTag.tag_id).where(*own)))
    if len(set(tag_ids)) > TAGS_MOST:
        raise Refusal(marked("Choose %(most)s words or fewer"), field=name, most=TAGS_MOST)
    try:
        wanted = tags.chosen(work, tag_ids, kept=before)
    except Refusal as refusal:
        raise Refusal(refusal.message, field=name) from refusal
    of_these = select(Tag.id).where(Tag.id.in_(wanted), Tag.kind.not_in(queries.HELP_KINDS))
    if work.session.scalar(of_these.limit(1)) is not None:
        raise Refusal(marked("Choose from the list"), field=name)
    if gone := before - wanted:
        work.session.execute(delete(ProfileTag).where(*own, ProfileTag.tag_id.in_(gone)))
    work.session.add_all(
        ProfileTag(person_id=profile.person_id, tag_id=tag_id, leaning=leaning) for tag_id in sorted(wanted - before)
    )
    work.session.flush()
