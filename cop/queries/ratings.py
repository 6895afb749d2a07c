"""Self-ratings: how organisations rate themselves on the principles of the network, once at first and once later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from cop.core.access import Actor, Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person, RoleGrant
from cop.models.adoption import RatingWave, SelfRating
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from cop.models.tags import Tag, TagKind
from cop.queries import programmes, tags
from cop.queries.organisations import exists_today

LEVELS = range(1, 6)

FOLLOW_UP_AFTER = timedelta(days=90)
"""So long after the first rating the second one can begin: earlier it would say the same."""

NEEDS_EXAMPLE = 2
"""From this level on, a level stands with an example."""


def leads(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor speaks for an organisation; a link in a mail speaks for nobody."""
    return actor.via == "session" and organisation_id in led_by(actor)


def led_by(actor: Actor) -> frozenset[int]:
    """The organisations for which the actor speaks."""
    ids = (grant.organisation_id for grant in actor.grants if grant.role is Role.LEAD)
    return frozenset(organisation_id for organisation_id in ids if organisation_id is not None)


def is_secretariat(actor: Actor, programme_id: int) -> bool:
    return actor.may(Role.ADMIN, programme_id=programme_id)


@dataclass(frozen=True)
class Answer:
    """What was said of one principle; ``revision`` is 0 while nothing was."""

    principle: Tag
    level: int | None = None
    example: str = ""
    revision: int = 0

    @property
    def is_whole(self) -> bool:
        return self.level is not None and (self.level < NEEDS_EXAMPLE or bool(self.example))


@dataclass(frozen=True)
class RatingPage:
    """The ratings of an organisation in a programme; ``baseline`` and ``follow_up`` are None before they are begun.

    ``answers`` of each wave are in the order of the principles, one for each that is offered or was answered.
    """

    organisation: Organisation
    programme: Programme
    baseline: SelfRating | None
    follow_up: SelfRating | None
    principles: Sequence[Tag]
    now: datetime

    def of(self, wave: RatingWave) -> SelfRating | None:
        return self.baseline if wave is RatingWave.BASELINE else self.follow_up

    def answers(self, wave: RatingWave) -> Sequence[Answer]:
        rating = self.of(wave)
        given = rating.answers if rating is not None else {}
        return [
            Answer(principle, **given[principle.slug]) if principle.slug in given else Answer(principle)
            for principle in self.principles
            if principle.retired_at is None or principle.slug in given
        ]

    def missing(self, wave: RatingWave) -> Sequence[Answer]:
        """What is still to be said before the rating is complete."""
        return [one for one in self.answers(wave) if not one.is_whole and one.principle.retired_at is None]

    def is_done(self, wave: RatingWave) -> bool:
        rating = self.of(wave)
        return rating is not None and rating.done_at is not None

    @property
    def follow_up_from(self) -> datetime | None:
        """When the second rating can begin; None before the first is complete."""
        done_at = self.baseline.done_at if self.baseline is not None else None
        return done_at + FOLLOW_UP_AFTER if done_at is not None else None

    def is_open(self, wave: RatingWave) -> bool:
        """Whether anything can be said in this wave now."""
        if self.is_done(wave):
            return False
        if wave is RatingWave.BASELINE:
            return True
        return self.follow_up is not None or (self.follow_up_from is not None and self.follow_up_from <= self.now)

    def can_reopen(self, wave: RatingWave) -> bool:
        """A baseline to which a follow-up was compared stays as it is."""
        return self.is_done(wave) and (wave is RatingWave.FOLLOW_UP or self.follow_up is None)


def rating_page(read: Reading, *, slug: str, lock: bool = False) -> RatingPage:
    """In the current programme, for the lead of the organisation and for the secretariat.

    With ``lock`` nobody else writes the ratings of the organisation meanwhile.
    """
    programme = programmes.current(read)
    found = select(Organisation).where(Organisation.slug == slug, Organisation.merged_into.is_(None))
    if lock:
        found = found.with_for_update(key_share=True)
    organisation = read.session.scalars(found).one_or_none()
    if programme is None or organisation is None:
        raise NotFound
    if not (leads(read.actor, organisation.id) or is_secretariat(read.actor, programme.id)):
        raise NotFound
    return _page(read, organisation, programme)


