"""What is asked of the community of practice and of others: E6 to E10, by hand and by no job."""

from cop.models.surveys import Mode
from cop.services.surveys.templates.parts import (
    AGREE,
    PERMISSION,
    SATISFIED,
    YES_NO,
    Template,
    choice,
    choices,
    line,
    number,
    rating,
    section,
    words,
)

COMMUNITY = Template(
    "community-pulse",
    "What the community is worth to you",
    "About five minutes, every six months.",
    (
        section("v1", "Taking part", "Think of the last six months."),
        choices(
            "v1_how",
            "How did you take part?",
            ("read", "I read"),
            ("asked", "I asked"),
            ("answered", "I answered"),
            ("met", "I met others"),
        ),
        rating("v1_worth", "It was worth my time.", AGREE),
        number("v1_new", "How many new connections did you make?", "A rough number is fine"),
        section("v2", "What you took from it"),
        choices(
            "v2_gained",
            "What did you gain?",
            ("idea", "A new idea"),
            ("skill", "A new skill"),
            ("contact", "A new contact"),
            ("resource", "A new resource"),
        ),
        rating("v2_inspired", "It inspired me.", AGREE),
        rating("v2_sure", "It made me more confident in what I do.", AGREE),
        section("v3", "What you used, and what it changed"),
        choice("v3_used", "Have you used something from the community in the last 6 months?", *YES_NO),
        words("v3_what", "What did you use?", "Leave this empty if you have not used anything"),
        choices(
            "v4_made",
            "What difference did it make?",
            ("saved", "It saved time or money"),
            ("service", "A better service"),
            ("residents", "An outcome for residents"),
            ("avoided", "We avoided a mistake"),
        ),
        words("v4_evidence", "How do you know?", "What you saw, counted or were told"),
        rating("v5_success", "It changed how we define success.", AGREE),
        section("community", "The community itself", "How far do you agree?"),
        rating("s1", "It is clear what the community is for.", AGREE),
        rating("s2", "The right people and stakeholders are engaged.", AGREE),
        rating("n_facilitation", "The facilitation helps me to take part.", AGREE),
        rating("n_platform", "The platform works for me.", AGREE),
        rating("n_time", "I have the time to take part.", AGREE),
        rating("n_employer", "My employer supports me in taking part.", AGREE),
        words("start_stop_keep", "What should we start, stop, keep?"),
    ),
    "E6 Community pulse",
    Mode.PANEL,
)

STORY = Template(
    "value-story",
    "Tell your story",
    "A story of how something that you took part in became worth something to others. Write as much as you like.",
    (
        section("story", "From what you took part in to what it changed"),
        words("activity", "What did you take part in?", "A visit, a course, a talk in the forum"),
        words("insight", "What insight or resource did you take from it, and what did you hope for?"),
        words("use", "How did you use it?"),
        words("result", "What resulted, and for whom?"),
        words("success", "How did it change what counts as success?"),
        section("about_it", "About the story"),
        line("evidence", "Where can somebody see the evidence?", "A web address, say"),
        line("about", "Which event or resource does it belong to?"),
        PERMISSION,
    ),
    "E7 Value story",
)

RESOURCE = Template(
    "resource-after-30-days",
    "A month after you downloaded it",
    "Four questions, one minute.",
    (
        choice(
            "used",
            "Have you used it?",
            ("used", "I have used it"),
            ("plan", "I plan to"),
            ("not", "It is not for me"),
        ),
        words("how", "How did you use it, or how will you?"),
        choice("adapted", "Did you adapt it?", *YES_NO, required=False),
        choice("share", "Would you share what you made of it with others?", *YES_NO, required=False),
    ),
    "E8 Resource after 30 days",
)

UNSUCCESSFUL = Template(
    "after-no-place",
    "How was applying?",
    "Four questions, one minute. They have no bearing on any later application.",
    (
        rating("clear", "The process was clear.", AGREE),
        rating("fair", "The process was fair.", AGREE),
        rating("feedback", "The feedback was useful.", AGREE),
        words("more", "What should we do differently?"),
    ),
    "E9 Unsuccessful applicant",
    Mode.ANONYMOUS,
)

SERVICE = Template(
    "service-feedback",
    "Give feedback on this service",
    "Two questions. Leave out anything by which somebody could be known.",
    (
        rating("satisfied", "Overall, how satisfied were you with this service?", SATISFIED),
        words("improve", "How could we improve this service?"),
    ),
    "E10 Service feedback",
    Mode.ANONYMOUS,
)
