"""Removing and emptying rows by the plan, and what no plan of columns can say."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Text, cast, delete, or_, select, update

from cop.core import secrecy
from cop.core.questions import Kind
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.attendance_reports import ReportedPerson
from cop.models.audit import Audit
from cop.models.base import Base
from cop.models.cohorts import Application, Review
from cop.models.files import File
from cop.models.forum import Post, PostFile
from cop.models.members import Relay
from cop.models.merging import AddressChange, Merge, MergeKind
from cop.models.outbox import Outbox
from cop.models.privacy import PrivacyRequest
from cop.models.programmes import Programme
from cop.models.replies import CalendarReply
from cop.models.search import SearchWord
from cop.models.surveys import Ask, Questionnaire, Response
from cop.models.tasks import Task
from cop.models.webinars import Speaker
from cop.queries.privacy.held import Fate, Who, theirs
from cop.queries.privacy.plan import BY_COLUMN, FORMER_NAME, PLAN
from cop.services.cohorts import closed_rounds, equality

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""A file that was kept then, and that nothing points to, goes with the next purge."""

WORDS = frozenset({Kind.LINE, Kind.TEXT})
"""Questions that are answered in one's own words."""


def forget(work: Work, of: Who) -> None:
    """All that the plan names, then what it cannot. Rows that say what was changed are not kept: they would say it."""
    files = list(_files(work, of))
    work.session.flush()
    _applications(work, of)
    _surveys(work, of)
    _panels(work, of)
    _merges(work, of)
    _history(work, of)
    _strays(work, of)
    _answers(work, of)
    _new_addresses(work, of)
    _by_plan(work, of)
    _open_asks(work, of)
    work.session.execute(delete(SearchWord).where(SearchWord.word.in_(_tokens(of))))
    work.session.execute(update(File).where(File.sha256.in_(files)).values(made_at=LONG_AGO))


def _by_plan(work: Work, of: Who) -> None:
    """First what is emptied, then what goes; what points to a row goes before it.

    By the tables and not by the models, since the audit would write down what is taken away.
    """
    for held in PLAN:
        if held.empties:
            statement = update(held.table).where(theirs(held, of, BY_COLUMN)).values(held.empties)
            work.session.execute(statement)
    order = {table: number for number, table in enumerate(Base.metadata.sorted_tables)}
    going = [held for held in PLAN if held.fate is Fate.GOES]
    for held in sorted(going, key=lambda one: order[one.table], reverse=True):
        work.session.execute(delete(held.table).where(theirs(held, of, BY_COLUMN)))
    work.session.expire_all()


def _files(work: Work, of: Who) -> Iterator[str]:
    """Files that only what goes with them may point to. Posts that stay keep theirs, and so does the purge."""
    posts = select(PostFile.sha256).join(Post, Post.id == PostFile.post_id).where(Post.author_id.in_(of.ids))
    yield from work.session.scalars(posts)
    yield from filter(None, work.session.scalars(select(Task.sha256).where(Task.person_id.in_(of.ids))))
    yield from filter(None, work.session.scalars(select(Speaker.photo).where(Speaker.email.in_(of.addresses))))


def _applications(work: Work, of: Who) -> None:
    """Equality answers that are not counted yet, letters about the applications, and what reviewers wrote in words."""
    applications = work.session.scalars(select(Application).where(Application.person_id.in_(of.ids))).all()
    for application in applications:
        equality.forget(work, application)
    ids = [application.id for application in applications]
    closed_rounds.delete_messages(work, ids)
    table = Base.metadata.tables[Review.__tablename__]
    for row in work.session.execute(select(Review.id, Review.scores).where(Review.application_id.in_(ids))).all():
        bare = {code: {"score": said.get("score")} for code, said in row.scores.items()}
        work.session.execute(update(table).where(table.c.id == row.id).values(scores=bare))


def _surveys(work: Work, of: Who) -> None:
    """What they answered in their own words; choices and numbers are counted."""
    given = (
        select(Response.id, Response.answers, Questionnaire.items)
        .join(Ask, Ask.id == Response.ask_id)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .where(Ask.person_id.in_(of.ids))
    )
    for row in work.session.execute(given).all():
        free = {item["code"] for item in row.items if item["kind"] in WORDS}
        kept = {code: answer for code, answer in row.answers.items() if code not in free}
        work.session.execute(update(Response).where(Response.id == row.id).values(answers=kept))


