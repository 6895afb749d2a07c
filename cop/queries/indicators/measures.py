"""What the service counts by itself: each measure once, with its definition, and how indicators are made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cop.core.errors import marked
from cop.models.evidence import Unit

QUESTIONS: Mapping[int, str] = {
    1: marked("Reach: who applied, was selected, waited and attended, against the target"),
    2: marked("Did every sector take part, residents included? How did they hear of it?"),
    3: marked("Reaction: useful connections, learning from others, relevance, good use of time"),
    4: marked("Learning: paired before and after confidence and knowledge"),
    5: marked("Action plans: with a plan, reviewed at 100 days, completed, stuck and why"),
    6: marked("Relationships: contacts in other councils before and after"),
    7: marked("Co-production: what residents shaped, and who felt listened to"),
    8: marked("Community of practice: active members, posts, replies, unanswered topics, ties"),
    9: marked("Toolkit: downloads, unique people and councils, repeat use, used in practice"),
    10: marked("Adoption: self-ratings of co-operative approaches, at first and later"),
    11: marked("Pledges made and kept"),
    12: marked("Access: needs asked for and met, barriers, drop-off"),
    13: marked("The funnel of each event, from invitation to action"),
    14: marked("Every indicator with its definition, baseline, target, result, number and source"),
}
"""The fourteen questions of the evaluation."""


@dataclass(frozen=True)
class Measure:
    """``name``, ``definition`` and ``source`` are the words with which an indicator of it begins; staff may change
    them.

    Those of one ``chain`` count ever fewer of the same people: the difference of two of them counts people, too.
    ``is_ready_made`` are offered with one button. What is not ``of_people``, or of organisations, is no small number.
    """

    code: str
    name: str
    definition: str
    unit: Unit
    source: str
    question: int
    chain: str = ""
    is_ready_made: bool = True
    of_people: bool = True


BOOKINGS = "Bookings and attendance marks in this service"
APPLICATIONS = "Applications, offers and attendance marks in this service"
ITEMS = "Surveys of this service"
PAIRS = "Surveys of this service, before the course and after it, matched person by person"
PLANS = "Action plans in this service, as their owners say"
FORUM = "Forum of this service, counted at night"
TOOLKIT = "Toolkit of this service: looks and downloads counted on the server, and what people told"
RATINGS = "Self-ratings of organisations in this service"
PLEDGES = "Pledges in this service, as their owners say"

ALL: Sequence[Measure] = (
    Measure(
        "organisations-reached",
        "Member organisations with a participant",
        "Organisations with a membership of the network from which at least one person came to any event of the "
        "programme (marked “attended” or “partial”). Out of: all organisations with a membership while it ran.",
        Unit.COUNT,
        BOOKINGS,
        1,
        "organisations",
    ),
    Measure(
        "newer-organisations-reached",
        "Newer members with a participant",
        "Of the member organisations with a participant, those that joined the network within the three years before "
        "the programme began, or since. Out of: all newer members.",
        Unit.COUNT,
        BOOKINGS,
        1,
        "organisations",
    ),
    Measure(
        "people-reached",
        "People who took part",
        "People who came to any event of the programme (marked “attended” or “partial”), each counted once. Unnamed "
        "members of a party are not counted.",
        Unit.COUNT,
        BOOKINGS,
        1,
    ),
    Measure(
        "applied",
        "Applications for a course",
        "Applications that were sent to any course of the programme, those withdrawn later included.",
        Unit.COUNT,
        APPLICATIONS,
        1,
        "course",
    ),
    Measure(
        "selected",
        "Applications that were offered a place",
        "Applications to any course of the programme to which a place was offered at least once.",
        Unit.COUNT,
        APPLICATIONS,
        1,
        "course",
    ),
    Measure(
        "attended-every-half-day",
        "Participants who attended every half-day",
        "Places on courses that are over whose holder is marked “attended” or “partial” on each half-day that took "
        "place. Out of: all places on courses that are over.",
        Unit.COUNT,
        APPLICATIONS,
        1,
        "attendance",
    ),
    Measure(
        "completed",
        "Participants who completed a course",
        "People marked “attended” on as many half-days as their course asks for, once for each course. Out of: all "
        "places on courses that are over.",
        Unit.COUNT,
        APPLICATIONS,
        1,
        "attendance",
    ),
    Measure(
        "waited",
        "People who waited for a place",
        "People who have ever been on the waiting list of an event of the programme, each counted once.",
        Unit.COUNT,
        BOOKINGS,
        1,
        is_ready_made=False,
    ),
    Measure(
        "sectors-reached",
        "Sectors that took part, of seven",
        "Sectors from which at least one person came to any event: resident, council officer, councillor, VCSE, "
        "health, other public service, business.",
        Unit.COUNT,
        BOOKINGS,
        2,
        of_people=False,
    ),
    Measure(
        "residents-share",
        "Residents among those who took part",
        "Per cent of the people who came to any event whose sector on the day of booking was “resident”. Out of: "
        "all of them, those whose sector is not known included.",
        Unit.PERCENT,
        BOOKINGS,
        2,
    ),
    Measure(
        "relevant",
        "Found it relevant to their work",
        "Per cent of answers to “How relevant was it to your work?” that say “Very relevant” or “Essential”, over all "
        "events of the programme.",
        Unit.PERCENT,
        ITEMS,
        3,
    ),
    Measure(
        "satisfied",
        "Satisfied overall",
        "Per cent of answers to “Overall, how satisfied were you?” that say “Satisfied” or “Very satisfied”, over all "
        "events of the programme.",
        Unit.PERCENT,
        ITEMS,
        3,
    ),
    Measure(
        "will-use",
        "Will use something from it",
        "Per cent of answers to “I will use something from today” that say “Agree” or “Strongly agree”, over all "
        "events of the programme.",
        Unit.PERCENT,
        ITEMS,
        3,
    ),
    Measure(
        "useful-connections",
        "Made useful connections",
        "Per cent of answers to “I made useful connections” at the end of a course that say "
        "“Agree” or “Strongly agree”.",
        Unit.PERCENT,
        ITEMS,
        3,
    ),
    Measure(
        "learnt-from-others",
        "Learnt from other participants",
        "Per cent of answers to “I learnt from the others on the course” at the end of a course that say "
        "“Agree” or “Strongly agree”.",
        Unit.PERCENT,
        ITEMS,
        3,
    ),
    Measure(
        "good-use-of-time",
        "Found it a good use of their time",
        "Per cent of answers to “It was a good use of my time” at the end of a course that say "
        "“Agree” or “Strongly agree”.",
        Unit.PERCENT,
        ITEMS,
        3,
    ),
    Measure(
        "confidence-change",
        "Change in confidence by the end of the course",
        "Median of the differences, person by person, between the mean of eight questions on confidence (0 to 10) at "
        "the end of the course and before it. Only people who answered both times.",
        Unit.MEDIAN,
        PAIRS,
        4,
    ),
    Measure(
        "confidence-change-6-months",
        "Change in confidence after six months",
        "Median of the differences, person by person, between the mean of eight questions on confidence (0 to 10) six "
        "months after the course and before it. Only people who answered both times.",
        Unit.MEDIAN,
        PAIRS,
        4,
    ),
    Measure(
        "knowledge-change",
        "Change in knowledge by the end of the course",
        "Median of the differences, person by person, between the mean of four self-ratings of knowledge (1 to 5) at "
        "the end of the course and before it. Only people who answered both times.",
        Unit.MEDIAN,
        PAIRS,
        4,
    ),
    Measure(
        "plans-made",
        "Participants with an action plan",
        "Per cent of the places on courses that are over whose holder has written an action plan.",
        Unit.PERCENT,
        PLANS,
        5,
    ),
    Measure(
        "plans-reviewed",
        "Action plans reviewed at 100 days",
        "Per cent of the action plans whose day of review has come of which their owner has said since how they "
        "stand, or that had ended by then.",
        Unit.PERCENT,
        PLANS,
        5,
    ),
    Measure(
        "plans-done",
        "Action plans carried out",
        "Per cent of the action plans whose day of review has come that their owner calls done.",
        Unit.PERCENT,
        PLANS,
        5,
    ),
    Measure(
        "plans-stuck",
        "Action plans that are stuck",
        "Per cent of the action plans whose day of review has come that their owner calls stuck. Why is in the words "
        "of the owners.",
        Unit.PERCENT,
        PLANS,
        5,
        is_ready_made=False,
    ),
    Measure(
        "contacts-change",
        "Change in contacts by the end of the course",
        "Median of the differences, person by person, in “How many people in other councils could you call on for "
        "advice about this work?” between the end of the course and before it. Only people who answered both times.",
        Unit.MEDIAN,
        PAIRS,
        6,
    ),
    Measure(
        "contacts-change-6-months",
        "Change in contacts after six months",
        "Median of the differences, person by person, in “How many people in other councils could you call on for "
        "advice about this work?” between six months after the course and before it. Only people who answered both "
        "times.",
        Unit.MEDIAN,
        PAIRS,
        6,
    ),
    Measure(
        "felt-listened-to",
        "Felt listened to",
        "Per cent of answers to “I felt listened to” at the end of a course that say “Agree” or “Strongly agree”.",
        Unit.PERCENT,
        ITEMS,
        7,
    ),
    Measure(
        "felt-safe",
        "Felt safe to say what they think",
        "Per cent of answers to “I felt safe to say what I think” at the end of a course that say “Agree” or “Strongly "
        "agree”.",
        Unit.PERCENT,
        ITEMS,
        7,
    ),
    Measure(
        "community-readers",
        "People active in the forum in a month",
        "People who read a topic of the programme’s forum in the last whole month, or wrote in it.",
        Unit.COUNT,
        FORUM,
        8,
        "community",
    ),
    Measure(
        "community-writers",
        "People who wrote in the forum in a month",
        "People who wrote a post in the programme’s forum in the last whole month.",
        Unit.COUNT,
        FORUM,
        8,
        "community",
    ),
    Measure(
        "community-posts",
        "Posts in the forum in a month",
        "Posts that were written in the programme’s forum in the last whole month and still stand. Out of: the people "
        "who wrote them.",
        Unit.COUNT,
        FORUM,
        8,
        of_people=False,
    ),
    Measure(
        "first-reply",
        "Hours until the first reply",
        "Median of the hours until somebody else replied, over the topics that began in the last whole month and have "
        "a reply.",
        Unit.HOURS,
        FORUM,
        8,
    ),
    Measure(
        "unanswered",
        "Topics without a reply",
        "Per cent of the topics that began in the last whole month to which nobody else has replied.",
        Unit.PERCENT,
        FORUM,
        8,
    ),
    Measure(
        "community-ties",
        "Ties between organisations",
        "Pairs of organisations of which somebody answered somebody of the other in the programme’s forum in the last "
        "whole month.",
        Unit.COUNT,
        FORUM,
        8,
    ),
    Measure(
        "toolkit-downloads",
        "Downloads from the toolkit",
        "Files and links that were taken from the programme’s toolkit within the last twelve months, by whomever.",
        Unit.COUNT,
        TOOLKIT,
        9,
        of_people=False,
    ),
    Measure(
        "toolkit-organisations",
        "Organisations that took something from the toolkit",
        "Organisations of which somebody who was signed in took something from the programme’s toolkit, or told that "
        "they used it.",
        Unit.COUNT,
        TOOLKIT,
        9,
    ),
    Measure(
        "toolkit-organisations-again",
        "Organisations that came back to the toolkit",
        "Organisations whose people looked at, took or used something of the programme’s toolkit on two days or more.",
        Unit.COUNT,
        TOOLKIT,
        9,
    ),
    Measure(
        "toolkit-used",
        "People who used the toolkit in practice",
        "People who told that they used, adapted or got results with something of the programme’s toolkit.",
        Unit.COUNT,
        TOOLKIT,
        9,
    ),
    Measure(
        "rated-first",
        "Organisations that rated themselves",
        "Organisations with a finished first self-rating on the principles of the network.",
        Unit.COUNT,
        RATINGS,
        10,
        "ratings",
    ),
    Measure(
        "rated-again",
        "Organisations that rated themselves twice",
        "Organisations with a finished first self-rating and a finished second one.",
        Unit.COUNT,
        RATINGS,
        10,
        "ratings",
    ),
    Measure(
        "adopting",
        "Organisations that go further in co-operative ways",
        "Per cent of the organisations that rated themselves twice whose levels, added over all principles, rose.",
        Unit.PERCENT,
        RATINGS,
        10,
    ),
    Measure(
        "pledges-made",
        "Pledges made",
        "Pledges of people and organisations that were made in the programme.",
        Unit.COUNT,
        PLEDGES,
        11,
    ),
    Measure(
        "pledges-kept",
        "Pledges kept",
        "Per cent of the pledges made in the programme that their owner calls done.",
        Unit.PERCENT,
        PLEDGES,
        11,
    ),
    Measure(
        "needs-asked",
        "Bookings with an access need",
        "Bookings that stand of which somebody has told us what they need in order to take part. We forget it 30 days "
        "after the event, so these are the bookings of events to come and of the last weeks.",
        Unit.COUNT,
        BOOKINGS,
        12,
    ),
    Measure(
        "needs-met",
        "Nothing was hard to access",
        "Per cent of answers to “Was anything hard to access or take part in?” that say “No”, over all events of the "
        "programme.",
        Unit.PERCENT,
        ITEMS,
        12,
    ),
    Measure(
        "dropped-off",
        "Booked and did not come",
        "Per cent of the booked seats at events that are over on which nobody came: marked “absent” or “excused” and "
        "nothing else. Out of: seats with any mark. Walk-ins are not counted.",
        Unit.PERCENT,
        BOOKINGS,
        12,
    ),
    Measure(
        "response-rate",
        "Answers to surveys",
        "Per cent of those who were asked that answered, over all surveys of the programme that are closed.",
        Unit.PERCENT,
        ITEMS,
        13,
    ),
    Measure(
        "used-learning",
        "Used what they learnt",
        "Per cent of answers to “Have you used what you learnt?” in the months after a course that say more than “Not "
        "yet”.",
        Unit.PERCENT,
        ITEMS,
        13,
    ),
)

MEASURES: Mapping[str, Measure] = {measure.code: measure for measure in ALL}
