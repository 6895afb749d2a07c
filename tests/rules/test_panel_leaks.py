"""What the panel knows stays with the panel: a walk over every page, feed, search, export, history and letter.

Two questions are asked of each page. Does it say anything that it should not (*markers*: words that stand nowhere but
in one application, its reviews and its decision)? And does it look any different once that application was scored,
talked over and decided (nothing that the panel does may be seen by somebody who is not to know of it, not even as a
count)? Each question comes with a walk that has to find something, so that neither can be answered by looking away.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import product
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core import secrecy
from cop.core.access import VISITOR, Role
from cop.exporting import KINDS, Format
from cop.models.accounts import Affiliation, Person
from cop.models.cohorts import Application, Decision, DecisionOutcome, Endorsement, EndorsementState
from cop.models.events import Event
from cop.models.outbox import Outbox
from tests.rules.conftest import World, make_world
from tests.rules.walks import access_of, addresses, rules
from tests.support import panel
from tests.support import reviewing as work_of_panel
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, reading, working

NAME = "Zebulon Quagmire"
WORDS = "Xylophones in the stairwell"
SUPPORT = "Vouching wholeheartedly for them"
COPY = "Instruments in the [place]"
REVIEWER = "Ottoline Judge"
REASON = "Wobbly but worth it"
REMARK = "Between us I yawned"
RECORD = "Panel giggled for an hour"
BECAUSE = "Eclipsed by nobody else"
FEEDBACK = "Fewer percussionists next time"

APPLICANTS_OWN = (NAME, WORDS)
OF_THE_PANEL = (SUPPORT, COPY, REVIEWER, REASON, REMARK, RECORD, BECAUSE, FEEDBACK)
EVERYTHING = (*APPLICANTS_OWN, *OF_THE_PANEL)

SEARCHED = ("Zebulon", "Quagmire", "Xylophones", "stairwell", "Ottoline", "Wobbly")

OUTSIDE = ("/demo/", "/static/", "/metrics")
"""The demonstration's own pages show every letter to everybody, and no other installation has them. Figures for
operators tell how large the database is.
"""

PROGRAMME = "health-inequalities"

LETTERS = ("application_declined", "application_reserve", "application_submitted", "endorsement_answered", "offer_made")
"""Kinds of messages that an admin can look at before somebody gets them."""

OF_THE_WALK = re.compile(
    r'name="csrf_token"[^>]* value="[^"]*'
    r"|What you looked at, joined or downloaded(: [\d,]+ records?| \([\d,]+\))"
)
"""What differs between two walks by themselves: tokens of forms, and how much the walk looked at."""

LAST = ("/account/", "/evaluation/community")
"""What tells of the walk itself: looked at when everybody has walked everywhere."""


@dataclass
class Case:
    """A course in review. Application 1 is the one that is not to be known of; nobody judges application 2."""

    app: Flask
    make: Make
    world: World
    course: Event
    applied: Application
    chair: Person
    reviewer: Person
    visitors: Mapping[str, Person | None]
    browsers: dict[str, Browse] = field(default_factory=dict)

    def browse(self, visitor: str) -> Browse:
        """The visitor's browser: one and the same for all walks, as each new one is a line on the visitor's pages."""
        if visitor not in self.browsers:
            self.browsers[visitor] = Browse(self.app, self.make)
            if (who := self.visitors[visitor]) is not None:
                self.browsers[visitor].sign_in(who)
        return self.browsers[visitor]

    def walk(self, visitor: str) -> dict[str, str]:
        """What the visitor gets from each address, with its status, and without what the walk does by itself."""
        all_of_them = list(self.addresses(self.visitors[visitor]))
        for address in all_of_them:
            if address.startswith("/forum/"):
                self.browse(visitor).client.get(address)  # what was read looks different from then on
        return self.look(visitor, all_of_them)

    def look(self, visitor: str, at: Iterable[str]) -> dict[str, str]:
        seen = {}
        for address in at:
            answer = self.browse(visitor).client.get(address)
            where, text = answer.headers.get("Location", ""), words_of(answer.get_data())
            seen[address] = f"{answer.status_code} {where} {OF_THE_WALK.sub(r'<of the walk>', text)}"
        return seen

    def walks(self, visitors: Iterable[str]) -> dict[str, dict[str, str]]:
        """What each of them sees while nothing happens but their walks."""
        seen = {visitor: self.walk(visitor) for visitor in visitors}
        for visitor, pages in seen.items():
            pages.update(self.look(visitor, [address for address in pages if address.startswith(LAST)]))
        return seen

    def addresses(self, who: Person | None) -> Iterable[str]:
        """What the visitor may open at all: for the rest test_access.py holds that no view runs."""
        actor = self.make.actor(who) if who is not None else VISITOR
        for rule in rules(self.app, "GET"):
            if not rule.rule.startswith(OUTSIDE) and access_of(self.app, rule).allows(actor):
                yield from addresses(rule, self.world)
        for words in SEARCHED:
            yield from (f"/search?q={words}", f"/forum/search?q={words}", f"/admin/people?q={words}")
            yield f"/admin/audit/?what={words}"
        yield "/admin/audit/?kind=application"
        for kind, more in product(KINDS, ("", "&pseudonymised=1")):
            for file in (f"{kind}-codebook.csv", *(f"{kind}.{written_as}" for written_as in Format)):
                yield f"/evaluation/exports/{file}?programme={PROGRAMME}{more}"
        yield from map(self.preview, LETTERS)
        if who is not None:
            yield f"/calendar/{secrecy.sign('calendar', who.public_id, who.calendar_generation)}.ics"

    def preview(self, kind: str) -> str:
        return f"/admin/messages/preview?kind={kind}&person={self.applied.person.public_id}"

    def letters(self) -> set[tuple[int | None, str]]:
        """Everything that was ever promised to anybody, by whom it is for."""
        with reading(self.app) as read:
            return {(row.person_id, row.key) for row in read.session.scalars(select(Outbox))}

    def judge(self) -> None:
        """All that a panel does before it tells anybody."""
        work_of_panel.assign(self.make, self.chair, self.course, 1, [self.reviewer])
        work_of_panel.redact(self.make, self.chair, self.course, 1, challenge=COPY)
        panel.review(self.make, self.reviewer, self.course, 1, 5, reason=REASON, comment=REMARK)
        panel.moderate(self.make, self.chair, self.course, 1, 2.75, reason=RECORD)
        panel.decide(self.make, self.chair, self.course, "d-")
        with working(self.app) as work:
            decision = work.session.get_one(Decision, self.applied.id)
            assert decision.outcome is DecisionOutcome.DECLINE
            decision.reason, decision.feedback, decision.feedback_read_at = BECAUSE, FEEDBACK, work.now


@pytest.fixture
def case(app: Flask, make: Make, clock: FixedClock) -> Case:
    world = make_world(app, make, clock)
    council = make.organisation("Quagmire’s employer", slug="employer")
    course = panel.course(make, "The secret course", slug="secret-course")
    other = panel.course(make, "The other course", slug="other-course")
    applicant = make.account(NAME, "zq@council.example", organisation=council)
    applied = panel.application(make, course, person=applicant, challenge=WORDS)
    panel.application(make, course, "Plain Jane", organisation=make.organisation())
    panel.applications(make, other, 1)
    asked = work_of_panel.endorsement(make, applied, "boss@council.example", "Enid Endorser")
    with working(app) as work:
        support = work.session.get_one(Endorsement, asked.id)
        support.state, support.words, support.answered_at = EndorsementState.GIVEN, SUPPORT, work.now
    work_of_panel.wanting(make, course, 1, redacting=True)
    chairs = {
        "chair of another course": panel.chair(make, "Olga Other", event=other),
        "chair in conflict": panel.chair(make, "Carl Colleague", event=course, organisation=council),
        "reviewer in conflict": panel.reviewer(make, "Cora Colleague", organisation=council),
        "reviewer without a share": panel.reviewer(make, "Sid Shareless"),
        "reviewer": panel.reviewer(make, REVIEWER),
        "chair": panel.chair(make, "Femi Chair", event=course),
        "admin": make.admin("Ada Quill"),
    }
    make.grant(chairs["chair of another course"], Role.REVIEWER, event=other)
    colleague = make.account("Addy Colleague", organisation=council)
    make.grant(colleague, Role.ADMIN)
    evaluator = make.account("Eve Evaluator")
    make.grant(evaluator, Role.EVALUATOR, programme=make.programme())
    known = [
        ("/cohorts/", "slug", [course.slug]),
        ("/cohorts/", "number", ["1"]),
        ("/people/", "public_id", [applicant.public_id]),
        ("/organisations/", "slug", [council.slug]),
        ("/audit/", "kind", ["application", "person"]),
        ("/audit/", "subject_id", [str(applied.id), str(applicant.id)]),
        *world.known,
    ]
    return Case(
        app,
        make,
        replace(world, known=known),
        course,
        applied,
        chairs["chair"],
        chairs["reviewer"],
        {
            "signed out": None,
            "stranger": world.visitors["stranger"],
            "applicant": applicant,
            "admin in conflict": colleague,
            "evaluator": evaluator,
            **chairs,
        },
    )


def words_of(body: bytes) -> str:
    """What stands in a page or a file; in a workbook in each of its parts but the one that says when it was made."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with ZipFile(BytesIO(body)) as workbook:
        return "\n".join(
            workbook.read(part).decode("utf-8", "replace")
            for part in sorted(workbook.namelist())
            if part.startswith("xl/")
        )


