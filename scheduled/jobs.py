"""The list of jobs: a name, what it does, and how often it looks for work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from scheduled import (
    ask_plans,
    ask_surveys,
    carry_out_successions,
    close_rounds,
    close_surveys,
    count_equality,
    miss_visitors,
    purge_expired,
    read_mailbox,
    release_announcements,
    remind_applicants,
    replace_dropouts,
    run_tasks,
    send_outbox,
    send_reminders,
    send_rules,
    send_visit_packs,
    tend_offers,
)


@dataclass(frozen=True)
class Job:
    """``run`` carries out what is due now and returns one line about it; it runs inside an application context."""

    run: Callable[[], str]
    every: timedelta
    about: str


JOBS: dict[str, Job] = {
    "send_outbox": Job(send_outbox.run, timedelta(seconds=2), "deliver messages that are due"),
    "send_reminders": Job(
        send_reminders.run, timedelta(minutes=1), "post reminders seven days, a day and an hour before"
    ),
    "send_rules": Job(send_rules.run, timedelta(minutes=5), "post the messages that staff hang on the dates of events"),
    "release_announcements": Job(
        release_announcements.run, timedelta(minutes=1), "post announcements, at once or so many an hour"
    ),
    "send_visit_packs": Job(
        send_visit_packs.run, timedelta(minutes=1), "post the visit pack three days before a visit"
    ),
    "miss_visitors": Job(
        miss_visitors.run, timedelta(hours=1), "write to those who had booked a visit and did not come"
    ),
    "remind_applicants": Job(
        remind_applicants.run, timedelta(minutes=10), "remind of drafts and of support asked for before the close"
    ),
    "ask_plans": Job(
        ask_plans.run,
        timedelta(minutes=10),
        "ask how action plans stand a hundred days after the course, and actions of a summit on their day",
    ),
    "ask_surveys": Job(
        ask_surveys.run, timedelta(minutes=5), "ask how it was after events and courses, and remind who is silent"
    ),
    "close_surveys": Job(
        close_surveys.run, timedelta(minutes=10), "make answers of anonymous surveys anonymous once they are closed"
    ),
    "count_equality": Job(
        count_equality.run,
        timedelta(hours=1),
        "count for equality statistics what is final, and forget the answers a month after a course",
    ),
    "close_rounds": Job(
        close_rounds.run,
        timedelta(hours=1),
        "delete old drafts of applications, and make applications of closed rounds nobody’s",
    ),
    "tend_offers": Job(
        tend_offers.run, timedelta(minutes=1), "remind of offers two days before their deadline, and let them lapse"
    ),
    "replace_dropouts": Job(
        replace_dropouts.run, timedelta(minutes=5), "draw who takes places that became free on courses that were drawn"
    ),
    "run_tasks": Job(run_tasks.run, timedelta(seconds=5), "carry out long work that people asked for"),
    "read_mailbox": Job(
        read_mailbox.run,
        timedelta(minutes=2),
        "read mail that came back and answers from calendars, and do what they ask for",
    ),
    "carry_out_successions": Job(
        carry_out_successions.run, timedelta(minutes=10), "let people go along where a council has been taken over"
    ),
    "purge_expired": Job(purge_expired.run, timedelta(hours=1), "remove what has served its purpose"),
}
