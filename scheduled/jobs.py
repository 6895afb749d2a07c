"""The list of jobs: a name, what it does, and how often it looks for work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from scheduled import (
    ask_plans,
    ask_surveys,
    carry_out_successions,
    check_links,
    close_surveys,
    count_equality,
    count_forum,
    count_indicators,
    count_words,
    keep_figures,
    match_offers,
    miss_visitors,
    nudge_questions,
    purge_expired,
    read_mailbox,
    release_announcements,
    remind_applicants,
    remind_requests,
    replace_dropouts,
    run_tasks,
    send_digests,
    send_outbox,
    send_reminders,
    send_rules,
    send_visit_packs,
    tend_offers,
    tend_toolkit,
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
    "send_digests": Job(
        send_digests.run, timedelta(minutes=10), "promise letters with what is new in the forum, by day or by week"
    ),
    "match_offers": Job(
        match_offers.run, timedelta(minutes=30), "tell people of a newer offer or ask in the forum that fits theirs"
    ),
    "count_forum": Job(count_forum.run, timedelta(hours=1), "count the figures of the forum, month by month"),
    "keep_figures": Job(
        keep_figures.run, timedelta(hours=1), "count the figures of large programmes for the dashboard, once a day"
    ),
    "count_indicators": Job(
        count_indicators.run, timedelta(hours=1), "note once a day what the automatic indicators of programmes are"
    ),
    "nudge_questions": Job(
        nudge_questions.run,
        timedelta(minutes=30),
        "tell facilitators of questions that nobody answered for three working days, and ask whether replies helped",
    ),
    "count_words": Job(
        count_words.run, timedelta(hours=6), "count the words that the search suggests for mistyped ones"
    ),
    "tend_offers": Job(
        tend_offers.run, timedelta(minutes=1), "remind of offers two days before their deadline, and let them lapse"
    ),
    "tend_toolkit": Job(
        tend_toolkit.run,
        timedelta(minutes=10),
        "ask what came of resources, tell of new versions, and remind of resources to review",
    ),
    "check_links": Job(check_links.run, timedelta(hours=1), "try the addresses that stand in the toolkit"),
    "replace_dropouts": Job(
        replace_dropouts.run, timedelta(minutes=5), "draw who takes places that became free on courses that were drawn"
    ),
    "run_tasks": Job(run_tasks.run, timedelta(seconds=5), "carry out long work that people asked for"),
    "read_mailbox": Job(
        read_mailbox.run,
        timedelta(minutes=2),
        "read mail that came back, answers from calendars and answers to the forum, and do what they ask for",
    ),
    "carry_out_successions": Job(
        carry_out_successions.run, timedelta(minutes=10), "let people go along where a council has been taken over"
    ),
    "remind_requests": Job(
        remind_requests.run, timedelta(hours=1), "tell admins of requests under data protection law that are due"
    ),
    "purge_expired": Job(purge_expired.run, timedelta(hours=1), "remove what has served its purpose"),
}
