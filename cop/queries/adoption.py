"""What the evaluation reads of adoption: levels of all organisations together, pledges kept, and stories told.

Few organisations can be recognised as few people can, so for evaluators the same small numbers are hidden.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.small_numbers import Figure
from cop.core.work import Reading
from cop.models.adoption import RatingWave, SelfRating, Story, StoryConsent
from cop.models.commitments import Commitment, CommitmentKind, CommitmentState
from cop.models.programmes import Programme
from cop.models.tags import Tag, TagKind
from cop.queries import tags
from cop.queries.evaluation import READERS
from cop.queries.evaluation.figures import alone, pieces
from cop.queries.pledges import SOURCE

FEWEST = 5
"""Mean levels are shown of so many organisations at least, to those from whom small numbers are hidden."""


@dataclass(frozen=True)
class Level:
    """The mean level of one principle at first and later, or None where it is hidden or nobody said."""

    principle: Tag
    first: float | None
    second: float | None


@dataclass(frozen=True)
class PledgesOf:
    """Pledges of people or of organisations: all, and how they stand."""

    made: Figure
    kept: Figure
    given_up: Figure
    open: Figure


@dataclass(frozen=True)
class Adoption:
    """``rose``, ``same`` and ``fell`` are organisations that rated themselves twice, by the sum of their levels."""

    programme: Programme
    is_exact: bool
    rated_first: Figure
    rated_second: Figure
    levels: Sequence[Level]
    rose: Figure
    same: Figure
    fell: Figure
    by_people: PledgesOf
    by_organisations: PledgesOf
    stories_network: Figure
    stories_public: Figure


def adoption(read: Reading, programme: Programme) -> Adoption:
    """All figures of a programme, in the same number of statements whatever it holds."""
    if not read.actor.may(*READERS, programme_id=programme.id):
        raise NotFound
    hide = not read.actor.may(Role.ADMIN, programme_id=programme.id)
    first, second = _ratings(read, programme.id)
    principles = tags.offered(read, TagKind.PRINCIPLE).get(TagKind.PRINCIPLE, ())
    changes = [
        sum(second[who].get(slug, 0) - first[who][slug] for slug in first[who] if slug in second[who])
        for who in second
        if who in first
    ]
    (rose, same, fell), _all = pieces(
        [
            sum(change > 0 for change in changes),
            sum(change == 0 for change in changes),
            sum(change < 0 for change in changes),
        ],
        hide=hide,
    )
    by_people, by_organisations = _pledges(read, programme.id, hide=hide)
    network, public = _stories(read, programme.id)
    return Adoption(
        programme,
        not hide,
        alone(len(first), hide=hide),
        alone(len(second), hide=hide),
        [
            Level(principle, _mean(first, principle.slug, hide=hide), _mean(second, principle.slug, hide=hide))
            for principle in principles
        ],
        rose,
        same,
        fell,
        by_people,
        by_organisations,
        alone(network, hide=hide),
        alone(public, hide=hide),
    )


Levels = Mapping[int, Mapping[str, int]]
"""The levels of each organisation, by its id and the slug of the principle."""


def _ratings(read: Reading, programme_id: int) -> tuple[Levels, Levels]:
    """Those that are complete."""
    done = select(SelfRating.wave, SelfRating.organisation_id, SelfRating.answers).where(
        SelfRating.programme_id == programme_id, SelfRating.done_at.is_not(None)
    )
    found: defaultdict[RatingWave, dict[int, Mapping[str, int]]] = defaultdict(dict)
    for wave, organisation_id, answers in read.session.execute(done):
        found[wave][organisation_id] = {slug: answer["level"] for slug, answer in answers.items()}
    return found[RatingWave.BASELINE], found[RatingWave.FOLLOW_UP]


def _mean(levels: Levels, slug: str, *, hide: bool) -> float | None:
    said = [of[slug] for of in levels.values() if slug in of]
    if not said or (hide and len(said) < FEWEST):
        return None
    return round(sum(said) / len(said), 1)


def _pledges(read: Reading, programme_id: int, *, hide: bool) -> tuple[PledgesOf, PledgesOf]:
    of_people = Commitment.person_id.is_not(None)
    counted = (
        select(of_people, Commitment.state, func.count())
        .where(
            Commitment.kind == CommitmentKind.PLEDGE,
            Commitment.source_kind == SOURCE,
            Commitment.source_id == programme_id,
        )
        .group_by(of_people, Commitment.state)
    )
    found = {(by_person, state): count for by_person, state, count in read.session.execute(counted)}

    def of(*, by_person: bool) -> PledgesOf:
        kept = found.get((by_person, CommitmentState.DONE), 0)
        given_up = found.get((by_person, CommitmentState.GIVEN_UP), 0)
        all_of_them = sum(count for (owner, _state), count in found.items() if owner is by_person)
        shown, made = pieces([kept, given_up, all_of_them - kept - given_up], hide=hide)
        return PledgesOf(made, *shown)

    return of(by_person=True), of(by_person=False)


def _stories(read: Reading, programme_id: int) -> tuple[int, int]:
    """How many are told to the network, and to everybody."""
    network = func.count().filter(Story.consent == StoryConsent.NETWORK)
    public = func.count().filter(Story.consent == StoryConsent.PUBLIC)
    told = (Story.programme_id == programme_id, Story.told_at.is_not(None), Story.hidden_at.is_(None))
    for_network, for_all = read.session.execute(select(network, public).where(*told)).one()
    return for_network, for_all
