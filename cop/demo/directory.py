"""What a directory goes through, with invented councils: two that were taken over by a third, and doubles that wait to
be merged. Each says in its source that it was made for the demonstration.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from cop.demo.stage import Stage
from cop.models.accounts import Affiliation, Channel, Person
from cop.models.organisations import Membership, Organisation, OrganisationKind
from cop.models.regions import Region
from cop.services import organisations, people, succession

SOURCE = "Invented for this demonstration."
PREDECESSORS = ("Aldermoor District Council", "Fernbeck Borough Council")
SUCCESSOR = "Aldermoor and Fernbeck Council"
DOUBLE = "Oldham Metropolitan Borough Council"
"""A second record of a real council, as lists from elsewhere leave it behind."""

MEMBERS = slice(4, 8)
"""Of the invented people, those who belonged to the councils that were taken over."""

COLLEAGUE = 20
"""Of the invented people, the one whom somebody entered a second time."""


def begin(stage: Stage) -> None:
    """Councils as they were, with a few people, before anybody books."""
    for name in PREDECESSORS:
        _council(stage, name, Membership.FULL)
    _council(stage, DOUBLE, None)
    found = select(Organisation.id).where(Organisation.name.in_(PREDECESSORS)).order_by(Organisation.id)
    council_ids = stage.work.session.scalars(found).all()
    for number, affiliation in enumerate(_affiliations(stage, stage.people[MEMBERS])):
        affiliation.organisation_id = council_ids[number % len(council_ids)]
        affiliation.from_on = stage.work.now.date() - timedelta(days=700)
    stage.work.session.flush()


def _council(stage: Stage, name: str, membership: Membership | None) -> None:
    organisations.create_organisation(
        stage.work,
        name=name,
        kind=OrganisationKind.COUNCIL,
        membership=membership,
        region=Region.NORTH_WEST,
        joined_on=stage.work.now.date() - timedelta(days=900) if membership else None,
        source=SOURCE,
        domains=[f"{name.partition(' ')[0].lower()}.example"] if name in PREDECESSORS else (),
    )


def _affiliations(stage: Stage, members: Sequence[Person]) -> Sequence[Affiliation]:
    ids = [person.id for person in members]
    held = select(Affiliation).where(Affiliation.person_id.in_(ids), Affiliation.to_on.is_(None))
    return stage.work.session.scalars(held.order_by(Affiliation.person_id)).all()


def finish(stage: Stage) -> None:
    """One council takes over from two, some weeks after they came to the first visit; and somebody is entered twice."""
    _council_after(stage)
    colleague = stage.people[COLLEAGUE]
    (place,) = _affiliations(stage, [colleague])
    known_at = stage.work.session.get_one(Organisation, place.organisation_id)
    people.create_person(
        stage.work,
        name=colleague.name,
        email=None,
        phone="01632 960 020",
        prefers=Channel.PHONE,
        organisation=known_at.name,
    )


def _council_after(stage: Stage) -> None:
    _council(stage, SUCCESSOR, Membership.FULL)
    asked = {"predecessors": PREDECESSORS, "successors": [SUCCESSOR]}
    day = stage.day(-20)
    plan = succession.plan_succession(stage.work, **asked, on_date=day, moves_domains=True)
    succession.record_succession(stage.work, **asked, on_date=day, moves_domains=True, seen=plan.seen)
