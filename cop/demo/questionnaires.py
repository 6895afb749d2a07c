"""What the secretariat writes: a pulse of the community that is published, and a questionnaire still in draft."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cop.core.access import Actor, Grant, Role
from cop.demo.stage import Stage
from cop.models.surveys import Mode
from cop.services.surveys import drafting
from cop.services.surveys.templates import AGREE

DRAFT = "hosts-after-a-season"

ITEMS: tuple[Mapping[str, Any], ...] = (
    {"kind": "choice", "text": "Would you host visitors again?", "required": True}
    | {"code": "again", "options": [["yes", "Yes"], ["fewer", "Yes, but fewer at a time"], ["no", "No"]]},
    {"kind": "section", "text": "What it asked of you", "hint": "How far do you agree?"},
    *(
        {"kind": "rating", "text": text, "labels": list(AGREE), "required": True}
        for text in ("The visit pack told me what I needed.", "The groups had the right size.", "It was worth my day.")
    ),
    {"kind": "text", "text": "What would have to change?", "words": 100, "code": "would_change"},
)


def load(stage: Stage) -> None:
    admin = stage.role("admin").id
    then = replace(stage.work, actor=Actor(admin, (Grant(Role.ADMIN),)))
    drafting.publish(then, code="community-pulse", seen=drafting.reopen(then, code="community-pulse").revision)
    drafting.begin(then, code=DRAFT, title="After a season of visits")
    introduction = "Three minutes, for those who received visitors this year."
    drafting.describe(
        then, code=DRAFT, title="After a season of visits", introduction=introduction, mode=Mode.PANEL, seen=0
    )
    for seen, item in enumerate(ITEMS, start=1):
        drafting.add_item(then, code=DRAFT, item=item, after="", seen=seen)
    values = ["fewer", "no"]
    drafting.ask_only_if(then, code=DRAFT, item_code="would_change", on="again", values=values, seen=len(ITEMS) + 1)
