"""What the evaluator made of the answers in people's own words: codes for most, and two passages to quote."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cop.core.access import Actor, Grant, Role
from cop.demo.stage import Stage
from cop.models.tags import TagKind
from cop.queries import coding as queries
from cop.queries import tags
from cop.services import coding as services

ALL_OF_THEM = 1_000
"""More answers than there are to any question of the demo."""

QUOTATIONS = 2

CODES: Mapping[str, Sequence[str]] = {
    "New contact": ("who knows whom", "I will ring the person", "neighbouring councils"),
    "New idea": ("what would you miss", "one-page plan", "How they count", "have one diary", "pay people for"),
    "Did something differently": ("into the library", "One form", "share a worker", "no longer threatens"),
    "Residents took part": ("resident", "Residents", "tenants", "youth panel", "walking group"),
    "Better for residents": ("were checked", "miss their appointments", "never had one", "Damp homes"),
    "Something stood in the way": ("stuck", "no money", "already given out", "frozen", "loud", "None that I can count"),
}
"""Words by which an answer gets a code: the evaluator would read them."""


def load(stage: Stage) -> None:
    evaluator = stage.role("evaluator")
    work = replace(stage.work, actor=Actor(evaluator.id, (Grant(Role.EVALUATOR, stage.programme.id),)))
    by_name = {tag.name: tag.id for tag in tags.offered(work, TagKind.CODE)[TagKind.CODE]}
    picked: set[str] = set()
    for asked in queries.questions(work, stage.programme):
        found = queries.answers(
            work, stage.programme, questionnaire=asked.questionnaire, item=asked.item, limit=ALL_OF_THEM
        )
        for answer in found:
            which = services.Which(stage.programme.id, asked.questionnaire, asked.item, answer.key)
            fits = [by_name[name] for name, words in CODES.items() if any(word in answer.words for word in words)]
            services.give(work, which, chosen=fits, seen=())
            if answer.is_allowed and fits and len(picked) < QUOTATIONS and answer.words not in picked:
                services.pick(work, which, words=answer.words)
                picked.add(answer.words)
