"""What is asked along a course: before it (E2), at its end (E3), in the year after (E4), and of managers (E5).

An item that is asked in several waves keeps its code and its words, so that answers of one person can be compared:
``se1`` to ``se8`` (confidence), ``k1`` to ``k4`` (knowledge), ``n1`` (contacts).
"""

from cop.services.surveys.templates.events import REACTION
from cop.services.surveys.templates.parts import (
    AGREE,
    KNOWLEDGE,
    PERMISSION,
    USED,
    YES_NO_UNSURE,
    Raw,
    Template,
    choice,
    choices,
    line,
    number,
    only_if,
    rating,
    scale,
    section,
    words,
)

ABLE = (
    "explain how local conditions shape health inequalities",
    "find and use local data on inequalities",
    "involve residents with lived experience",
    "apply co-operative and co-production methods",
    "map and convene partners (NHS, VCSE)",
    "make the case to senior leaders and members",
    "test and adapt a small change",
    "evaluate and share what was learnt",
)

CANNOT_TO_CERTAIN = "0 is “I cannot do this at all”, 10 is “I am certain that I can”"

CONFIDENCE = (
    section("confidence", "How confident are you right now?", "There are no right answers: say how it is today."),
    *(
        scale(f"se{position}", f"How confident are you that you can {able}?", CANNOT_TO_CERTAIN)
        for position, able in enumerate(ABLE, start=1)
    ),
)

THEN = (
    section(
        "then",
        "Thinking back to before the course",
        "People often see only afterwards where they began. Knowing what you know now: how confident were you then?",
    ),
    *(
        scale(f"then{position}", f"Before the course: how confident were you that you could {able}?", CANNOT_TO_CERTAIN)
        for position, able in enumerate(ABLE, start=1)
    ),
)

KNOW = (
    "what causes inequalities in health where you live and work",
    "the co-operative principles, and what they mean for public services",
    "who does what for health: council, NHS, voluntary sector and residents",
    "how other councils tackle inequalities in health",
)

CONTACTS = number(
    "n1", "How many people in other councils could you call on for advice about this work?", "A rough number is fine"
)

KNOWLEDGE_ITEMS = (
    section("knowledge", "What you know, and whom"),
    *(
        rating(f"k{position}", f"How much do you know about {known}?", KNOWLEDGE)
        for position, known in enumerate(KNOW, start=1)
    ),
    CONTACTS,
)