def _page(read: Reading, organisation: Organisation, programme: Programme) -> RatingPage:
    ratings = select(SelfRating).where(
        SelfRating.organisation_id == organisation.id, SelfRating.programme_id == programme.id
    )
    by_wave = {rating.wave: rating for rating in read.session.scalars(ratings)}
    principles = tags.listed(read).get(TagKind.PRINCIPLE, ())
    return RatingPage(
        organisation,
        programme,
        by_wave.get(RatingWave.BASELINE),
        by_wave.get(RatingWave.FOLLOW_UP),
        sorted(principles, key=lambda tag: (tag.position, tag.id)),
        read.now,
    )


def for_mail(read: Reading, *, organisation_id: int) -> RatingPage | None:
    """The ratings of an organisation for a mail about them; the caller has checked who gets it."""
    programme = programmes.current(read)
    organisation = read.session.get(Organisation, organisation_id)
    return _page(read, organisation, programme) if organisation is not None and programme is not None else None


def led(read: Reading) -> Sequence[Organisation]:
    """The organisations for which the actor speaks, by name."""
    found = select(Organisation).where(Organisation.id.in_(led_by(read.actor)), Organisation.merged_into.is_(None))
    return read.session.scalars(found.order_by(Organisation.name, Organisation.id)).all()


@dataclass(frozen=True)
class Listed:
    """An organisation in the list of the secretariat; ``leads`` tells whether anybody speaks for it."""

    slug: str
    name: str
    has_lead: bool
    baseline_begun: bool
    baseline_done_at: datetime | None
    follow_up_begun: bool
    follow_up_done_at: datetime | None


def listed(read: Reading, *, programme_id: int, offset: int = 0, limit: int = 50) -> Sequence[Listed]:
    """Members of today, and whoever has rated itself, by name; ``limit`` + 1 of them. For the secretariat."""
    if not is_secretariat(read.actor, programme_id):
        raise NotFound
    first, second = aliased(SelfRating), aliased(SelfRating)
    is_member = and_(Organisation.membership.is_not(None), exists_today(read))
    found = (
        select(
            Organisation.slug,
            Organisation.name,
            exists().where(RoleGrant.organisation_id == Organisation.id, *_IS_LEAD),
            first.id.is_not(None),
            first.done_at,
            second.id.is_not(None),
            second.done_at,
        )
        .outerjoin(first, _of_wave(first, programme_id, RatingWave.BASELINE))
        .outerjoin(second, _of_wave(second, programme_id, RatingWave.FOLLOW_UP))
        .where(or_(is_member, first.id.is_not(None)))
        .order_by(Organisation.name, Organisation.id)
        .offset(offset)
        .limit(limit + 1)
    )
    return [Listed(*row) for row in read.session.execute(found)]


_IS_LEAD = (RoleGrant.role == Role.LEAD, RoleGrant.revoked_at.is_(None))


def _of_wave(rating: Any, programme_id: int, wave: RatingWave) -> ColumnElement[bool]:
    return and_(rating.organisation_id == Organisation.id, rating.programme_id == programme_id, rating.wave == wave)


def to_invite(read: Reading, *, programme_id: int, wave: RatingWave) -> Select[int, int, str]:
    """The leads of organisations that can rate themselves in this wave now and have not finished.

    Columns: person_id, organisation_id, slug.
    """
    ours, first = aliased(SelfRating), aliased(SelfRating)
    done = exists().where(_of_wave(ours, programme_id, wave), ours.done_at.is_not(None))
    found = (
        select(Person.id.label("person_id"), Organisation.id.label("organisation_id"), Organisation.slug)
        .join(RoleGrant, and_(RoleGrant.person_id == Person.id, *_IS_LEAD))
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(exists_today(read), Organisation.membership.is_not(None), ~done)
    )
    if wave is RatingWave.FOLLOW_UP:
        long_ago = read.now - FOLLOW_UP_AFTER
        rated = exists().where(_of_wave(first, programme_id, RatingWave.BASELINE), first.done_at <= long_ago)
        found = found.where(rated)
    return found


def count_to_invite(read: Reading, *, programme_id: int, wave: RatingWave) -> int:
    """For the secretariat."""
    if not is_secretariat(read.actor, programme_id):
        raise NotFound
    to = to_invite(read, programme_id=programme_id, wave=wave).subquery("leads")
    return read.session.scalar(select(func.count()).select_from(to)) or 0


def is_lead(read: Reading, *, person_id: int, organisation_id: int) -> bool:
    """Whether somebody speaks for an organisation today, for a mail to them."""
    granted = exists().where(RoleGrant.person_id == person_id, RoleGrant.organisation_id == organisation_id, *_IS_LEAD)
    return bool(read.session.scalar(select(granted)))
