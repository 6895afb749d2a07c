"""What a message of some kind could be about for one person, so that it can be looked at before it is sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, union_all

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import RoleGrant
from cop.models.adoption import RatingWave
from cop.models.cohorts import Application, Cohort, Endorsement, Reconsideration
from cop.models.commitments import Commitment, CommitmentKind
from cop.models.events import Booking, Entry, Event, EventKind, Part
from cop.models.forum import Follow, Post, Topic, TopicKind
from cop.models.forum_mail import ForumAnswer, MailOutcome
from cop.models.offers import Offer
from cop.models.organisations import Organisation
from cop.models.summits import Invitation, Substitution
from cop.models.surveys import Ask
from cop.models.telling import Announcement, MessageRule
from cop.models.toolkit import Resource, ResourceItem, ResourceTaken, ResourceVersion
from cop.models.visits import SlotHost
from cop.models.waiting import Waiting
from cop.queries.cohorts.panel import is_kept_from
from cop.queries.forum import offers

MOST = 20
RECENT_POSTS = timedelta(days=90)


@dataclass(frozen=True)
class Sample:
    """``params`` are those of the message; ``at`` tells two of one title apart."""

    key: str
    title: str
    at: datetime | None
    params: dict[str, Any]


def of_bookings(read: Reading, person_id: int) -> list[Sample]:
    mine = select(Booking.id, Event.title, Booking.booked_at).join(Event, Event.id == Booking.event_id)
    rows = _newest(read, mine.where(Booking.person_id == person_id).order_by(Booking.id.desc()))
    return [Sample(f"{record_id}", title, at, {"booking_id": record_id, "reason": ""}) for record_id, title, at in rows]


def of_parts(read: Reading, person_id: int) -> list[Sample]:
    """Each dated part of each booking."""
    mine = (
        select(Booking.id, Part.id, Event.title, Part.starts_at)
        .join(Entry, Entry.booking_id == Booking.id)
        .join(Part, Part.id == Entry.part_id)
        .join(Event, Event.id == Booking.event_id)
        .where(Booking.person_id == person_id)
        .order_by(Part.starts_at.desc(), Entry.id.desc())
    )
    return [
        Sample(
            f"{booking_id}-{part_id}",
            title,
            at,
            {"booking_id": booking_id, "part_id": part_id, "starts_at": at.isoformat(), "reason": ""},
        )
        for booking_id, part_id, title, at in _newest(read, mine)
    ]


def of_places_on_courses(read: Reading, person_id: int) -> list[Sample]:
    """Each course that they booked, with words that stand for what its staff will write."""
    mine = select(Event.id, Event.title, Booking.booked_at).join(Booking, Booking.event_id == Event.id)
    rows = _newest(read, mine.where(Booking.person_id == person_id, Event.kind == EventKind.COHORT).order_by(Event.id))
    words = {"subject": "…", "body": "…"}
    return [Sample(f"{record_id}", title, at, {"event_id": record_id, **words}) for record_id, title, at in rows]


def of_plans(read: Reading, person_id: int) -> list[Sample]:
    mine = select(Commitment.id, Event.title, Commitment.made_at).join(Event, Event.id == Commitment.source_id)
    is_own = (Commitment.person_id == person_id, Commitment.kind == CommitmentKind.PLAN)
    rows = _newest(read, mine.where(*is_own).order_by(Commitment.id.desc()))
    return [Sample(f"{record_id}", title, at, {"plan_id": record_id, "again": False}) for record_id, title, at in rows]


def of_actions(read: Reading, person_id: int) -> list[Sample]:
    """Each that they took home themselves."""
    mine = select(Commitment.id, Event.title, Commitment.made_at).join(Event, Event.id == Commitment.source_id)
    is_own = (Commitment.person_id == person_id, Commitment.kind == CommitmentKind.ACTION)
    rows = _newest(read, mine.where(*is_own).order_by(Commitment.id.desc()))
    return [
        Sample(f"{record_id}", title, at, {"action_id": record_id, "again": False}) for record_id, title, at in rows
    ]


def of_pledges(read: Reading, person_id: int) -> list[Sample]:
    """Each that they made themselves."""
    mine = select(Commitment.id, Commitment.what, Commitment.made_at)
    is_own = (Commitment.person_id == person_id, Commitment.kind == CommitmentKind.PLEDGE)
    rows = _newest(read, mine.where(*is_own).order_by(Commitment.id.desc()))
    return [Sample(f"{record_id}", what, at, {"pledge_id": record_id, "again": False}) for record_id, what, at in rows]


def of_organisations_led(read: Reading, person_id: int) -> list[Sample]:
    """Each organisation for which they speak."""
    led = (
        select(Organisation.id, Organisation.name, RoleGrant.granted_at)
        .join(RoleGrant, RoleGrant.organisation_id == Organisation.id)
        .where(RoleGrant.person_id == person_id, RoleGrant.role == Role.LEAD, RoleGrant.revoked_at.is_(None))
    )
    rows = _newest(read, led.order_by(RoleGrant.id.desc()))
    first = RatingWave.BASELINE.value
    return [
        Sample(f"{record_id}", name, at, {"organisation_id": record_id, "wave": first}) for record_id, name, at in rows
    ]


def of_courses_to_review(read: Reading, person_id: int) -> list[Sample]:
    """Each course that they may score applications to, until its decisions are out."""
    granted = exists().where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == Role.REVIEWER,
        RoleGrant.revoked_at.is_(None),
        or_(RoleGrant.programme_id == Event.programme_id, RoleGrant.event_id == Event.id),
    )
    theirs = select(Event.id, Event.title, Event.closes_at).join(Cohort, Cohort.event_id == Event.id)
    rows = _newest(read, theirs.where(granted, Cohort.released_at.is_(None)).order_by(Event.id.desc()))
    return [Sample(f"{record_id}", title, at, {"event_id": record_id}) for record_id, title, at in rows]


def of_waiting(read: Reading, person_id: int) -> list[Sample]:
    mine = select(Waiting.id, Event.title).join(Event, Event.id == Waiting.event_id)
    rows = _newest(read, mine.where(Waiting.person_id == person_id).order_by(Waiting.id.desc()))
    return [Sample(f"{record_id}", title, None, {"waiting_id": record_id}) for record_id, title in rows]


def of_rota(read: Reading, person_id: int) -> list[Sample]:
    """Each slot that they were asked to receive visitors of."""
    mine = select(Event.id, Part.id, Event.title, Part.starts_at, Part.ends_at).join(Part, Part.event_id == Event.id)
    asked = mine.join(SlotHost, SlotHost.part_id == Part.id).where(SlotHost.person_id == person_id)
    return [
        Sample(
            f"{part_id}",
            title,
            starts_at,
            {"event_id": event_id, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()},
        )
        for event_id, part_id, title, starts_at, ends_at in _newest(read, asked.order_by(Part.starts_at.desc()))
    ]


def of_invitations(read: Reading, person_id: int) -> list[Sample]:
    mine = select(Invitation.id, Event.title).join(Event, Event.id == Invitation.event_id)
    rows = _newest(read, mine.where(Invitation.person_id == person_id).order_by(Invitation.id.desc()))
    return [Sample(f"{record_id}", title, None, {"invitation_id": record_id}) for record_id, title in rows]


def of_substitutions(read: Reading, person_id: int) -> list[Sample]:
    """Each time that they wanted to send somebody in their place."""
    mine = (
        select(Substitution.id, Invitation.id, Event.title, Substitution.proposed_at)
        .join(Invitation, Invitation.id == Substitution.invitation_id)
        .join(Event, Event.id == Invitation.event_id)
        .where(Invitation.person_id == person_id)
    )
    rows = _newest(read, mine.order_by(Substitution.id.desc()))
    return [
        Sample(f"{record_id}", title, at, {"substitution_id": record_id, "invitation_id": invitation_id, "reason": ""})
        for record_id, invitation_id, title, at in rows
    ]


def of_places_passed_on(read: Reading, person_id: int) -> list[Sample]:
    """Each time that they wanted to send somebody to where they had booked."""
    mine = (
        select(Substitution.id, Booking.id, Event.title, Substitution.proposed_at)
        .join(Invitation, Invitation.id == Substitution.invitation_id)
        .join(Booking, (Booking.event_id == Invitation.event_id) & (Booking.person_id == Invitation.person_id))
        .join(Event, Event.id == Invitation.event_id)
        .where(Invitation.person_id == person_id)
    )
    rows = _newest(read, mine.order_by(Substitution.id.desc(), Booking.id.desc()))
    return [
        Sample(f"{record_id}-{booking_id}", title, at, {"substitution_id": record_id, "booking_id": booking_id})
        for record_id, booking_id, title, at in rows
    ]


def of_substitutes(read: Reading, person_id: int) -> list[Sample]:
    """Each place that they have by an invitation."""
    mine = (
        select(Invitation.id, Booking.id, Event.title, Booking.booked_at)
        .join(Booking, (Booking.event_id == Invitation.event_id) & (Booking.person_id == Invitation.person_id))
        .join(Event, Event.id == Invitation.event_id)
        .where(Invitation.person_id == person_id)
    )
    rows = _newest(read, mine.order_by(Booking.id.desc()))
    return [
        Sample(f"{booking_id}", title, at, {"invitation_id": record_id, "booking_id": booking_id})
        for record_id, booking_id, title, at in rows
    ]


def of_applications(read: Reading, person_id: int) -> list[Sample]:
    mine = select(Application.id, Event.title, Event.closes_at).where(Application.person_id == person_id)
    rows = _newest(read, _told_of(read, mine).order_by(Application.id.desc()))
    return [
        Sample(
            f"{record_id}", title, closes_at, {"application_id": record_id, "closes_at": str(closes_at), "reason": ""}
        )
        for record_id, title, closes_at in rows
    ]


def of_reviewed_decisions(read: Reading, person_id: int) -> list[Sample]:
    """Each decision that was looked at again, as if it had stayed."""
    mine = (
        select(Application.id, Event.title, Reconsideration.answered_at)
        .join(Reconsideration, Reconsideration.application_id == Application.id)
        .where(Application.person_id == person_id, Reconsideration.answered_at.is_not(None))
    )
    rows = _newest(read, _told_of(read, mine).order_by(Application.id.desc()))
    return [
        Sample(f"{record_id}", title, at, {"application_id": record_id, "came_of": "stays"})
        for record_id, title, at in rows
    ]


def of_endorsements(read: Reading, person_id: int) -> list[Sample]:
    """Answers of those whom the person asked to support an application."""
    mine = (
        select(Endorsement.id, Endorsement.name, Endorsement.answered_at)
        .select_from(Application)
        .join(Endorsement, Endorsement.application_id == Application.id)
        .where(
            Application.person_id == person_id,
            Endorsement.answered_at.is_not(None),
            Endorsement.replaced_at.is_(None),
        )
    )
    rows = _newest(read, _told_of(read, mine).order_by(Endorsement.id.desc()))
    return [Sample(f"{record_id}", name, at, {"endorsement_id": record_id}) for record_id, name, at in rows]


def of_offers(read: Reading, person_id: int) -> list[Sample]:
    mine = (
        select(Offer.id, Event.title, Offer.expires_at)
        .select_from(Application)
        .join(Offer, Offer.application_id == Application.id)
        .where(Offer.person_id == person_id)
    )
    rows = _newest(read, _told_of(read, mine).order_by(Offer.id.desc()))
    return [Sample(f"{record_id}", title, at, {"offer_id": record_id, "reason": ""}) for record_id, title, at in rows]


def of_offers_in_line(read: Reading, person_id: int) -> list[Sample]:
    mine = select(Offer.id, Event.title, Offer.expires_at).join(Event, Event.id == Offer.event_id)
    in_line = Offer.waiting_id.is_not(None)
    rows = _newest(read, mine.where(Offer.person_id == person_id, in_line).order_by(Offer.id.desc()))
    return [Sample(f"{record_id}", title, at, {"offer_id": record_id}) for record_id, title, at in rows]


def of_surveys(read: Reading, person_id: int) -> list[Sample]:
    mine = select(Ask.id, Event.title, Ask.opens_at).join(Event, Event.id == Ask.subject_id)
    rows = _newest(read, mine.where(Ask.person_id == person_id).order_by(Ask.id.desc()))
    return [Sample(f"{record_id}", title, at, {"ask_id": record_id}) for record_id, title, at in rows]


def of_rules_before(read: Reading, person_id: int) -> list[Sample]:
    """Each message that staff let go out before something, at the events with which the person has to do."""
    return _of_rules(read, person_id, MessageRule.after < timedelta())


def of_rules_after(read: Reading, person_id: int) -> list[Sample]:
    return _of_rules(read, person_id, MessageRule.after >= timedelta())


def _of_rules(read: Reading, person_id: int, when: ColumnElement[bool]) -> list[Sample]:
    concerned = union_all(
        select(Booking.event_id).where(Booking.person_id == person_id),
        select(Waiting.event_id).where(Waiting.person_id == person_id),
        select(Invitation.event_id).where(Invitation.person_id == person_id),
        select(Application.cohort_id).where(Application.person_id == person_id),
    )
    mine = select(MessageRule.id, MessageRule.subject, Event.title).join(Event, Event.id == MessageRule.event_id)
    rows = _newest(read, mine.where(MessageRule.event_id.in_(concerned), when).order_by(MessageRule.id.desc()))
    return [
        Sample(f"{record_id}", f"{title}: {subject}", None, {"rule_id": record_id})
        for record_id, subject, title in rows
    ]


def of_announcements(read: Reading, person_id: int) -> list[Sample]:  # noqa: ARG001  as the others
    """The newest, whoever gets them."""
    newest = select(Announcement.id, Announcement.subject, Announcement.send_at).order_by(Announcement.id.desc())
    return [
        Sample(f"{record_id}", subject, at, {"announcement_id": record_id})
        for record_id, subject, at in _newest(read, newest)
    ]


def of_forum(read: Reading, person_id: int) -> list[Sample]:  # noqa: ARG001  as the others
    """What is unread among the posts of late; the title is the letter's own."""
    params = {"after": (read.now - RECENT_POSTS).isoformat(), "until": read.now.isoformat()}
    return [Sample("forum", "", None, params)]