BASELINE = Template(
    "course-baseline",
    "Before the course",
    "About ten minutes. We ask some of these questions again at the end of the course and in the year after it, to see "
    "what the course changed and what it did not.",
    (
        section("about_you", "You and your work"),
        choice(
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
        choice(
            "years",
            "For how many years have you worked on this, or been active in it?",
            ("under 1", "Less than 1 year"),
            ("1 to 2", "1 to 2 years"),
            ("3 to 5", "3 to 5 years"),
            ("6 to 10", "6 to 10 years"),
            ("over 10", "More than 10 years"),
        ),
        choice(
            "remit",
            "What is your remit?",
            ("health", "Public health or the NHS"),
            ("care", "Social care"),
            ("housing", "Housing or homelessness"),
            ("children", "Children, families or schools"),
            ("place", "Planning, leisure, parks or transport"),
            ("communities", "Communities or the voluntary sector"),
            ("corporate", "Policy, finance or the whole organisation"),
            ("own", "My own neighbourhood or group"),
            ("other", "Something else"),
        ),
        *CONFIDENCE,
        *KNOWLEDGE_ITEMS,
        section("support", "Where you will put it into practice", "How far do you agree?"),
        rating("org1", "Leaders where I work or volunteer support this.", AGREE),
        rating("org2", "I have the time to act on what I learn.", AGREE),
        rating("org3", "I have permission to try things that may not work.", AGREE),
        section("wishes", "What you want from it"),
        words("change", "What change do you want to make?", "A sentence or two"),
        words("hopes", "What do you hope for, and what worries you?"),
        words("access", "What do we need to do so that you can take part fully?"),
    ),
    "E2 Before a course",
)

END = Template(
    "course-end",
    "At the end of the course",
    "About ten minutes, while it is fresh.",
    (
        section("reaction", "How was it?"),
        *REACTION,
        section("room", "In the room", "How far do you agree?"),
        rating("safe", "I felt safe to say what I think.", AGREE),
        rating("facilitators", "The facilitators helped everybody to take part.", AGREE),
        rating("pace", "The pace was right for me.", AGREE),
        rating("listened", "I felt listened to.", AGREE),
        rating("connections", "I made useful connections.", AGREE),
        rating("from_others", "I learnt from the others on the course.", AGREE),
        rating("good_use", "It was a good use of my time.", AGREE),
        *CONFIDENCE,
        *THEN,
        *KNOWLEDGE_ITEMS,
        section("commitment", "What you will do", "We will ask in three months how it went."),
        words("will_do", "What will you do?"),
        line("will_by", "By when?"),
        words("will_first", "What is the first step?"),
        words("will_help", "Who will help you?"),
        scale("will_sure", "How confident are you that you will do it?"),
    ),
    "E3 At the end of a course",
)

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


def _if_used(item: Raw) -> Raw:
    """Asked of those who have used what they learnt."""
    return only_if(item, "used", *(value for value, _ in USED[1:]))


FOLLOWING_UP = (
    section("use", "Since the course"),
    choice("used", "Have you used what you learnt?", *USED),
    choice(
        "commitment_now",
        "What became of what you set out to do?",
        ("done", "Done"),
        ("part", "Partly done"),
        ("changed", "It changed into something else"),
        ("stopped", "Stopped, or not begun"),
    ),
    section("changed", "What you did"),
    _if_used(words("did", "What did you change, and with whom?")),
    _if_used(words("shaped", "What of it did residents shape?")),
    _if_used(number("reach_services", "How many services were involved?")),
    _if_used(number("reach_teams", "How many teams were involved?")),
    _if_used(number("reach_residents", "How many residents were involved?")),
    _if_used(
        choice(
            "reach_how",
            "How do you know these numbers?",
            ("counted", "We counted"),
            ("estimate", "They are estimates"),
            required=False,
        )
    ),
    section("helped", "What helped, and what stood in the way"),
    choices("enablers", "What helped you?", *FACTORS),
    choices("barriers", "What stood in the way?", *FACTORS),
    words("why", "If it stopped or changed: why?"),
    *CONFIDENCE,
    section("others", "People and resources"),
    CONTACTS,
    number("n2", "How many times in the last 3 months did you give help to another council, or receive help from one?"),
    choices(
        "resources",
        "What have you done with materials from the programme?",
        ("used", "Used them"),
        ("adapted", "Adapted them"),
        ("shared", "Shared them with others"),
    ),
    section("outcome", "What came of it"),
    words("results", "What results have you seen so far?", "For residents, for staff, or in how decisions are made"),
    line("evidence", "Where can somebody read about it?", "A web address, say"),
    rating(
        "contribution",
        "How much did the programme contribute?",
        ("Not at all", "A little", "Somewhat", "A great deal", "It was essential"),
    ),
    words("contribution_else", "What else contributed?"),
)

FOLLOW_UP = Template(
    "course-follow-up",
    "Some months after the course",
    "About eight minutes. “Nothing yet” is an answer that helps as much as any other.",
    (*FOLLOWING_UP, PERMISSION),
    "E4 After 3 and 6 months",
)

FOLLOW_UP_YEAR = Template(
    "course-follow-up-year",
    "A year after the course",
    "About eight minutes, and the last time that we ask.",
    (
        *FOLLOWING_UP,
        choice(
            "without",
            "Would this have happened without it?",
            ("no", "No"),
            ("later", "Yes, but later"),
            ("smaller", "Yes, but smaller"),
            ("same", "Yes, the same"),
        ),
        PERMISSION,
    ),
    "E4 After a year",
)

MANAGER = Template(
    "line-manager",
    "Somebody from your team was on our course",
    "Four questions, three minutes. They are about what the course changed, and not about how well somebody works.",
    (
        choice("noticed", "Have you noticed a change in how your colleague works since the course?", *YES_NO_UNSURE),
        words("example", "Can you give an example?"),
        words("support", "What support have you given them to use what they learnt?"),
        scale("again", "How likely are you to send someone again?", "0 is not at all likely, 10 is extremely likely"),
    ),
    "E5 Line manager",
)
