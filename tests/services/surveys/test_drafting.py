"""Writing a questionnaire: what is refused, what stays together, and who may."""

from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.core.access import SYSTEM, Actor, Grant, Role
from cop.core.errors import NotFound, Refusal
from cop.core.questions import Item, faults, read_items, sections
from cop.models.surveys import Mode, Questionnaire, QuestionnaireDraft
from cop.queries import questionnaires as queries
from cop.services.answers import publish_questionnaire
from cop.services.surveys import drafting, templates
from tests.support.make import Make, Reads, Working

AGAIN: dict[str, Any] = {
    "kind": "choice",
    "text": "Again?",
    "options": [["yes", "Yes"], ["no", "No"]],
    "required": True,
}
PAGE: dict[str, Any] = {"kind": "section", "text": "Later"}
WHEN: dict[str, Any] = {"kind": "line", "text": "When?"}


@pytest.fixture
def ada(make: Make) -> Actor:
    return make.actor(make.admin())


@pytest.fixture
def draft(ada: Actor, work: Working) -> str:
    """A draft of two pages, the second of which hangs on the first."""
    with work(ada) as unit:
        drafting.begin(unit, code="check", title="Check")
        for seen, item in enumerate((AGAIN, PAGE, WHEN)):
            drafting.add_item(unit, code="check", item=item, after="", seen=seen)
        drafting.ask_only_if(unit, code="check", item_code="when", on="again", values=["yes"], seen=3)
    return "check"


def kept(reading: Reads, code: str = "check") -> QuestionnaireDraft:
    with reading() as read:
        return read.session.get_one(QuestionnaireDraft, code)


def codes(reading: Reads) -> list[str]:
    return [item["code"] for item in kept(reading).items]


@pytest.mark.parametrize(
    "actor",
    [
        Actor(1),
        Actor(1, (Grant(Role.FACILITATOR),)),
        Actor(1, (Grant(Role.EVALUATOR),)),
        Actor(1, (Grant(Role.ADMIN, programme_id=1),)),
    ],
)
def test_is_for_admins_of_everything(actor: Actor, draft: str, work: Working, reading: Reads) -> None:
    where: dict[str, Any] = {"code": draft, "seen": 4}
    for command in (
        lambda unit: drafting.begin(unit, code="mine", title="Mine"),
        lambda unit: drafting.reopen(unit, code="event-pulse"),
        lambda unit: drafting.begin_with_template(unit, code="event-pulse", seen=None),
        lambda unit: drafting.describe(unit, title="T", introduction="I", mode=Mode.NAMED, **where),
        lambda unit: drafting.add_item(unit, item=WHEN, after="", **where),
        lambda unit: drafting.edit_item(unit, item_code="when", item=WHEN, **where),
        lambda unit: drafting.move_item(unit, item_code="when", up=True, **where),
        lambda unit: drafting.remove_item(unit, item_code="when", **where),
        lambda unit: drafting.ask_only_if(unit, item_code="when", on="", values=(), **where),
        lambda unit: drafting.publish(unit, **where),
        lambda unit: drafting.discard(unit, **where),
    ):
        with pytest.raises(NotFound), work(actor) as unit:
            command(unit)
    assert kept(reading).revision == 4


def test_what_a_page_showed_and_is_no_longer_so_is_refused(draft: str, ada: Actor, work: Working) -> None:
    where: dict[str, Any] = {"code": draft, "seen": 3}
    for command in (
        lambda unit: drafting.describe(unit, title="T", introduction="I", mode=Mode.NAMED, **where),
        lambda unit: drafting.add_item(unit, item=WHEN, after="", **where),
        lambda unit: drafting.edit_item(unit, item_code="when", item=WHEN, **where),
        lambda unit: drafting.move_item(unit, item_code="when", up=True, **where),
        lambda unit: drafting.remove_item(unit, item_code="when", **where),
        lambda unit: drafting.ask_only_if(unit, item_code="when", on="", values=(), **where),
        lambda unit: drafting.publish(unit, **where),
        lambda unit: drafting.discard(unit, **where),
    ):
        with pytest.raises(Refusal, match="Somebody else has changed this draft"), work(ada) as unit:
            command(unit)