def of_questions_waiting(read: Reading, person_id: int) -> list[Sample]:  # noqa: ARG001  as the others
    """The newest questions, one in each letter."""
    return _of_questions(read, select(Topic.id, Topic.title, Topic.made_at), lambda topic_id: {"topic_ids": [topic_id]})


def of_questions_asked(read: Reading, person_id: int) -> list[Sample]:
    mine = select(Topic.id, Topic.title, Topic.made_at).where(Topic.author_id == person_id)
    return _of_questions(read, mine, lambda topic_id: {"topic_id": topic_id})


def _of_questions(
    read: Reading, topics: Select[int, str, datetime], params: Callable[[int], dict[str, Any]]
) -> list[Sample]:
    rows = _newest(read, topics.where(Topic.kind == TopicKind.QUESTION).order_by(Topic.id.desc()))
    return [Sample(f"{record_id}", title, at, params(record_id)) for record_id, title, at in rows]


def of_posts(read: Reading, person_id: int) -> list[Sample]:
    """The newest posts in what they follow."""
    followed = select(Follow.topic_id).where(Follow.person_id == person_id, Follow.topic_id.is_not(None))
    newest = select(Post.id, Topic.title, Post.made_at).join(Topic, Topic.id == Post.topic_id)
    rows = _newest(read, newest.where(Topic.id.in_(followed)).order_by(Post.id.desc()))
    return [Sample(f"{record_id}", title, at, {"post_id": record_id, "why": "topic"}) for record_id, title, at in rows]


