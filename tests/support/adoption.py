"""Self-ratings and pledges in tests, made by the services."""

from datetime import date
from typing import Any

from cop.core.access import SYSTEM, Actor, Role
from cop.models.accounts import Person
from cop.models.adoption import RatingWave, SelfRating
from cop.models.commitments import Commitment
from cop.models.organisations import Organisation
from cop.services import pledges, ratings, tags
from tests.support.make import Make, Working

PRINCIPLES = [
    "social-partnership",
    "democratic-engagement",
    "co-production",
    "enterprise-and-social-economy",
    "maximising-social-value",
    "community-leadership-and-a-new-role-for-councillors",
    "new-models-of-meeting-priority-needs",
    "innovation",
    "learning",
    "walking-the-talk",
]


def lead_of(make: Make, organisation: Organisation, name: str = "Lea Lead") -> Person:
    person = make.account(name, organisation=organisation)
    make.grant(person, Role.LEAD, organisation=organisation)
    return person


def principles(make: Make, work: Working) -> None:
    """The programme and the ready-made words."""
    make.programme()
    with work(SYSTEM) as opened:
        tags.ensure(opened)


def rate(
    work: Working,
    actor: Actor,
    organisation: Organisation,
    wave: RatingWave = RatingWave.BASELINE,
    level: int = 3,
    *,
    done: bool = True,
) -> SelfRating | None:
    """Rate an organisation with one level throughout, and complete it."""
    rating = None
    for slug in PRINCIPLES:
        with work(actor) as opened:
            rating = ratings.save_level(
                opened,
                slug=organisation.slug,
                wave=wave,
                principle=slug,
                level=level,
                example=f"What we do for {slug}.",
                seen=0,
            )
    if done:
        with work(actor) as opened:
            rating = ratings.complete(opened, slug=organisation.slug, wave=wave)
    return rating


def pledge(work: Working, actor: Actor, owner: str = "me", **other: Any) -> Commitment:
    about = {"what": "Open the hall on Sundays.", "by_on": date(2026, 6, 1), **other}
    with work(actor) as opened:
        return pledges.make_pledge(opened, owner=owner, **about)