def test_an_item_that_is_not_there_is_not_found(draft: str, ada: Actor, work: Working) -> None:
    for command in (
        lambda unit: drafting.edit_item(unit, code=draft, item_code="gone", item=WHEN, seen=4),
        lambda unit: drafting.move_item(unit, code=draft, item_code="gone", up=True, seen=4),
        lambda unit: drafting.remove_item(unit, code=draft, item_code="gone", seen=4),
        lambda unit: drafting.ask_only_if(unit, code=draft, item_code="when", on="gone", values=["x"], seen=4),
        lambda unit: drafting.ask_only_if(unit, code=draft, item_code="later", on="again", values=["yes"], seen=4),
        lambda unit: drafting.publish(unit, code="gone", seen=0),
    ):
        with pytest.raises(NotFound), work(ada) as unit:
            command(unit)


def test_editing_keeps_code_kind_and_condition(draft: str, ada: Actor, work: Working, reading: Reads) -> None:
    with work(ada) as unit:
        changed = {"kind": "text", "code": "other", "text": "And when?"}
        drafting.edit_item(unit, code=draft, item_code="when", item=changed, seen=4)
    assert kept(reading).items[2] == {
        "code": "when",
        "kind": "line",
        "text": "And when?",
        "only_if": {"code": "again", "values": ["yes"]},
    }


@pytest.mark.parametrize("values", [[], ["maybe"], ["yes", "maybe"]])
def test_a_condition_takes_answers_that_can_be_given(values: list[str], draft: str, ada: Actor, work: Working) -> None:
    with pytest.raises(Refusal, match="Choose at least one answer"), work(ada) as unit:
        drafting.ask_only_if(unit, code=draft, item_code="when", on="again", values=values, seen=4)


def test_codes_come_from_the_words_and_differ(ada: Actor, work: Working, reading: Reads) -> None:
    texts = ("Again?", "Again!", "…", "Ça va?", "1, 2 or 3?", "Data", "Submit", "Start", "a" * 60)
    with work(ada) as unit:
        drafting.begin(unit, code="check", title="Check")
        for seen, text in enumerate(texts):
            drafting.add_item(unit, code="check", item={**WHEN, "text": text}, after="", seen=seen)
    assert codes(reading) == [
        *("again", "again_2", "question", "a_va", "question_2", "data_2", "submit_2", "start_2", "a" * 30),
    ]
    assert not faults(read_items(kept(reading).items))


def test_a_questionnaire_has_an_end(ada: Actor, work: Working) -> None:
    with work(ada) as unit:
        drafting.begin(unit, code="check", title="Check")
        for seen in range(drafting.ITEMS_MOST):
            drafting.add_item(unit, code="check", item=WHEN, after="", seen=seen)
    with pytest.raises(Refusal, match="at most"), work(ada) as unit:
        drafting.add_item(unit, code="check", item=WHEN, after="", seen=drafting.ITEMS_MOST)