def said(seen: Mapping[str, str], markers: Iterable[str]) -> dict[str, list[str]]:
    """The addresses that say one of the markers, and which."""
    found = {address: [words for words in markers if words in page] for address, page in seen.items()}
    return {address: words for address, words in found.items() if words}


OF_ITS_USE = re.compile(r"/evaluation/(exports/)?toolkit\b")


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The addresses that look different, each with the first line that does.

    Figures about the use of the toolkit are left out: the walk itself is counted there.
    """
    found = {}
    for address in (address for address in {**before, **after} if not OF_ITS_USE.match(address)):
        lines, others = before[address].splitlines(), after[address].splitlines()
        if lines != others:
            pairs = zip([*lines, ""], [*others, ""], strict=False)
            found[address] = next(((old, new) for old, new in pairs if old != new), ("", ""))
    return found


NOTHING_TO_KNOW = {
    "signed out": EVERYTHING,
    "stranger": EVERYTHING,
    "chair of another course": EVERYTHING,
    "reviewer in conflict": EVERYTHING,
    "reviewer without a share": EVERYTHING,
    "evaluator": (WORDS, *OF_THE_PANEL),
    "applicant": OF_THE_PANEL,
}
"""Who learns nothing of what the panel does, and which words stand on no page of theirs."""


def test_nobody_else_learns_that_the_panel_did_anything(case: Case) -> None:
    before, letters = case.walks(NOTHING_TO_KNOW), case.letters()
    case.judge()
    after = case.walks(NOTHING_TO_KNOW)
    told = {visitor: said(after[visitor], markers) for visitor, markers in NOTHING_TO_KNOW.items()}
    assert {visitor: pages for visitor, pages in told.items() if pages} == {}
    differs = {visitor: changed(before[visitor], after[visitor]) for visitor in NOTHING_TO_KNOW}
    assert {visitor: pages for visitor, pages in differs.items() if pages} == {}
    assert case.letters() == letters, "a decision is nobody's news before the release"


@pytest.mark.parametrize(
    ("visitor", "markers"),
    [
        ("chair in conflict", (NAME, WORDS, SUPPORT, COPY, REASON, REMARK, RECORD, BECAUSE, FEEDBACK)),
        ("admin in conflict", (WORDS, COPY, REASON, REMARK, RECORD, BECAUSE, FEEDBACK)),
    ],
)
def test_a_chair_in_conflict_reads_nothing_of_it(case: Case, visitor: str, markers: tuple[str, ...]) -> None:
    """Both know who is on the panel, and admins who applied, because somebody has to answer the telephone."""
    case.judge()
    seen = case.walk(visitor)
    assert said(seen, markers) == {}
    ours = f"/cohorts/{case.course.slug}/"
    assert all(seen[path].startswith(("404", "302")) for path in seen if path.startswith(ours) and "/1" in path)


def test_a_reviewer_reads_the_copy_and_nothing_that_names_anybody(case: Case) -> None:
    case.judge()
    seen = case.walk("reviewer")
    assert said(seen, (NAME, WORDS, SUPPORT, RECORD, BECAUSE, FEEDBACK)) == {}
    assert said(seen, (COPY,)) == {f"/cohorts/{case.course.slug}/reviews/1": [COPY]}


@pytest.mark.parametrize("visitor", ["reviewer in conflict", "applicant", "chair of another course"])
def test_nothing_is_done_to_it_by_somebody_who_may_not_see_it(case: Case, visitor: str) -> None:
    case.judge()
    who = case.visitors[visitor]
    assert who is not None
    answers = {}
    for rule in rules(case.app, "POST"):
        if rule.rule.startswith("/cohorts/") and "number" in rule.arguments:
            for address in addresses(rule, case.world):
                browse = Browse(case.app, case.make).sign_in(who)
                answers[address] = browse.post(address, {"reason": "x", "act": "save"}, follow=False).status
    assert len(answers) > 5
    assert set(answers.values()) == {404}


class TestTheWalk:
    """It finds what there is to find: otherwise it would prove nothing."""

    def test_finds_every_word_with_the_chair(self, case: Case) -> None:
        before = case.walk("chair")
        case.judge()
        after = case.walk("chair")
        found = {words for on_page in said(after, EVERYTHING).values() for words in on_page}
        assert found >= {NAME, WORDS, SUPPORT, COPY, REVIEWER, REASON, REMARK, RECORD}
        assert f"/cohorts/{case.course.slug}/selection" in changed(before, after)

    def test_finds_the_decision_in_the_history(self, case: Case) -> None:
        case.judge()
        audited = {path: page for path, page in case.walk("admin").items() if path.startswith("/admin/audit/")}
        assert said(audited, (FEEDBACK, BECAUSE))

    def test_opens_every_export_of_whoever_may_have_it(self, case: Case) -> None:
        case.judge()
        exports = [
            (address, page)
            for address, page in case.walk("admin").items()
            if address.startswith("/evaluation/exports/") and "?" in address
        ]
        assert len(exports) == len(KINDS) * (len(Format) + 1) * 2
        assert [address for address, page in exports if not page.startswith("200")] == []
        named = [address for address, page in exports if WORDS in page]
        assert named == [f"/evaluation/exports/applications.{each}?programme={PROGRAMME}" for each in Format]
        files = [page for address, page in case.walk("evaluator").items() if f"?programme={PROGRAMME}" in address]
        assert len(files) == len(exports)
        assert all(page.startswith("200") for page in files)

    def test_finds_the_feedback_in_the_letter_that_is_looked_at(self, case: Case) -> None:
        case.judge()
        assert FEEDBACK in case.walk("admin")[case.preview("application_declined")]

    def test_finds_the_application_once_the_conflict_has_ended(self, case: Case) -> None:
        before = case.walk("reviewer in conflict")
        cora = case.visitors["reviewer in conflict"]
        assert cora is not None
        with working(case.app) as work:
            belongs = work.session.scalars(select(Affiliation).where(Affiliation.person_id == cora.id)).one()
            belongs.to_on = work.now.date()
        work_of_panel.redact(case.make, case.chair, case.course, 1, challenge=COPY)
        work_of_panel.assign(case.make, case.chair, case.course, 1, [cora])
        after = case.walk("reviewer in conflict")
        assert said(after, (COPY,))
        assert f"/cohorts/{case.course.slug}/reviews" in changed(before, after)

    def test_finds_the_decision_once_it_is_released(self, case: Case) -> None:
        case.judge()
        before, letters = case.walk("applicant"), case.letters()
        panel.decide(case.make, case.visitors["admin"] or case.chair, case.course, "dd")
        panel.release(case.make, case.visitors["admin"] or case.chair, case.course)
        assert changed(before, case.walk("applicant"))
        assert case.letters() > letters

    def test_finds_a_single_page_that_tells(self, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
        """One list that forgets to ask is enough."""
        view = case.app.view_functions["pages.contact"]

        def forgetful() -> str:
            return f"<p>{NAME}</p>"

        monkeypatch.setattr(forgetful, "access", getattr(view, "access", None), raising=False)
        monkeypatch.setitem(case.app.view_functions, "pages.contact", forgetful)
        assert list(said(case.walk("stranger"), EVERYTHING).values()) == [[NAME]]
