"""``python -m bench.forum``: how the pages of the forum take it when it grows to a million posts."""

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import Connection, insert, text

from bench import figures, scenes
from bench.journeys import Page
from bench.servers import database, settings_for
from bench.statements import statements
from cop import create_app
from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.demo import running
from cop.models.accounts import Account, Affiliation, Person, Relation, Sector
from cop.models.cohorts import Cohort
from cop.models.events import (
    Attendance,
    Booking,
    BookingState,
    Choice,
    Event,
    EventKind,
    EventState,
    Mark,
    MarkSource,
    Part,
    Seat,
)
from cop.models.forum import Audience, RulesAccepted, Space
from cop.models.organisations import Membership, Organisation, OrganisationKind
from cop.models.programmes import Programme
from cop.queries.forum import RULES_VERSION
from cop.services import searching
from cop.web import db, run

SIZES = (10_000, 100_000, 1_000_000)
POSTS_A_TOPIC = 50
LONG_TOPIC = 10_000
"""Posts of one topic, which stands beside the others at every size."""

WRITERS, SPACES = 300, 12
YEARS = 3
"""Over which the posts were written; the newest of them now."""

GOAL = 50.0
"""Milliseconds of server time for each page with the most posts."""

TIMES, WARM = 9, 3
SENTENCES, WORDS_EACH, VOCABULARY = 2_000, 14, 6_000

EVERYWHERE, OFTEN, SOMETIMES, RARELY = "council", "housing", "allotment", "quagga"
"""Words of every post, of one in ten, of one in a hundred, and of one in ten thousand."""

POSTS = text("""
INSERT INTO post (topic_id, number, author_id, body, html, revision, made_at, hidden_why, source, helped, me_too, words)
SELECT topic_id, number, author_id, body, '<p>' || body || '</p>', 0, made_at, '', 'web', 0, 0,
       to_tsvector('english', body) || array_to_tsvector(ARRAY['space=' || space_id])
FROM (
    SELECT topic.id AS topic_id, topic.space_id, number, :first_writer + n % :writers AS author_id,
           'The council ' || said[1 + n * 7919 % :sentences] || '. ' || said[1 + n * 104729 % :sentences] || '. '
           || said[1 + n * 1299709 % :sentences] || '.'
           || CASE WHEN n % 10 = 3 THEN ' It began with housing.' ELSE '' END
           || CASE WHEN n % 100 = 53 THEN ' An allotment was there first.' ELSE '' END
           || CASE WHEN n % 10000 = 777 THEN ' Nobody expected a quagga.' ELSE '' END AS body,
           CAST(:now AS timestamptz) - (:posts - n) * (CAST(:over AS interval) / :posts) AS made_at
    FROM (SELECT CAST(:said AS text[]) AS said) AS written,
         generate_series(CAST(0 AS bigint), :posts - 1) AS n
         JOIN topic ON topic.id = :first_topic + n / :each
         CROSS JOIN LATERAL (SELECT 1 + n % :each AS number) AS numbered
) AS made
""")

TOPICS = text("""
INSERT INTO topic (space_id, author_id, title, slug, posts, made_at, last_post_at, hidden_why, kind, starter)
SELECT :first_space + n % :spaces, :first_writer + n % :writers,
       'The council and ' || said[1 + n * 7919 % :sentences], 'the-council', :each,
       CAST(:now AS timestamptz) - (:topics - n) * (CAST(:over AS interval) / :topics),
       CAST(:now AS timestamptz) - (:topics - n - 1) * (CAST(:over AS interval) / :topics),
       '', CASE WHEN n % 4 = 0 THEN 'question' ELSE 'talk' END, ''
FROM (SELECT CAST(:said AS text[]) AS said) AS written, generate_series(CAST(0 AS bigint), :topics - 1) AS n
""")

READ = text("""
INSERT INTO observation (kind, subject_kind, subject_id, person_id, value, at)
SELECT 'topic read', 'topic', topic.id, person_id, posts - id % 3, CAST(:now AS timestamptz)
FROM topic, (VALUES (CAST(:alumna AS bigint)), (:newcomer)) AS reader (person_id)
WHERE id % 2 = 0
""")


@dataclass(frozen=True)
class Stage:
    """Who reads: an alumna with all spaces of the programme, and somebody of a member, who gets into one."""

    alumna: int
    newcomer: int
    first_writer: int
    first_space: int


@dataclass(frozen=True)
class Asked:
    """One page, as somebody sees it."""

    name: str
    path: str
    person_id: int


@dataclass(frozen=True)
class Taken:
    milliseconds: float
    sql: int


def main() -> None:
    print(measure(lambda step: print(f"· {step}", file=sys.stderr)))


