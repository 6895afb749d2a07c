"""How councils of the demonstration rate themselves, what they pledge, and stories of what changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from cop.core.access import Actor, Grant, Role
from cop.core.place import day_of
from cop.core.work import Work
from cop.demo.cohorts import FINISHED, cohort_of
from cop.demo.stage import Stage, as_person
from cop.models.accounts import Affiliation, Person
from cop.models.adoption import RatingWave, StoryConsent
from cop.models.commitments import CommitmentState
from cop.models.organisations import Organisation
from cop.models.tags import TagKind
from cop.queries.cohorts.roster import roster
from cop.queries.stories import STEPS
from cop.services import accounts, pledges, ratings, stories
from cop.services.programmes import slug_from
from cop.services.tags import READY_MADE

FIRST_LEVELS = ((2, 3, 2, 1, 2, 3, 2, 2, 3, 2), (3, 2, 3, 2, 3, 2, 2, 3, 3, 2), (1, 2, 2, 1, 2, 1, 2, 2, 2, 1))
LATER_LEVELS = (3, 4, 4, 2, 2, 3, 3, 3, 4, 3)

EXAMPLES = (
    "The neighbourhood partnership meets in the library and chairs itself in turn.",
    "Young people asked the questions when we chose the new provider.",
    "Residents wrote the brief for the health hub with us, from the first page.",
    "Two laundries of the estate are a co-operative by now.",
    "Our contracts ask who in the ward learns and earns by the work.",
    "Ward councillors hold their surgeries at the food club.",
    "The falls class is run by those who fell.",
    "We tried four ways to reach carers, and stopped two of them in the open.",
    "What did not work stands in the same report as what did.",
    "Staff have two days a year to volunteer where they work.",
)

STORIES: Sequence[tuple[str, tuple[str, str, str, str, str], StoryConsent, bool]] = (
    (
        "The reception that residents run",
        (
            "The course, and the morning at the Healthy Hub in between.",
            "People come back to a place where somebody knows their name, and that somebody need not be staff.",
            "We asked six residents to run our reception two mornings a week, with a fee and a say in the rota.",
            "Fewer people leave without being seen. The waiting room has a kettle.",
            "Residents now sit on the panel that designs the next hub. Nobody asked them to; they asked us.",
        ),
        StoryConsent.PUBLIC,
        True,
    ),
    (
        "Five questions on a card",
        (
            "The half-day on listening, and the talk in the forum about consultations.",
            "We ask in places where people have to come to us.",
            "Two residents wrote five questions, and we asked them in the queue of the food club.",
            "We heard 130 people in two weeks, most of them for the first time.",
            "The cabinet paper quotes them before it quotes us.",
        ),
        StoryConsent.PUBLIC,
        False,
    ),
    (
        "What the physiotherapist said",
        (
            "My action plan, which got stuck, and a reply in the forum from another council.",
            "Somebody else had been stuck in the same place and had gone round it.",
            "We borrowed their agreement with the leisure trust and changed the names.",
            "The exercise hour began three months late, with eleven people.",
            "I ask the network before I ask a consultant.",
        ),
        StoryConsent.NETWORK,
        True,
    ),
)


def load(stage: Stage) -> None:
    organisations, people = _leads(stage)
    for position, (organisation, person) in enumerate(zip(organisations, people, strict=True)):
        actor = Actor(person.id, (Grant(Role.LEAD, organisation_id=organisation.id),))
        then = replace(stage.ago(days=130 - 5 * position), actor=actor)
        _rate(then, organisation, RatingWave.BASELINE, FIRST_LEVELS[position], done=position < len(people) - 1)
        if position == 0:
            lately = replace(stage.ago(days=9), actor=actor)
            _rate(lately, organisation, RatingWave.FOLLOW_UP, LATER_LEVELS, done=True)
            _pledge(then, organisation, lately)
    _stories(stage)


def _leads(stage: Stage) -> tuple[Sequence[Organisation], Sequence[Person]]:
    """Somebody of each of three members."""
    rows = stage.work.session.execute(
        select(Organisation, Person)
        .join(Affiliation, Affiliation.organisation_id == Organisation.id)
        .join(Person, Person.id == Affiliation.person_id)
        .where(Affiliation.is_primary, Affiliation.to_on.is_(None), Organisation.membership.is_not(None))
        .where(Person.id.in_([person.id for person in stage.people]))
        .order_by(Person.id)
        .distinct()
    ).all()
    found: dict[int, tuple[Organisation, Person]] = {}
    for organisation, person in rows:
        if len(found) < len(FIRST_LEVELS):
            found.setdefault(organisation.id, (organisation, person))
    for organisation, person in found.values():
        accounts.grant(stage.work, email=str(person.email), role=Role.LEAD, organisation_slug=organisation.slug)
    return [organisation for organisation, _person in found.values()], [person for _org, person in found.values()]


def _rate(work: Work, organisation: Organisation, wave: RatingWave, levels: Sequence[int], *, done: bool) -> None:
    names = READY_MADE[TagKind.PRINCIPLE]
    answers = list(zip(names, levels, EXAMPLES, strict=True))
    for name, level, example in answers if done else answers[:4]:
        ratings.save_level(
            work,
            slug=organisation.slug,
            wave=wave,
            principle=slug_from(name),
            level=level,
            example=example,
            seen=0,
        )
    if done:
        ratings.complete(work, slug=organisation.slug, wave=wave)


def _pledge(then: Work, organisation: Organisation, lately: Work) -> None:
    """One that was kept, and one that is open."""
    owner = f"organisation {organisation.slug}"
    kept = pledges.make_pledge(
        then,
        owner=owner,
        what="Ask residents to chair every second meeting of the health board.",
        by_on=day_of(then.now) + timedelta(days=100),
    )
    pledges.check_pledge(
        lately,
        public_id=kept.public_id,
        state=CommitmentState.DONE,
        what_happened="Three meetings so far. They begin on time.",
        seen=kept.revision,
    )
    pledges.make_pledge(
        lately,
        owner=owner,
        what="Pay residents for their time in all our design groups.",
        by_on=day_of(lately.now) + timedelta(days=180),
    )


def _stories(stage: Stage) -> None:
    """Told by people of the first course, and named as coming from it."""
    event = cohort_of(stage, FINISHED)
    alumna = stage.role("alumna")
    ids = [member.person_id for member in roster(stage.work, slug=event.slug).members]
    found = select(Person).where(Person.id.in_(ids), Person.id != alumna.id).order_by(Person.id)
    tellers = [alumna, *stage.work.session.scalars(found.limit(len(STORIES) - 1))]
    for days, (person, (title, words, consent, named)) in enumerate(zip(tellers, STORIES, strict=True)):
        then = as_person(stage.work, person, stage.work.now - timedelta(days=4 + 6 * days))
        story = stories.begin(then, title=title)
        for step, said in zip(STEPS, words, strict=True):
            story = stories.write(then, public_id=story.public_id, step=step, words=said, seen=story.revision)
        stories.link(then, public_id=story.public_id, keys=[f"event:{event.slug}"])
        stories.tell(then, public_id=story.public_id, consent=consent, named=named)
