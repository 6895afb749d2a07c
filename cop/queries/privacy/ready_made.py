"""The privacy notices with which the service comes: a summary for beside the form, and the full text behind it.

The wording and the periods are proposals. A data protection officer reads them, and admins publish their own version.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cop.core.errors import marked

TASK = "our task in the public interest (UK GDPR article 6(1)(e))"
LEGITIMATE = "our legitimate interest in running and improving the programme (article 6(1)(f))"
CONSENT = "your consent (article 6(1)(a)), which you can withdraw at any time"


@dataclass(frozen=True)
class ReadyMade:
    """``title`` is marked for translation; ``body`` is Markdown."""

    title: str
    summary: str
    body: str


def _body(what: str, why: str, basis: str, who: str, kept: str, also: str = "") -> str:
    """The same five headings in every notice, so that readers find their way."""
    parts = [
        f"# What we ask for\n\n{what}",
        f"# What we use it for\n\n{why}",
        f"# Our lawful basis\n\nThe basis is {basis}.",
        f"# Who sees it\n\n{who}",
        f"# How long we keep it\n\n{kept}",
    ]
    return "\n\n".join([*parts, also]) if also else "\n\n".join(parts)


READY_MADE: Mapping[str, ReadyMade] = {
    "profile": ReadyMade(
        marked("Your profile"),
        "We use this to run what you take part in and to reach you. You can change it at any time.",
        _body(
            "Your name, your e-mail address, your organisation, sector and role. Your phone number if you give it.",
            "To know who takes part, to tell hosts who is coming, and to write to you about what you booked.",
            TASK,
            "Staff of the programme, and the hosts of what you book. Evaluators see a key in place of your name.",
            "As long as you take part. When you are erased, your name becomes “Former member”.",
        ),
    ),
    "needs": ReadyMade(
        marked("Access, diet and emergency contact"),
        "Tell us only what helps us to meet your needs. It is encrypted, and each time that staff read it is noted.",
        _body(
            "What you need to take part, what you eat, and whom we should call in an emergency. All of it is optional.",
            "To make the event accessible and safe for you.",
            "your explicit consent (articles 6(1)(a) and 9(2)(a)), because it can tell of your health",
            "Only the staff who run what you booked. Each time that they open the list is noted.",
            "For 30 days after the event. What stands in your profile stays until you remove it.",
        ),
    ),
    "booking": ReadyMade(
        marked("Bookings and visits"),
        "We use this to run the event, and to count whom the programme reaches. Hosts see who is coming.",
        _body(
            "Who comes, with how many guests, and on which day.",
            "To run the event, to offer free places to others, and to show funders and members whom we reach.",
            TASK,
            "Staff of the programme and the hosts of this event. Other guests see no list.",
            "Attendance until six years after the programme has ended, or as its funder asks.",
        ),
    ),
    "webinar": ReadyMade(
        marked("Webinar registrations"),
        "We use this to send you the way in and to count who came. We delete what you type unless you confirm it.",
        _body(
            "Your name, e-mail address and organisation, and a question for the speaker if you have one.",
            "To send you the way in and what comes of the webinar, and to count who came.",
            TASK,
            "Staff of the programme. The speaker gets questions without names. Recordings show what you say and type.",
            "What is not confirmed goes after two days. Registrations are kept for 24 months.",
        ),
    ),
    "summit": ReadyMade(
        marked("Invitations to a summit"),
        "We use your answer to plan places, tables and breakouts. Staff see it; others at your table see your name.",
        _body(
            "Whether you come, which breakouts you choose, and whom you send in your place.",
            "To plan places, rooms and tables, and to invite others where you cannot come.",
            TASK,
            "Staff of the programme. People at your table see your name and your organisation.",
            "Until six years after the programme has ended. Names of proposed substitutes go after 30 days.",
        ),
    ),
    "application": ReadyMade(
        marked("Applications"),
        "We use your answers to choose who gets a place, by criteria that are published. No computer decides alone.",
        _body(
            "Your answers, your organisation and sector, and whom you name to support you.",
            "To choose fairly, to explain the choice to you, and to check afterwards that it was fair. Where there "
            "are more good applications than places, a lot decides among them. People set its rules and check it.",
            TASK,
            "The panel of this course; nobody on it who knows you well or works with you. Evaluators see no names.",
            "Drafts for 90 days after the call. Without a place, 12 months after the decisions; after that nobody can "
            "tell whose they were. The record of the selection stays, by numbers.",
        ),
    ),
    "equality": ReadyMade(
        marked("Equality questions"),
        "Your answers are kept apart from your name, change nothing for you, and are only published as numbers.",
        _body(
            "Questions about age, disability, ethnic group, sex, orientation, religion and background. You can leave "
            "out any of them.",
            "To see whether people of all groups have a fair chance.",
            "our task in the public interest, and equality monitoring (Data Protection Act 2018, schedule 1, paragraph "
            "8). We keep an appropriate policy document for it",
            "Nobody sees single answers. Numbers below five are not shown, nor those from which they could be worked "
            "out.",
            "The answers go 30 days after the course, and the way to you before, when the round is counted. Nobody can "
            "find or remove them after that, not even we.",
        ),
    ),
    "endorsement": ReadyMade(
        marked("Supporting somebody’s application"),
        "We keep your name, address and answer with the application, and remove them with it.",
        _body(
            "Your name and address, which the applicant gave us, and what you answer.",
            "To know whether the applicant has the support that the course asks for.",
            TASK,
            "The panel of the course. The applicant sees whether you answered, and may ask us for what you wrote.",
            "As long as the application.",
        ),
    ),
    "survey": ReadyMade(
        marked("Surveys"),
        "We use your answers to learn what the programme changes. Fewer than five answers are never shown.",
        _body(
            "How confident you are, what you did and what came of it, in numbers and in your own words.",
            "Statistics and research about the programme, with the safeguards of article 89. Words of yours are quoted "
            "only as you agreed.",
            LEGITIMATE,
            "Facilitators and evaluators see results without names. Each survey says on its first page whether your "
            "name is kept, replaced by a key, or not kept at all.",
            "Until six years after the programme has ended.",
        ),
    ),
    "forum": ReadyMade(
        marked("Forum"),
        "Members of this space see what you write, with your name. Write nothing that tells who a patient or "
        "resident is.",
        _body(
            "What you write, the files that you add, and what you follow.",
            "So that members learn from one another.",
            LEGITIMATE,
            "The people who may enter the space, and facilitators. Words can be copied by whoever reads them.",
            "While you are a member. If you are erased, you choose: the posts stay under “Former member”, or go.",
        ),
    ),
    "members": ReadyMade(
        marked("Directory of members"),
        "Members see what you put here. You can leave the directory at any time, and nothing of it is kept.",
        _body(
            "What you write about yourself, what you offer and look for, and whether members may write to you.",
            "So that members find one another.",
            CONSENT,
            "Members of the network: people of member organisations, people who completed a course, facilitators.",
            "Until you leave the directory.",
        ),
    ),
    "story": ReadyMade(
        marked("Stories of change"),
        "You choose who reads your story, and whether your name stands beside it. You can take it back.",
        _body(
            "Five steps from what you took part in to what changed.",
            "To learn and to show what the programme changes.",
            CONSENT,
            "Whom you choose: nobody, the network, or everybody.",
            "Until you remove it.",
        ),
    ),
    "toolkit": ReadyMade(
        marked("Use of the toolkit"),
        "We note what you took and what you tell us came of it. Others see your organisation, not your name.",
        _body(
            "Which resources you opened and downloaded, and what you tell us about using them.",
            "To see what is useful, and to ask you later what came of it, if you let us.",
            LEGITIMATE,
            "Staff and evaluators, as counts. Words of yours stand without your name.",
            "Until six years after the programme has ended.",
        ),
    ),
    "newsletter": ReadyMade(
        marked("News and the next round"),
        "We write only about what you ask for here. A link in each message ends it.",
        _body(
            "Your e-mail address.",
            "To tell you of the next round, and of news if you agreed to it. We do not measure whether you open mail.",
            CONSENT,
            "Staff of the programme.",
            "Until you leave the list. An address that is not confirmed goes after a day.",
        ),
    ),
    "speaker": ReadyMade(
        marked("Speakers"),
        "What you enter stands on the public page of the event. We keep your address only to ask you about it.",
        _body(
            "Your name, role, organisation, photograph, a few words about you, and your e-mail address.",
            "To announce the event and to prepare it with you.",
            LEGITIMATE,
            "Everybody sees what stands on the page of the event; your address only staff.",
            "As long as the page of the event stands. You can ask us to take your name off it.",
        ),
    ),
    "sign-in": ReadyMade(
        marked("Signing in"),
        "We use your address to send you a link, and nothing else.",
        _body(
            "Your e-mail address, a scrambled form of your network address, and the kind of your browser.",
            "To let you in, and to slow down abuse.",
            TASK,
            "Nobody, unless something goes wrong.",
            "Requests to sign in for a day; your signed-in browsers until you sign out.",
        ),
    ),
    "complaint": ReadyMade(
        marked("Requests and complaints"),
        "We use this to answer you, and to show that we did so in time.",
        _body(
            "Your name and address, and what you write.",
            "To answer within the time that the law gives us. We acknowledge a complaint within 30 days.",
            "our legal obligation (article 6(1)(c))",
            "The staff who answer it.",
            "Six years after the answer.",
        ),
    ),
}

RIGHTS = (
    "# Your rights\n\n"
    "You can see, correct and take away what we hold about you, and have it erased, in your privacy centre. You can "
    "object, and ask us to use less of it. We answer within a month. You can complain to us, and to the Information "
    "Commissioner’s Office.\n\n"
    "# Who is responsible\n\n"
    "The Co-operative Councils’ Innovation Network runs this service. We sell nothing to anybody, and we put no "
    "trackers into pages or mail. Our servers and our mail provider stand in the United Kingdom or the European "
    "Economic Area."
)
"""What stands at the end of every notice."""
