"""One report to funders of the demonstration, with the words that staff wrote around its figures."""

from dataclasses import replace

from cop.core.access import Actor, Grant, Role
from cop.core.place import day_of
from cop.demo.stage import Stage
from cop.exporting.funder_report import content_of, title_of
from cop.services import funder_reports as services

INTRODUCTION = (
    "This is the first report of the Policy Lab to those who pay for it. It says what happened, in numbers that "
    "anybody can check, and what the numbers cannot say.\n\n"
    "The first course is over, the second is being chosen, and the third takes applications. We have met residents who "
    "run a reception, officers who stopped sending letters, and councillors who hold their surgeries at the food club."
)

COMMENTS = {
    "reach": "Town and parish councils are still few. The third course keeps places for them.",
    "learning": "Confidence rose most where people tried something small at home between the two days.",
}


def load(stage: Stage) -> None:
    evaluator = stage.role("evaluator")
    work = replace(stage.work, actor=Actor(evaluator.id, (Grant(Role.EVALUATOR, stage.programme.id),)))
    made = services.keep(
        work,
        programme_id=stage.programme.id,
        title=title_of(stage.programme),
        as_of=day_of(work.now),
        content=content_of(work, stage.programme),
    )
    for section, words in {services.INTRODUCTION: INTRODUCTION, **COMMENTS}.items():
        seen = services.seen_of(made, section)
        services.write(work, public_id=made.public_id, section=section, words=words, seen=seen)
