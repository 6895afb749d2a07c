"""The questionnaires of the programme, as data: E1 to E4 of the evaluation plan.

An item that is asked in several waves keeps its code, so that answers of one person can be compared: ``se1`` to ``se8``
(confidence), ``k1`` to ``k4`` (knowledge), ``n1`` (contacts). A change here becomes a new version when somebody is
asked next; those who were asked before keep the version that they were asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Raw = Mapping[str, Any]

AGREE = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
SATISFIED = (
    "Very dissatisfied",
    "Dissatisfied",
    "Neither satisfied nor dissatisfied",
    "Satisfied",
    "Very satisfied",
)
RELEVANT = ("Not at all relevant", "Slightly relevant", "Fairly relevant", "Very relevant", "Essential")
KNOWLEDGE = ("Very little", "A little", "A fair amount", "A good deal", "I could teach it")


@dataclass(frozen=True)
class Template:
    """A questionnaire before it is published under its ``code``."""

    code: str
    title: str
    introduction: str
    items: tuple[Raw, ...]


def _section(code: str, text: str, hint: str = "") -> Raw:
    return {"code": code, "kind": "section", "text": text, "hint": hint}


def _scale(code: str, text: str, hint: str = "") -> Raw:
    return {"code": code, "kind": "scale", "text": text, "hint": hint, "required": True}


def _rating(code: str, text: str, labels: Sequence[str]) -> Raw:
    return {"code": code, "kind": "rating", "text": text, "labels": list(labels), "required": True}


def _choice(code: str, text: str, *options: tuple[str, str], kind: str = "choice", required: bool = True) -> Raw:
    return {
        "code": code,
        "kind": kind,
        "text": text,
        "options": [list(option) for option in options],
        "required": required,
    }


def _number(code: str, text: str, hint: str = "") -> Raw:
    return {"code": code, "kind": "number", "text": text, "hint": hint}


def _words(code: str, text: str, hint: str = "") -> Raw:
    return {"code": code, "kind": "text", "text": text, "hint": hint}


YES_NO = (("yes", "Yes"), ("no", "No"))

REACTION = (
    _rating("e1_1", "Overall, how satisfied were you?", SATISFIED),
    _rating("e1_2", "How relevant was it to your work or your community?", RELEVANT),
    _rating("e1_3", "How far do you agree that you will use something from it?", AGREE),
    _words("e1_3_what", "What will you use?"),
    _scale(
        "e1_4", "How likely are you to recommend it to a colleague?", "0 is not at all likely, 10 is extremely likely"
    ),
    _choice("e1_5", "Was anything hard to get to, to follow or to take part in?", *YES_NO),
    _words("e1_5_what", "What was hard, and what would have helped?", "Leave this empty if nothing was"),
    _words("e1_6", "What one thing should we change?"),
)

ABLE = (
    "explain how conditions where you live and work shape inequalities in health",
    "find and use local data about inequalities",
    "involve residents with lived experience",
    "apply co-operative and co-production methods",
    "map partners from the NHS, the voluntary sector and elsewhere, and bring them together",
    "make the case to senior leaders and councillors",
    "test a small change and adapt it",
    "evaluate what you did and share what you learnt",
)

CANNOT_TO_CERTAIN = "0 is “I cannot do this at all”, 10 is “I am certain that I can”"

CONFIDENCE = (
    _section("confidence", "How confident are you right now?", "There are no right answers: say how it is today."),
    *(
        _scale(f"se{number}", f"How confident are you that you can {able}?", CANNOT_TO_CERTAIN)
        for number, able in enumerate(ABLE, start=1)
    ),
)

THEN = (
    _section(
        "then",
        "Thinking back to before the course",
        "People often see only afterwards where they began. Knowing what you know now: how confident were you then?",
    ),
    *(
        _scale(f"then{number}", f"Before the course: how confident were you that you could {able}?", CANNOT_TO_CERTAIN)
        for number, able in enumerate(ABLE, start=1)
    ),
)

KNOW = (
    "what causes inequalities in health where you live and work",
    "the co-operative principles, and what they mean for public services",
    "who does what for health: council, NHS, voluntary sector and residents",
    "how other councils tackle inequalities in health",
)

KNOWLEDGE_ITEMS = (
    _section("knowledge", "What you know, and whom"),
    *(
        _rating(f"k{number}", f"How much do you know about {known}?", KNOWLEDGE)
        for number, known in enumerate(KNOW, start=1)
    ),
    _number(
        "n1",
        "How many people in other councils could you call on for advice about this work?",
        "A rough number is fine",
    ),
)

PULSE = Template(
    "event-pulse",
    "How was it?",
    "A few questions, two minutes. Your answers decide what we do differently next time.",
    REACTION,
)

BASELINE = Template(
    "course-baseline",
    "Before the course",
    "About ten minutes. We ask some of these questions again at the end of the course and in the year after it, to see "
    "what the course changed and what it did not.",
    (
        _section("about_you", "You and your work"),
        _choice(
            "role",
            "What do you mostly bring to the course?",
            ("resident", "My life as a resident"),
            ("front line", "Work with residents day by day"),
            ("policy", "Policy, public health or data"),
            ("manage", "Leading a service or a team"),
            ("elected", "My work as a councillor"),
            ("partner", "Work for a community group, charity or the NHS"),
            ("other", "Something else"),
        ),
        _number("years", "For how many years have you worked on this, or been active in it?", "0 for less than one"),
        _words("remit", "What are you responsible for, or involved in?"),
        *CONFIDENCE,
        *KNOWLEDGE_ITEMS,
        _section("support", "Where you will put it into practice", "How far do you agree?"),
        _rating("org1", "Leaders where I work or volunteer support this.", AGREE),
        _rating("org2", "I have the time to act on what I learn.", AGREE),
        _rating("org3", "I have permission to try things that may not work.", AGREE),
        _section("wishes", "What you want from it"),
        _words("change", "What change do you want to make?", "A sentence or two"),
        _words("hopes", "What do you hope for, and what worries you?"),
        _words("access", "What do we need to do so that you can take part fully?"),
    ),
)

END = Template(
    "course-end",
    "At the end of the course",
    "About ten minutes, while it is fresh.",
    (
        _section("reaction", "How was it?"),
        *REACTION,
        _section("room", "In the room", "How far do you agree?"),
        _rating("safe", "I felt safe to say what I think.", AGREE),
        _rating("facilitators", "The facilitators helped everybody to take part.", AGREE),
        _rating("pace", "The pace was right for me.", AGREE),
        *CONFIDENCE,
        *THEN,
        *KNOWLEDGE_ITEMS,
        _section("commitment", "What you will do", "We will ask in three months how it went."),
        _words("will_do", "What will you do?"),
        _words("will_by", "By when, and what is the first step?"),
        _words("will_help", "Who will help you?"),
        _scale("will_sure", "How confident are you that you will do it?"),
    ),
)

USED = (
    ("not yet", "Not yet"),
    ("once", "Once"),
    ("several", "Several times"),
    ("how we work", "It is now how we work"),
)


def _if_used(item: Raw) -> Raw:
    """Asked of those who have used what they learnt."""
    return {**item, "only_if": {"code": "used", "values": [value for value, _ in USED[1:]]}}


FACTORS = (
    ("time", "Time"),
    ("money", "Money"),
    ("leadership", "Leadership"),
    ("partners", "Partners"),
    ("data", "Data"),
    ("skills", "Skills"),
    ("political", "Political support"),
    ("other", "Something else"),
)

FOLLOWING_UP = (
    _section("use", "Since the course"),
    _choice("used", "Have you used what you learnt?", *USED),
    _choice(
        "commitment_now",
        "What became of what you set out to do?",
        ("done", "Done"),
        ("part", "Partly done"),
        ("changed", "It changed into something else"),
        ("stopped", "Stopped, or not begun"),
    ),
    _section("changed", "What you did"),
    _if_used(_words("did", "What did you change, and with whom?")),
    _if_used(_number("reach_residents", "How many residents were involved or reached?", "An estimate is fine")),
    _if_used(_number("reach_teams", "How many teams, services or organisations took part?")),
    _if_used(
        _choice(
            "reach_how",
            "How do you know these numbers?",
            ("counted", "We counted"),
            ("estimate", "They are estimates"),
            required=False,
        )
    ),
    _section("helped", "What helped, and what stood in the way"),
    _choice("enablers", "What helped you?", *FACTORS, kind="choices", required=False),
    _choice("barriers", "What stood in the way?", *FACTORS, kind="choices", required=False),
    _words("why", "If it stopped or changed: why?"),
    *CONFIDENCE,
    _section("others", "People and resources"),
    _number(
        "n1",
        "How many people in other councils could you call on for advice about this work?",
        "A rough number is fine",
    ),
    _number("n2", "In the last three months, how often did you give help to another council or get help from one?"),
    _choice(
        "resources",
        "What have you done with materials from the programme?",
        ("used", "Used them"),
        ("adapted", "Adapted them"),
        ("shared", "Shared them with others"),
        kind="choices",
        required=False,
    ),
    _section("outcome", "What came of it"),
    _words("results", "What results have you seen so far?", "For residents, for staff, or in how decisions are made"),
    {"code": "evidence", "kind": "line", "text": "Where can somebody read about it?", "hint": "A web address, say"},
    _rating(
        "contribution",
        "How much did the programme contribute to it?",
        ("Not at all", "A little", "Somewhat", "A great deal", "It was essential"),
    ),
    _words("contribution_else", "What else contributed?"),
)

PERMISSION = _choice(
    "permission",
    "May we tell others what you did, as a case study?",
    ("name", "Yes, with my name"),
    ("council", "Yes, with the name of my council or organisation only"),
    ("anonymous", "Yes, without any names"),
    ("no", "No"),
)

FOLLOW_UP = Template(
    "course-follow-up",
    "Some months after the course",
    "About eight minutes. “Nothing yet” is an answer that helps as much as any other.",
    (*FOLLOWING_UP, PERMISSION),
)

FOLLOW_UP_YEAR = Template(
    "course-follow-up-year",
    "A year after the course",
    "About eight minutes, and the last time that we ask.",
    (
        *FOLLOWING_UP,
        _choice(
            "without",
            "Would this have happened without the programme?",
            ("no", "No"),
            ("later", "Yes, but later"),
            ("smaller", "Yes, but smaller"),
            ("same", "Yes, the same"),
        ),
        PERMISSION,
    ),
)

ALL = (PULSE, BASELINE, END, FOLLOW_UP, FOLLOW_UP_YEAR)
