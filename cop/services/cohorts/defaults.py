"""What a new course begins with, for its staff to change: texts, questions for applicants, criteria for the panel."""

from collections.abc import Mapping, Sequence
from typing import Any

INVOLVES = (
    "Two days together on site, in four half-days, with residents, council people and community partners as equals. "
    "You bring a challenge from your own place, work on it with the others, and leave with a plan for the next 100 "
    "days.\n\nThe course is free. Lunch is provided, and we pay travel and childcare for residents."
)

ELIGIBILITY = (
    "You live in, work for, are elected to or are a community partner of a place whose council is a member of the "
    "network.\n\nYou can come to all half-days. You need no qualification and no experience of courses."
)

SELECTING = (
    "At least two people read each application, without names, and score it by the criteria below. A panel then "
    "chooses a group that is mixed by sector and region and gives newer members of the network a fair share. People "
    "who know you or share an organisation with you do not judge your application."
)

SCREENING: Sequence[Mapping[str, Any]] = (
    {
        "question": "Do you live or work in a place whose council is a member of the network, or with such a council?",
        "needed": "yes",
        "otherwise": "The places on this course are for people from the network’s own places.",
    },
    {
        "question": "Can you come to all the half-days?",
        "needed": "yes",
        "otherwise": "The group works together from the first half-day to the last, so everybody needs to be there.",
    },
)

_YES_NO = [["yes", "Yes"], ["no", "No"]]

QUESTIONS: Sequence[Mapping[str, Any]] = (
    {
        "code": "your_challenge",
        "kind": "section",
        "text": "Your challenge",
        "hint": "Leave out names of people, councils and organisations: those who score do not see who you are.",
    },
    {
        "code": "challenge",
        "kind": "text",
        "text": "What is the challenge in your place that you want to work on?",
        "hint": "Who lives with it, and what has been tried?",
        "words": 250,
        "required": True,
    },
    {
        "code": "change",
        "kind": "text",
        "text": "What do you hope will change, and for whom?",
        "hint": "Think of what somebody would notice a year from now.",
        "words": 200,
        "required": True,
    },
    {
        "code": "with_residents",
        "kind": "text",
        "text": "What is your experience of working with residents, or as a resident with services?",
        "hint": "Say what went well and what did not. It is fine to have little.",
        "words": 200,
        "required": True,
    },
    {"code": "taking_part", "kind": "section", "text": "Taking part"},
    {
        "code": "all_half_days",
        "kind": "choice",
        "text": "Can you come to all the half-days?",
        "options": _YES_NO,
        "required": True,
    },
    {
        "code": "time_agreed",
        "kind": "choice",
        "text": "Has your employer agreed to the time, if you need that?",
        "options": [["yes", "Yes"], ["not yet", "Not yet"], ["not needed", "I do not need that"]],
        "required": True,
    },
    {
        "code": "heard",
        "kind": "choice",
        "text": "How did you hear of the course?",
        "options": [
            ["webinar", "At a webinar"],
            ["visit", "On a visit"],
            ["colleague", "From a colleague or neighbour"],
            ["newsletter", "From the network’s newsletter"],
            ["alumni", "From somebody who took part before"],
            ["elsewhere", "Elsewhere"],
        ],
        "required": True,
    },
    {
        "code": "nominated_by",
        "kind": "line",
        "text": "Did somebody suggest that you apply?",
        "hint": "Their role is enough, for example “chair of our residents’ association”.",
    },
    {
        "code": "confidence",
        "kind": "section",
        "text": "How confident you feel now",
        "hint": "We ask the same again after the course. Your answers here do not count in the selection.",
    },
    {
        "code": "confident_coproduction",
        "kind": "scale",
        "text": "How confident are you that you can plan something together with residents as equals?",
        "required": True,
    },
    {
        "code": "confident_change",
        "kind": "scale",
        "text": "How confident are you that you can start a change in how services work in your place?",
        "required": True,
    },
)

CRITERIA: Sequence[Mapping[str, Any]] = (
    {
        "code": "challenge",
        "title": "A real challenge",
        "about": "The challenge matters to people who live with unfair differences in health, and is one to work on.",
        "weight": 2,
        "levels": [
            "No challenge is named, or it has nothing to do with health or fairness.",
            "A challenge is named in general words; it is not clear whom it concerns.",
            "A clear challenge and the people who live with it.",
            "A clear challenge, the people, and why earlier attempts fell short.",
            "All this, known from close by, and of a size that one can begin to work on.",
        ],
    },
    {
        "code": "change",
        "title": "Change that others would notice",
        "about": "What is hoped for would be felt by residents, and can be pictured.",
        "weight": 2,
        "levels": [
            "No change is described.",
            "The change is for the applicant alone, or a wish without a picture.",
            "A change for residents, described in general.",
            "A change for residents that one can picture, with a first step.",
            "A change that one can picture, first steps, and who else has to be with it.",
        ],
    },
    {
        "code": "together",
        "title": "Working together",
        "about": "The applicant shares power and listens, or as a resident has dealt with services; little is fine.",
        "weight": 1,
        "levels": [
            "Nothing is said about working with others.",
            "Residents are informed or asked, and no more.",
            "One honest example of working with others.",
            "An example with what went well and what did not.",
            "Examples in which others decided too, and what was learnt from them.",
        ],
    },
    {
        "code": "use",
        "title": "Use of the place",
        "about": "The applicant can come throughout and is in a position to try something afterwards.",
        "weight": 1,
        "levels": [
            "Cannot come to most of the course.",
            "Can come to part of it, or time is not agreed and not asked for.",
            "Can come; how the course would be used is open.",
            "Can come, with time agreed where that is needed, and says what it is for.",
            "All this, and others are waiting to join in afterwards.",
        ],
    },
)