def _panels(work: Work, of: Who) -> None:
    """Answers without names lie under a key that is made of the person's number: from now on of nothing."""
    for programme_id in work.session.scalars(select(Programme.id)).all():
        keys = [secrecy.digest("survey panel", programme_id, one) for one in of.ids]
        anew = update(Response).where(Response.panel_key.in_(keys))
        work.session.execute(anew.values(panel_key=random_word()))


def _open_asks(work: Work, of: Who) -> None:
    """Surveys that they have not answered and still could: they are asked no more, and counted nowhere."""
    waiting = select(Ask.id).where(Ask.person_id.in_(of.ids), Ask.done_on.is_(None), Ask.closes_at > work.now)
    work.session.execute(delete(Response).where(Response.ask_id.in_(waiting)))
    work.session.execute(delete(Ask).where(Ask.id.in_(waiting)))


def _merges(work: Work, of: Who) -> None:
    """Merges keep what both records said; without that they cannot be undone any more."""
    table = Base.metadata.tables[Merge.__tablename__]
    either = or_(table.c.kept_id.in_(of.ids), table.c.gone_id.in_(of.ids))
    work.session.execute(delete(table).where(table.c.kind == MergeKind.PERSON, either))


def _history(work: Work, of: Who) -> None:
    """Lines of the audit that name them without being about them: the reasons, which are not encrypted, and what was
    changed about them as a speaker, which lies under the service's own key.
    """
    table = Base.metadata.tables[Audit.__tablename__]
    named = [table.c.reason.icontains(word, autoescape=True) for word in (*of.names, *of.addresses)]
    work.session.execute(update(table).where(table.c.reason != "", or_(*named)).values(reason=""))
    spoke = work.session.scalars(select(Speaker.event_id).where(Speaker.email.in_(of.addresses))).all()
    lines = select(Audit.id, Audit.values).where(
        Audit.subject_kind == "event",
        Audit.subject_id.in_(map(str, spoke)),
        Audit.action.endswith(" speaker"),
        Audit.about_person_id.is_(None),
        Audit.values.is_not(None),
    )
    naming = [row.id for row in work.session.execute(lines) if row.values and _says(of, secrecy.decrypt(row.values))]
    work.session.execute(update(table).where(table.c.id.in_(naming)).values(values=None))


def _says(of: Who, text: str) -> bool:
    """Whether JSON names them."""
    said = json.dumps(json.loads(text), ensure_ascii=False).casefold()
    return any(word.casefold() in said for word in (*of.names, *of.addresses))


def _strays(work: Work, of: Who) -> None:
    """Encrypted addresses of theirs in rows that nothing ties to them, which only a look at each can tell."""
    mine = set(of.addresses)
    empties: dict[Any, tuple[Any, dict[str, Any]]] = {
        ReportedPerson: (
            ReportedPerson.email,
            {"name": None, "email": None, "also": None, "organisation_text": ""},
        ),
        CalendarReply: (CalendarReply.sender, {"sender": None, "attendee": None}),
        PrivacyRequest: (
            PrivacyRequest.email,
            {"name": FORMER_NAME, "email": None, "contact": None, "asked_for": "", "answer": None},
        ),
    }
    for model, (address, values) in empties.items():
        found = select(model.id, address).where(address.is_not(None))
        ids = [row[0] for row in work.session.execute(found) if row[1].strip().lower() in mine]
        table = Base.metadata.tables[model.__tablename__]
        work.session.execute(update(table).where(table.c.id.in_(ids)).values(values))


def _new_addresses(work: Work, of: Who) -> None:
    """Letters to addresses that they asked for and had not confirmed."""
    asked = select(cast(AddressChange.id, Text)).where(AddressChange.person_id.in_(of.ids))
    work.session.execute(delete(Outbox).where(Outbox.params["address_change_id"].as_string().in_(asked)))


def _answers(work: Work, of: Who) -> None:
    """Letters of others that answered one of theirs are answers to nothing from now on."""
    going = select(Relay.id).where(or_(Relay.from_person_id.in_(of.ids), Relay.to_person_id.in_(of.ids)))
    work.session.execute(update(Relay).where(Relay.answers.in_(going)).values(answers=None))


def _tokens(of: Who) -> list[str]:
    """The words of their names and addresses, as the search counts words; it counts them anew where others use them."""
    text = " ".join([*of.names, *of.addresses]).lower()
    return sorted(set("".join(c if c.isalpha() else " " for c in text).split()))