class TestReopening:
    def test_begins_with_what_is_asked_now(self, ada: Actor, work: Working, reading: Reads) -> None:
        with work(ada) as unit:
            publish_questionnaire(unit, code="event-pulse", title="Ours", items=[{**WHEN, "code": "w"}])
            drafting.reopen(unit, code="event-pulse")
        assert (kept(reading, "event-pulse").title, len(kept(reading, "event-pulse").items)) == ("Ours", 1)

    def test_begins_with_the_template_where_nothing_is_asked(self, ada: Actor, work: Working, reading: Reads) -> None:
        with work(ada) as unit:
            drafting.reopen(unit, code="after-no-place")
        found = kept(reading, "after-no-place")
        assert (len(found.items), found.mode) == (len(templates.UNSUCCESSFUL.items), Mode.ANONYMOUS)

    def test_leaves_a_draft_that_is_there_alone(self, draft: str, ada: Actor, work: Working, reading: Reads) -> None:
        with work(ada) as unit:
            drafting.publish(unit, code=draft, seen=4)
            drafting.reopen(unit, code=draft)
            drafting.add_item(unit, code=draft, item=WHEN, after="", seen=0)
            drafting.reopen(unit, code=draft)
        assert len(codes(reading)) == 4

    def test_with_the_template_leaves_what_another_has_written_alone(
        self, ada: Actor, work: Working, reading: Reads
    ) -> None:
        code = "event-pulse"
        with work(ada) as unit:
            drafting.begin_with_template(unit, code=code, seen=None)
            drafting.add_item(unit, code=code, item=WHEN, after="", seen=0)
        for seen in (None, 0):
            with pytest.raises(Refusal, match="Somebody else has changed this draft"), work(ada) as unit:
                drafting.begin_with_template(unit, code=code, seen=seen)
        assert "when" in [item["code"] for item in kept(reading, code).items]
        with work(ada) as unit:
            drafting.begin_with_template(unit, code=code, seen=1)
        assert (len(kept(reading, code).items), kept(reading, code).revision) == (len(templates.PULSE.items), 2)

    def test_with_the_template_what_another_has_thrown_away_is_no_obstacle(
        self, ada: Actor, work: Working, reading: Reads
    ) -> None:
        with work(ada) as unit:
            drafting.begin_with_template(unit, code="event-pulse", seen=3)
        assert kept(reading, "event-pulse").revision == 0

    def test_with_the_template_takes_one(self, draft: str, ada: Actor, work: Working) -> None:
        with pytest.raises(NotFound), work(ada) as unit:
            drafting.begin_with_template(unit, code=draft, seen=4)

    @pytest.mark.parametrize("code", ["nothing", "application-course"])
    def test_of_what_is_not_there_or_belongs_to_a_course_is_nothing(self, code: str, ada: Actor, work: Working) -> None:
        with work(SYSTEM) as unit:
            publish_questionnaire(unit, code="application-course", title="Apply", items=[{**WHEN, "code": "w"}])
        with pytest.raises(NotFound), work(ada) as unit:
            drafting.reopen(unit, code=code)
        with pytest.raises(NotFound), work(ada) as unit:
            drafting.begin(unit, code="mine", title="Mine", source=code)

    def test_by_two_at_once_is_one_draft(self, ada: Actor, work: Working, reading: Reads) -> None:
        together, revisions = Barrier(4), []

        def reopen() -> None:
            together.wait()
            with work(ada) as unit:
                revisions.append(drafting.reopen(unit, code="event-pulse").revision)

        windows = [Thread(target=reopen) for _ in range(4)]
        for window in windows:
            window.start()
        for window in windows:
            window.join()
        assert revisions == [0, 0, 0, 0]
        assert kept(reading, "event-pulse").revision == 0


