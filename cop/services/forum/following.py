"""Who hears of what by e-mail, and how often: what people choose, and letters that go with a post at once."""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Select, bindparam, case, func, null, select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from cop.core.errors import NotFound
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.forum import Follow, FollowLevel, Post, Topic
from cop.models.forum_mail import ForumMail, Pace
from cop.models.outbox import MailTopic, OutboxClass
from cop.queries import forum as queries
from cop.services import outbox
from cop.services.forum.shared import locked_space, locked_topic
from cop.services.wanting import want_again

WHERE_NONE_IS_CHOSEN = Pace.DAILY
"""How often somebody hears who asks for mail about a topic or a space, and gets none so far."""


def choose_pace(work: Work, *, pace: Pace) -> None:
    """Let the actor hear of the forum as often as that.

    A digest goes on where the one before ended; whoever had none begins with what is written from now on.
    """
    person_id = _acting(work)
    goes_on = ForumMail.pace.in_([Pace.DAILY, Pace.WEEKLY])
    told_until = func.coalesce(ForumMail.told_until, ForumMail.chosen_at)
    chosen = insert(ForumMail).values(person_id=person_id, pace=pace, chosen_at=work.now, generation=0)
    work.session.execute(
        chosen.on_conflict_do_update(
            index_elements=["person_id"],
            set_={"pace": pace, "chosen_at": work.now, "told_until": case((goes_on, told_until), else_=work.now)},
        )
    )
    if pace is not Pace.NEVER:
        want_again(work, person_id=person_id, topic=MailTopic.FORUM)


def note_asked(work: Work) -> bool:
    """Note that the actor is being asked how often; True for the first time. Until they answer, they get no mail."""
    asked = insert(ForumMail).values(person_id=_acting(work), pace=Pace.NEVER, chosen_at=work.now, generation=0)
    return work.session.scalar(asked.on_conflict_do_nothing().returning(ForumMail.person_id)) is not None


def renew_addresses(work: Work) -> None:
    """Let all addresses die at which answers of the actor were taken; letters from now on carry new ones."""
    person_id = _acting(work)
    note_asked(work)
    work.session.execute(
        update(ForumMail).where(ForumMail.person_id == person_id).values(generation=ForumMail.generation + 1)
    )


def follow_topic(work: Work, *, topic_id: int, level: FollowLevel) -> None:
    """Hear of each reply, or of none whatever one writes there."""
    topic, _space = locked_topic(work, topic_id)
    _set(work, level, topic_id=topic.id)
    _let_mail_come(work, level)


def follow_space(work: Work, *, space_id: int, level: FollowLevel) -> None:
    """Hear of each new topic, or of nothing at all that is written there."""
    _set(work, level, space_id=locked_space(work, space_id).id)
    _let_mail_come(work, level)


def listen(work: Work, *, follow_id: int, level: FollowLevel) -> None:
    """Change one of the things that the actor follows or muted, whether they still get in there or not."""
    own = select(Follow).where(Follow.id == follow_id, Follow.person_id == _acting(work)).with_for_update()
    follow = work.session.scalars(own).one_or_none()
    if follow is None:
        raise NotFound
    follow.level = level
    _let_mail_come(work, level)


def follow_by_writing(work: Work, topic: Topic) -> None:
    """Let whoever wrote hear of replies, unless they said already what they want."""
    work.session.execute(_row(work, FollowLevel.FOLLOW, topic_id=topic.id).on_conflict_do_nothing())


def follow_by_link(work: Work, *, token: str, level: FollowLevel) -> None:
    """End what the signed link of a mail stands for, or take it up again, by whoever holds it."""
    name, topic_id = queries.read_token(token)
    if topic_id is not None:
        _mute_by_link(work, name, topic_id, level)
        return
    follow = work.session.scalars(select(Follow).where(Follow.public_id == name).with_for_update()).one_or_none()
    if follow is None:
        raise NotFound
    follow.level = level


def _mute_by_link(work: Work, public_id: str, topic_id: int, level: FollowLevel) -> None:
    person_id = work.session.scalar(
        select(func.coalesce(Person.merged_into, Person.id)).where(Person.public_id == public_id)
    )
    if person_id is None or work.session.get(Topic, topic_id) is None:
        raise NotFound
    _upsert(work, person_id, level, topic_id=topic_id)


def tell_of_reply(work: Work, post: Post) -> None:
    """Mail whoever wants a letter for each post and follows the topic, and whoever the post mentions.

    Its mentions have to stand by then. Called again, after mentions were added, it mails nobody a second time.
    """
    _tell(work, work.session.get_one(Topic, post.topic_id), post)


def tell_of_topic(work: Work, topic: Topic, post: Post) -> None:
    """The same for the first post of a topic, of which whoever follows the space hears too."""
    _tell(work, topic, post)


def _tell(work: Work, topic: Topic, post: Post) -> None:
    """One statement, however many they are. Digests are made by a job of their own."""
    work.session.flush()
    found = _letters(is_first=post.number == 1, is_changed=post.revision > 0)
    told = queries.what_is_told(topic, post)
    outbox.post_all(work, found=found, values=told, template="forum_post", urgency=OutboxClass.TIMELY, post_id=post.id)


@cache
def _letters(*, is_first: bool, is_changed: bool) -> Select[*tuple[Any, ...]]:
    told = queries.told_at_once(is_first=is_first, is_changed=is_changed).subquery("told")
    return select(
        told.c.person_id,
        func.concat("forum-post:", bindparam("post_id", type_=BigInteger()), ":", told.c.person_id).label("key"),
        null().cast(DateTime(timezone=True)).label("until"),
        func.jsonb_build_object("why", told.c.why).label("params"),
    )


def _let_mail_come(work: Work, level: FollowLevel) -> None:
    """Whoever asks for mail gets it: until then they may have had none of the forum."""
    if level is FollowLevel.FOLLOW and queries.pace(work) in {None, Pace.NEVER}:
        choose_pace(work, pace=WHERE_NONE_IS_CHOSEN)


def _set(work: Work, level: FollowLevel, **of: int) -> None:
    _upsert(work, _acting(work), level, **of)


def _upsert(work: Work, person_id: int, level: FollowLevel, **of: int) -> None:
    row = _row(work, level, person_id=person_id, **of)
    keys = ["person_id", *of]
    work.session.execute(row.on_conflict_do_update(index_elements=keys, set_={"level": level}))


def _row(work: Work, level: FollowLevel, *, person_id: int | None = None, **of: int) -> Insert:
    return insert(Follow).values(
        public_id=random_word(), person_id=person_id or work.actor.person_id, level=level, since=work.now, **of
    )


def _acting(work: Work) -> int:
    if work.actor.person_id is None:
        raise NotFound
    return work.actor.person_id
