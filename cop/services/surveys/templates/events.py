"""What is asked after webinars, visits and summits: at once (E1), and some time later."""

from cop.services.surveys.templates.parts import (
    AGREE,
    RELEVANT,
    SATISFIED,
    USED,
    YES_NO,
    Template,
    choice,
    rating,
    scale,
    words,
)

REACTION = (
    rating("e1_1", "Overall, how satisfied were you?", SATISFIED),
    rating("e1_2", "How relevant was it to your work?", RELEVANT),
    rating("e1_3", "I will use something from today", AGREE),
    words("e1_3_what", "What will you use?"),
    scale(
        "e1_4", "How likely are you to recommend it to a colleague?", "0 is not at all likely, 10 is extremely likely"
    ),
    choice("e1_5", "Was anything hard to access or take part in?", *YES_NO),
    words("e1_5_what", "What was hard, and what would have helped?", "Leave this empty if nothing was"),
    words("e1_6", "One thing to change"),
)

PULSE = Template(
    "event-pulse",
    "How was it?",
    "A few questions, two minutes. Your answers decide what we do differently next time.",
    REACTION,
    "E1 Event pulse",
)

REFLECTION = Template(
    "visit-reflection",
    "Two weeks after your visit",
    "Four short questions. “Nothing yet” is an answer that helps as much as any other.",
    (
        words("stayed", "What has stayed with you from the visit?"),
        choice("used", "Have you used something from it?", *USED),
        words("did", "What did you do, and with whom?", "Leave this empty if nothing happened yet"),
        words("stands", "What would help you to go on, or what stands in the way?"),
    ),
    "Reflection after a visit",
)

ACTIONS = Template(
    "summit-actions",
    "Two months after the summit",
    "Four short questions about what you set out to do. “Nothing yet” is an answer that helps as much as any other.",
    (
        words("will_do", "What did you set out to do at the summit?"),
        choice(
            "commitment_now",
            "What became of it?",
            ("done", "Done"),
            ("part", "Partly done"),
            ("changed", "It changed into something else"),
            ("stopped", "Stopped, or not begun"),
        ),
        words("did", "What happened so far, and with whom?"),
        words("stands", "What would help you to go on, or what stands in the way?"),
    ),
    "Actions after a summit",
)
