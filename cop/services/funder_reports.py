"""Reports for funders: made once, given words by staff, and withdrawn. Their figures never change."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from cop.core import secrecy
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.evidence import FunderReport
from cop.models.programmes import Programme
from cop.models.tasks import Task
from cop.queries import funder_reports as queries
from cop.queries.evaluation import READERS
from cop.queries.tasks import EVALUATION_PACK
from cop.services import tasks

WORDS_MOST = 5_000
WHY_MOST = 500

INTRODUCTION, WITHDRAWN = "introduction", "withdrawn"
"""Words of staff that belong to no section: what stands before all of them, and why the report is withdrawn."""


def keep(work: Work, *, programme_id: int, title: str, as_of: date, content: Mapping[str, Any]) -> FunderReport:
    """Keep a report that was put together for ``as_of``. Whoever presses twice gets the same report."""
    if not work.actor.may(*READERS, programme_id=programme_id):
        raise NotFound
    work.session.execute(select(Programme.id).where(Programme.id == programme_id).with_for_update())
    latest = work.session.scalars(
        select(FunderReport).where(FunderReport.programme_id == programme_id).order_by(FunderReport.id.desc()).limit(1)
    ).one_or_none()
    if latest is not None and latest.withdrawn_at is None and (latest.as_of, latest.content) == (as_of, content):
        return latest
    made = FunderReport(
        programme_id=programme_id,
        title=title,
        as_of=as_of,
        content=dict(content),
        words={},
        made_at=work.now,
        made_by=work.actor.person_id,
    )
    work.session.add(made)
    work.session.flush()
    return made


def places(report: FunderReport) -> Mapping[str, str]:
    """Where staff can write: the keys with their titles, in their order."""
    sections = {one["key"]: one["title"] for one in report.content["sections"]}
    return {INTRODUCTION: marked("Introduction"), **sections}


def seen_of(report: FunderReport, section: str) -> str:
    """What a form carries, so that nobody writes over words that they have not seen."""
    return secrecy.digest("words of a report", section, report.words.get(section, ""))


def write(work: Work, *, public_id: str, section: str, words: str, seen: str) -> FunderReport:
    """Write the introduction or the comment of a section, or take it away with empty words."""
    report = _standing(work, public_id)
    if section not in places(report):
        raise NotFound
    words = words.strip()
    if len(words) > WORDS_MOST:
        raise Refusal(marked("Use %(most)s characters or fewer"), field="words", most=WORDS_MOST)
    if report.words.get(section, "") == words:
        return report
    if seen != seen_of(report, section):
        raise Refusal(
            marked("Somebody else wrote here meanwhile. What is saved now stands below: look at it, then save again.")
        )
    others = {key: value for key, value in report.words.items() if key != section}
    report.words = {**others, section: words} if words else others
    work.session.flush()
    return report


def withdraw(work: Work, *, public_id: str, why: str) -> FunderReport:
    """Say that a report is not to be relied on any more, and why; it can still be read, and says so itself."""
    report = _standing(work, public_id)
    why = why.strip()
    if not why:
        raise Refusal(marked("Enter why the report is withdrawn"), field="why")
    if len(why) > WHY_MOST:
        raise Refusal(marked("Use %(most)s characters or fewer"), field="why", most=WHY_MOST)
    report.words = {**report.words, WITHDRAWN: why}
    report.withdrawn_at = work.now
    work.session.flush()
    return report


def ask_for_pack(work: Work, *, public_id: str) -> Task:
    """Ask for an archive of the report and all exports, pseudonymised."""
    report = queries.one(work, public_id=public_id)
    slug = report.content["programme"]["slug"]
    params = {"public_id": public_id, "programme_slug": slug}
    return tasks.ask(work, kind=EVALUATION_PACK, title=f"Evaluation pack: {slug}", params=params)


def _standing(work: Work, public_id: str) -> FunderReport:
    report = queries.one(work, public_id=public_id, lock=True)
    if report.withdrawn_at is not None:
        raise Refusal(marked("This report is withdrawn. Nothing about it can change any more."))
    return report
