"""Reminding people of questions: a facilitator of one that nobody answers, its author of saying what answered it."""

from collections import defaultdict
from datetime import timedelta

from cop.core.errors import NotFound
from cop.core.work import Work
from cop.core.working_hours import HOURS_A_DAY, after_working_hours
from cop.models.accounts import Person
from cop.models.forum import Topic
from cop.models.forum_mail import Pace
from cop.models.outbox import OutboxClass
from cop.queries import forum as queries
from cop.queries.forum.waiting import facilitators, to_ask, to_nudge
from cop.services import outbox

NUDGED_AFTER = timedelta(days=3)
"""Of working hours: a question of a Friday waits over the weekend without anybody failing it."""

BATCH = 100


def nudge_facilitators(work: Work) -> int:
    """Tell those who look after a space of questions that nobody has answered for three working days; how many.

    Each gets one letter about all of them, and none about a question of their own. A question is told of once.
    """
    _by_the_service(work)
    found = to_nudge(work.now - NUDGED_AFTER, now=work.now).with_for_update(skip_locked=True, of=Topic)
    hours = NUDGED_AFTER.days * HOURS_A_DAY
    waiting = [
        (topic, space)
        for topic, space in work.session.execute(found.limit(BATCH))
        if after_working_hours(topic.made_at, hours) <= work.now
    ]
    told: dict[Person, list[int]] = defaultdict(list)
    for topic, space in waiting:
        topic.nudged_at = work.now
        for person in facilitators(work, space):
            if person.id != topic.author_id:
                told[person].append(topic.id)
    for person, topic_ids in told.items():
        key = f"forum-waiting:{person.id}:{topic_ids[0]}"
        outbox.post(
            work, key=key, to=person, template="forum_waiting", urgency=OutboxClass.ROUTINE, topic_ids=topic_ids
        )
    return len(waiting)


def ask_askers(work: Work) -> int:
    """Ask those who have had replies to their question for a week whether one of them answered it; how many.

    Each is asked once about a question, and by e-mail only who wants mail of the forum and did not mute it.
    """
    _by_the_service(work)
    wants = queries.wants_mail(Person.id, Pace.EACH, Pace.DAILY, Pace.WEEKLY)
    found = to_ask(work.now).add_columns(wants).with_for_update(skip_locked=True, of=Topic).limit(BATCH)
    rows = work.session.execute(found).all()
    for topic, person, hears in rows:
        topic.asked_at = work.now
        if hears:
            key = f"forum-answered:{topic.id}"
            outbox.post(
                work, key=key, to=person, template="forum_answered", urgency=OutboxClass.ROUTINE, topic_id=topic.id
            )
    return len(rows)


def _by_the_service(work: Work) -> None:
    if work.actor.via != "system":
        raise NotFound
