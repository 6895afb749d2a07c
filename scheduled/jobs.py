"""The list of jobs: a name, what it does, and how often it looks for work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from scheduled import ask_surveys, purge_expired, remind_applicants, send_outbox, send_reminders, tend_offers


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
    "remind_applicants": Job(
        remind_applicants.run, timedelta(minutes=10), "remind applicants of a draft two days before the close"
    ),
    "ask_surveys": Job(
        ask_surveys.run, timedelta(minutes=5), "ask how it was after events and courses, and remind who is silent"
    ),
    "tend_offers": Job(
        tend_offers.run, timedelta(minutes=1), "remind of offers two days before their deadline, and let them lapse"
    ),
    "purge_expired": Job(purge_expired.run, timedelta(hours=1), "remove what has served its purpose"),
}