class TestPublishing:
    def test_makes_a_version_and_ends_the_draft(self, draft: str, ada: Actor, work: Working, reading: Reads) -> None:
        with work(ada) as unit:
            drafting.describe(unit, code=draft, title="Check", introduction="Short.", mode=Mode.PANEL, seen=4)
            drafting.publish(unit, code=draft, seen=5)
        with reading() as read:
            made = read.session.query(Questionnaire).one()
            assert (made.code, made.version, made.introduction, made.mode) == ("check", 1, "Short.", Mode.PANEL)
            assert read.session.query(QuestionnaireDraft).count() == 0

    def test_of_the_same_is_the_same_version(self, draft: str, ada: Actor, work: Working) -> None:
        with work(ada) as unit:
            drafting.publish(unit, code=draft, seen=4)
            drafting.reopen(unit, code=draft)
            assert drafting.publish(unit, code=draft, seen=0).version == 1

    def test_in_another_mode_is_another_version(self, draft: str, ada: Actor, work: Working) -> None:
        with work(ada) as unit:
            drafting.publish(unit, code=draft, seen=4)
            drafting.reopen(unit, code=draft)
            drafting.describe(unit, code=draft, title="Check", introduction="", mode=Mode.PANEL, seen=0)
            assert drafting.publish(unit, code=draft, seen=1).version == 2

    @pytest.fixture
    def short(self, ada: Actor, work: Working) -> str:
        """A draft without names, of one page under a heading."""
        with work(ada) as unit:
            drafting.begin(unit, code="short", title="Short")
            drafting.add_item(unit, code="short", item=PAGE, after="", seen=0)
            drafting.add_item(unit, code="short", item=WHEN, after="", seen=1)
            drafting.describe(unit, code="short", title="Short", introduction="", mode=Mode.ANONYMOUS, seen=2)
        return "short"

    def test_without_names_takes_one_page(self, short: str, ada: Actor, work: Working) -> None:
        with work(ada) as unit:
            drafting.add_item(unit, code=short, item={**PAGE, "code": "more"}, after="", seen=3)
            drafting.add_item(unit, code=short, item=AGAIN, after="", seen=4)
        with pytest.raises(Refusal, match="sent from one page"), work(ada) as unit:
            drafting.publish(unit, code=short, seen=5)
        with work(ada) as unit:
            drafting.remove_item(unit, code=short, item_code="more", seen=5)
            assert drafting.publish(unit, code=short, seen=6).mode is Mode.ANONYMOUS

    def test_without_names_is_not_for_what_people_are_asked_one_by_one(
        self, ada: Actor, work: Working, reading: Reads
    ) -> None:
        code = "resource-after-30-days"
        with work(ada) as unit:
            drafting.reopen(unit, code=code)
            drafting.describe(unit, code=code, title="A month after", introduction="", mode=Mode.ANONYMOUS, seen=0)
        with pytest.raises(Refusal, match="one by one"), work(ada) as unit:
            drafting.publish(unit, code=code, seen=1)
        with work(ada) as unit:
            drafting.describe(unit, code=code, title="A month after", introduction="", mode=Mode.PANEL, seen=1)
            drafting.publish(unit, code=code, seen=2)

    def test_refuses_what_cannot_be_asked(self, draft: str, ada: Actor, work: Working, reading: Reads) -> None:
        with work(ada) as unit:
            drafting.move_item(unit, code=draft, item_code="when", up=True, seen=4)
        with pytest.raises(Refusal, match="question it hangs on"), work(ada) as unit:
            drafting.publish(unit, code=draft, seen=5)
        assert codes(reading) == ["again", "when", "later"]

    def test_refuses_a_condition_on_an_answer_that_went(self, draft: str, ada: Actor, work: Working) -> None:
        with work(ada) as unit:
            other = {**AGAIN, "options": [["no", "No"], ["maybe", "Maybe"]]}
            drafting.edit_item(unit, code=draft, item_code="again", item=other, seen=4)
        with pytest.raises(Refusal, match="nobody can give any more"), work(ada) as unit:
            drafting.publish(unit, code=draft, seen=5)


def test_how_versions_differ() -> None:
    before = read_items([{**AGAIN, "code": "a"}, {**WHEN, "code": "b"}, {**WHEN, "code": "c"}])
    other = {**AGAIN, "code": "a", "options": [["x", "X"]]}
    after = read_items([{**WHEN, "code": "d"}, other, {**WHEN, "code": "b", "text": "T"}])
    assert [(change.item.code, change.what) for change in queries.changes(before, after)] == [
        ("d", "added"),
        ("a", "answers"),
        ("b", "words"),
        ("c", "removed"),
    ]


@st.composite
def questionnaires(draw: st.DrawFn) -> tuple[Item, ...]:
    """Items in any order, some of which hang on others."""
    kinds = draw(st.lists(st.sampled_from(["section", "choice", "line"]), max_size=8))
    raw: list[dict[str, Any]] = []
    for number, kind in enumerate(kinds):
        item: dict[str, Any] = {"code": f"i{number}", "kind": kind, "text": str(number)}
        if kind == "choice":
            item["options"] = [["yes", "Yes"], ["no", "No"]]
        before = [each["code"] for each in raw if each["kind"] == "choice"]
        hangs = draw(st.booleans())
        if kind != "section" and before and hangs:
            item["only_if"] = {"code": draw(st.sampled_from(before)), "values": ["yes"]}
        raw.append(item)
    return read_items(raw)


@settings(max_examples=200, deadline=None)
@given(questionnaires())
def test_without_faults_every_condition_looks_back_to_an_earlier_page(items: tuple[Item, ...]) -> None:
    pages = sections(items)
    page_of = {item.code: number for number, page in enumerate(pages) for item in page.items}
    conditions = [(item.code, item.only_if.code) for item in items if item.only_if is not None]
    is_sound = all(page_of[on] < page_of[code] for code, on in conditions)
    has_empty_page = len(pages) < sum(item.kind == "section" for item in items) + (
        bool(items) and items[0].kind != "section"
    )
    assert (not faults(items)) == (bool(pages) and is_sound and not has_empty_page)