def of_answers_by_mail(read: Reading, person_id: int) -> list[Sample]:
    """Each answer of theirs by e-mail that was not posted, or not whole."""
    told = (ForumAnswer.reason != "", ForumAnswer.outcome != MailOutcome.LEFT)
    mine = select(ForumAnswer.id, ForumAnswer.came_at).where(ForumAnswer.person_id == person_id, *told)
    rows = _newest(read, mine.order_by(ForumAnswer.id.desc()))
    return [Sample(f"{record_id}", "", at, {"answer_id": record_id}) for record_id, at in rows]


def of_offers_that_fit(read: Reading, person_id: int) -> list[Sample]:
    """Each newer offer or ask that fits one of theirs which waits."""
    mine = select(Topic.id).where(Topic.author_id == person_id, Topic.kind.in_(offers.BOARD))
    own = read.session.scalars(mine.order_by(Topic.id.desc()).limit(MOST)).all() if read.actor.is_admin() else ()
    return [
        Sample(f"{found.topic.id}-{own_id}", found.topic.title, found.topic.made_at, params)
        for own_id, each in offers.fitting(read, own, each=1).items()
        for found in each
        for params in ({"topic_id": found.topic.id, "own_id": own_id},)
    ]


def of_resources_taken(read: Reading, person_id: int) -> list[Sample]:
    """Each resource of the toolkit of which they want to hear."""
    mine = select(ResourceTaken.id, Resource.title, ResourceTaken.taken_at).join(
        Resource, Resource.id == ResourceTaken.resource_id
    )
    rows = _newest(read, mine.where(ResourceTaken.person_id == person_id).order_by(ResourceTaken.id.desc()))
    return [Sample(f"{record_id}", title, at, {"taken_id": record_id, "since": 0}) for record_id, title, at in rows]


