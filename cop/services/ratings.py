"""Rating one's own organisation on the principles: saved one by one, said to be complete, and leads invited to it."""

from datetime import timedelta

from sqlalchemy import func, literal, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.adoption import EXAMPLE_MOST, RatingWave, SelfRating
from cop.models.outbox import OutboxClass
from cop.queries import ratings as queries
from cop.queries.ratings import LEVELS, NEEDS_EXAMPLE, RatingPage
from cop.services import outbox
from cop.services.cohorts.panel import acting_person

INVITATION = "rating_invitation"

USEFUL_FOR = timedelta(days=28)

CHANGED_MEANWHILE = marked(
    "Somebody else has answered this meanwhile. What is saved now stands below: look at it, then save again."
)


def save_level(
    work: Work, *, slug: str, wave: RatingWave, principle: str, level: int, example: str, seen: int
) -> SelfRating:
    """Say how far the organisation is with one principle, and begin the rating with the first of them.

    ``seen`` is the revision of this answer that the page showed: answers to other principles are not in the way.
    """
    page = _open(work, slug, wave)
    answer = next((one for one in page.answers(wave) if one.principle.slug == principle), None)
    if answer is None:
        raise NotFound
    example = example.strip()
    if level not in LEVELS:
        raise Refusal(marked("Choose one of the five levels"), field="level")
    if len(example) > EXAMPLE_MOST:
        raise Refusal(marked("Use %(most)s characters or fewer"), field="example", most=EXAMPLE_MOST)
    rating = page.of(wave) or _begin(work, page, wave)
    if (answer.level, answer.example) == (level, example):
        return rating
    if seen != answer.revision:
        raise Refusal(CHANGED_MEANWHILE)
    rating.revision += 1
    rating.answers = {
        **rating.answers,
        principle: {"level": level, "example": example, "revision": rating.revision},
    }
    rating.by_person_id = acting_person(work)
    work.session.flush()
    return rating


def _begin(work: Work, page: RatingPage, wave: RatingWave) -> SelfRating:
    rating = SelfRating(
        organisation_id=page.organisation.id,
        programme_id=page.programme.id,
        wave=wave,
        answers={},
        revision=0,
        begun_at=work.now,
        by_person_id=acting_person(work),
    )
    work.session.add(rating)
    return rating


def complete(work: Work, *, slug: str, wave: RatingWave) -> SelfRating:
    """Say that the rating is complete: each principle has a level, and each level above the first an example."""
    page = _page(work, slug)
    rating = page.of(wave)
    if rating is None:
        raise NotFound
    if page.missing(wave) or not page.answers(wave):
        raise Refusal(
            marked("Choose a level for each principle, and give an example for each level from %(least)s on."),
            least=NEEDS_EXAMPLE,
        )
    if rating.done_at is None:
        rating.done_at, rating.by_person_id = work.now, acting_person(work)
        work.session.flush()
    return rating


def reopen(work: Work, *, slug: str, wave: RatingWave) -> SelfRating:
    """Change what was said to be complete; not a first rating to which a second is being compared."""
    page = _page(work, slug)
    rating = page.of(wave)
    if rating is None:
        raise NotFound
    if rating.done_at is not None and not page.can_reopen(wave):
        raise Refusal(marked("The second rating has begun, so the first one stays as it is."))
    rating.done_at = None
    work.session.flush()
    return rating


def invite(work: Work, *, programme_id: int, wave: RatingWave) -> int:
    """Ask all leads who have not finished to rate their organisation; how many. Again today asks nobody twice."""
    if not queries.is_secretariat(work.actor, programme_id):
        raise NotFound
    to = queries.to_invite(work, programme_id=programme_id, wave=wave).subquery("leads")
    key = func.concat(
        f"{INVITATION}:{programme_id}:{wave}:{day_of(work.now)}:", to.c.organisation_id, ":", to.c.person_id
    )
    about = func.jsonb_build_object("organisation_id", to.c.organisation_id)
    until = literal(work.now + USEFUL_FOR)
    return outbox.post_all(
        work,
        found=select(to.c.person_id, key.label("key"), until.label("until"), about.label("params")),
        template=INVITATION,
        urgency=OutboxClass.ROUTINE,
        wave=wave,
    )


def _open(work: Work, slug: str, wave: RatingWave) -> RatingPage:
    page = _page(work, slug)
    if page.is_done(wave):
        raise Refusal(marked("This rating is complete. Open it again to change it."))
    if not page.is_open(wave):
        raise Refusal(marked("The second rating can begin three months after the first one is complete."))
    return page


def _page(work: Work, slug: str) -> RatingPage:
    return queries.rating_page(work, slug=slug, lock=True)