def measure(say: Callable[[str], None]) -> str:
    """The table of growth, in a database of its own."""
    with database() as url:
        app = create_app(settings_for(url))
        with app.app_context():
            upgrade(directory=str(running.MIGRATIONS))
            stage = run(_people, SYSTEM)
            run(scenes.browsers, SYSTEM)
        taken = []
        for posts in SIZES:
            say(f"writing {posts:,} posts")
            with app.app_context():
                _write(stage, posts)
                run(searching.count_words, SYSTEM)
            say(f"reading among {posts:,} posts")  # outside that context, or one page would know what another read
            taken.append({asked.name: _taken(app, asked) for asked in _pages(stage, posts)})
        with app.app_context():
            db.engine.dispose()
    rows = [_row(name, [each[name] for each in taken]) for name in taken[-1]]
    sizes = [heading for posts in SIZES for heading in (f"{posts:,} posts, ms", "SQL")]
    return figures.table([["page of the forum", *sizes, "goal"], *rows])


def _row(name: str, each: Sequence[Taken]) -> list[str]:
    cells = (cell for taken in each for cell in (f"{taken.milliseconds:.1f}", str(taken.sql)))
    return [name, *cells, figures.reached(each[-1].milliseconds, GOAL, most=True)]


def _pages(stage: Stage, posts: int) -> Sequence[Asked]:
    space, long = "/forum/space-0/", f"/forum/space-0/{1 + posts // POSTS_A_TOPIC}-the-long-one"
    alumna = [
        ("spaces with unread counts", "/forum/"),
        ("topics of a space", space),
        ("topics of a space, page 10", f"{space}?page=10"),
        *(
            (f"topic of {LONG_TOPIC:,} posts, {where}", f"{long}?page={page}")
            for where, page in (("start", 1), ("middle", 250), ("end", 500))
        ),
        ("search: a word of 1 in 10,000 posts", f"/search?q={RARELY}"),
        ("search: a word of 1 in 100", f"/search?q={SOMETIMES}"),
        ("search: a word of 1 in 10", f"/search?q={OFTEN}"),
        ("search: a word of every post", f"/search?q={EVERYWHERE}"),
        ("search: two words", f"/search?q={OFTEN}+{SOMETIMES}+{EVERYWHERE}"),
        ("search: without a word", f"/search?q={EVERYWHERE}+-{OFTEN}"),
        ("search: nothing, and a mistyped word", "/search?q=alotmnet"),
        ("search: the third page of posts", f"/search?q={SOMETIMES}&kind=posts&page=3"),
    ]
    one_room = [
        ("search in one space: a rare word", f"/search?q={RARELY}"),
        ("search in one space: a word of every post", f"/search?q={EVERYWHERE}"),
    ]
    return [
        *(Asked(name, path, stage.alumna) for name, path in alumna),
        *(Asked(name, path, stage.newcomer) for name, path in one_room),
    ]


def _taken(app: Flask, asked: Asked) -> Taken:
    """Server time of the whole page and its statements, as it is once a process has warmed up."""
    cookie = f"Cookie: {scenes.cookie_of(app, asked.person_id)}"
    client: FlaskClient = app.test_client(use_cookies=False)
    times = []
    for _time in range(WARM + TIMES):
        began = perf_counter()
        answer = client.get(asked.path, headers={"Cookie": cookie.removeprefix("Cookie: ")})
        times.append(perf_counter() - began)
        if answer.status_code != 200:  # noqa: PLR2004  the one that is a page
            raise RuntimeError(f"{asked.path} answered {answer.status_code}")
    (sql,) = statements(app, next(Page(asked.path, (cookie,)).journeys(0)))
    return Taken(median(times[WARM:]) * 1000, sql)


def _write(stage: Stage, posts: int) -> None:
    """That many posts in topics of fifty, and a topic of ten thousand, in place of those that were there."""
    numbers = random.Random(8)  # noqa: S311  the same words each time
    shared = {
        "now": db.session.scalar(text("SELECT now()")),
        "over": timedelta(days=365 * YEARS),
        "said": _sentences(numbers),
        "sentences": SENTENCES,
        "writers": WRITERS,
        "spaces": SPACES,
        "first_writer": stage.first_writer,
        "first_space": stage.first_space,
    }
    with db.engine.begin() as connection:
        connection.execute(text("TRUNCATE topic RESTART IDENTITY CASCADE"))
        connection.execute(text("DELETE FROM observation"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
        connection.execute(text("DROP INDEX ix_post_words"))  # made at the end, all of it at once
        connection.execute(text("ALTER TABLE post DISABLE TRIGGER post_words"))
        _topics(connection, shared, posts=posts, each=POSTS_A_TOPIC)
        _topics(connection, {**shared, "spaces": 1}, posts=LONG_TOPIC, each=LONG_TOPIC)
        connection.execute(text("ALTER TABLE post ENABLE TRIGGER post_words"))
        connection.execute(text("CREATE INDEX ix_post_words ON post USING gin (words) WITH (fastupdate = off)"))
        connection.execute(READ, {"now": shared["now"], "alumna": stage.alumna, "newcomer": stage.newcomer})
        connection.execute(text("UPDATE topic SET slug = 'the-long-one' WHERE posts = :long"), {"long": LONG_TOPIC})
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))  # PostgreSQL does it by itself within a minute of such a load