def of_resources_owned(read: Reading, person_id: int) -> list[Sample]:
    """Each resource that they look after and that has a day of review."""
    mine = select(Resource.id, Resource.title).where(Resource.owner_id == person_id, Resource.review_on.is_not(None))
    rows = _newest(read, mine.order_by(Resource.id.desc()))
    return [Sample(f"{record_id}", title, None, {"resource_id": record_id}) for record_id, title in rows]


def of_addresses_owned(read: Reading, person_id: int) -> list[Sample]:
    """Each address elsewhere that stands in a resource which they look after."""
    mine = (
        select(ResourceItem.id, ResourceItem.title)
        .join(ResourceVersion, ResourceVersion.id == ResourceItem.version_id)
        .join(Resource, and_(Resource.id == ResourceVersion.resource_id, Resource.version == ResourceVersion.number))
        .where(Resource.owner_id == person_id, ResourceItem.url.is_not(None))
    )
    rows = _newest(read, mine.order_by(ResourceItem.id.desc()))
    return [
        Sample(f"{record_id}", title, None, {"item_id": record_id, "why": "it does not answer"})
        for record_id, title in rows
    ]


def _told_of(read: Reading, found: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Those about an application that the acting admin may know all about."""
    return (
        found.join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Event, Event.id == Cohort.event_id)
        .where(~is_kept_from(read.actor))
        .params(panellist=read.actor.person_id)
    )


def _newest(read: Reading, found: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    if not read.actor.is_admin():
        raise NotFound
    yield from read.session.execute(found.limit(MOST))