def _topics(connection: Connection, shared: dict[str, Any], *, posts: int, each: int) -> None:
    first = (connection.scalar(text("SELECT max(id) FROM topic")) or 0) + 1
    values = {**shared, "posts": posts, "topics": posts // each, "each": each, "first_topic": first}
    connection.execute(TOPICS, values)
    connection.execute(POSTS, values)


def _sentences(numbers: random.Random) -> Sequence[str]:
    """Sentences of made-up words, of which a few are frequent and most are rare, as in any language."""
    syllables = ["ba", "den", "fir", "gol", "ha", "lim", "mon", "ne", "por", "sal", "tur", "ves"]
    words = ["".join(numbers.choices(syllables, k=3)) for _ in range(VOCABULARY)]
    weights = [1 / (rank + 3) for rank in range(VOCABULARY)]
    return [" ".join(numbers.choices(words, weights, k=WORDS_EACH)) for _ in range(SENTENCES)]


def _people(work: Work) -> Stage:
    programme = Programme(slug="forum", name="Forum", summary="Only figures.", starts_on=work.now, ends_on=work.now)
    member = Organisation(slug="town", name="Town council", kind=OrganisationKind.COUNCIL, membership=Membership.FULL)
    work.session.add_all([programme, member])
    work.session.flush()
    people = [
        {"name": f"Writer {number}", "email": f"writer-{number}@bench.example", "created_at": work.now}
        for number in range(WRITERS + 2)
    ]
    ids = sorted(work.session.scalars(insert(Person).returning(Person.id), people))
    alumna, newcomer, *writers = ids
    work.session.execute(insert(Account), [{"person_id": found, "email_verified_at": work.now} for found in ids])
    accepted = {"programme_id": programme.id, "version": RULES_VERSION, "at": work.now}
    work.session.execute(insert(RulesAccepted), [{**accepted, "person_id": found} for found in (alumna, newcomer)])
    work.session.add(
        Affiliation(
            person_id=newcomer,
            organisation_id=member.id,
            sector=Sector.COUNCIL_OFFICER,
            relation=Relation.WORKS_FOR,
            is_primary=True,
            from_on=work.now.date(),
        )
    )
    _complete(work, programme.id, alumna)
    spaces = [
        {
            "programme_id": programme.id,
            "slug": f"space-{number}",
            "name": f"Space {number}",
            "about": "Only figures.",
            "position": number,
            "audience": Audience.MEMBERS if number == SPACES - 1 else Audience.ALUMNI,
        }
        for number in range(SPACES)
    ]
    return Stage(alumna, newcomer, writers[0], min(work.session.scalars(insert(Space).returning(Space.id), spaces)))


def _complete(work: Work, programme_id: int, person_id: int) -> None:
    """A course of one half-day to which somebody came."""
    course = Event(
        programme_id=programme_id,
        kind=EventKind.COHORT,
        slug="course",
        title="Course",
        state=EventState.PUBLISHED,
        choice=Choice.ALL,
        changed_at=work.now,
    )
    work.session.add(course)
    work.session.flush()
    begins = work.now - timedelta(days=30)
    ends = begins + timedelta(hours=3)
    part = Part(event_id=course.id, title="Morning", starts_at=begins, ends_at=ends, changed_at=work.now)
    booking = Booking(event_id=course.id, person_id=person_id, party_size=1, state=BookingState.LIVE, booked_at=begins)
    work.session.add_all([Cohort(event_id=course.id), part, booking])
    work.session.flush()
    seat = Seat(booking_id=booking.id, event_id=course.id, position=0, person_id=person_id)
    work.session.add(seat)
    work.session.flush()
    work.session.add(
        Mark(
            part_id=part.id,
            seat_id=seat.id,
            status=Attendance.ATTENDED,
            source=MarkSource.ROSTER,
            recorded_at=ends,
        )
    )


if __name__ == "__main__":
    main()
