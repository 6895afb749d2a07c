"""Why we hold what, on which lawful basis, and for how long: for each area of the privacy centre, in plain words.

The periods are proposals of the service; staff may shorten or lengthen them, and say so in the notices.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cop.core.errors import marked
from cop.queries.privacy.held import Area

TASK = marked("our task in the public interest")
LEGITIMATE = marked("our legitimate interest in running and improving the programme")
CONSENT = marked("your consent, which you can withdraw at any time")
EXPLICIT = marked("your explicit consent, because it can tell of your health")
LAW = marked("our legal obligation to show what we did with personal data")


@dataclass(frozen=True)
class About:
    title: str
    purpose: str
    basis: str
    kept: str


ABOUT: Mapping[Area, About] = {
    Area.PROFILE: About(
        marked("Your profile"),
        marked("To know who you are and where you belong, and how to reach you."),
        TASK,
        marked("As long as you take part. Requests and files that you asked for go within days or weeks."),
    ),
    Area.SIGN_IN: About(
        marked("Signing in"),
        marked("To let you in, and to keep others out."),
        TASK,
        marked("Requests to sign in for a day; devices and keys until you remove them."),
    ),
    Area.BOOKINGS: About(
        marked("Bookings and attendance"),
        marked("To run what you book, and to show funders and members whom the programme reached."),
        TASK,
        marked("Until six years after the programme has ended, or as its funder asks."),
    ),
    Area.NEEDS: About(
        marked("Access, diet and emergency contact"),
        marked("So that hosts can meet your needs. We store it encrypted, and note each time that staff read it."),
        EXPLICIT,
        marked("For 30 days after the event; in your profile until you remove it."),
    ),
    Area.APPLICATIONS: About(
        marked("Applications"),
        marked("To choose fairly who gets a place on a course, and to be able to explain the choice."),
        TASK,
        marked("Drafts for 90 days after the call. Without a place, for 12 months after the decisions."),
    ),
    Area.ANSWERS: About(
        marked("Answers to surveys"),
        marked("To learn what the programme changes. Statistics and research, with safeguards."),
        LEGITIMATE,
        marked("Until six years after the programme has ended. Your name is taken off where the survey says so."),
    ),
    Area.PLANS: About(
        marked("Plans, actions and stories"),
        marked("So that you can follow up what you took on, and others can learn from it where you agree."),
        LEGITIMATE,
        marked("Until six years after the programme has ended, or until you remove them."),
    ),
    Area.FORUM: About(
        marked("Forum"),
        marked("So that members can learn from one another."),
        LEGITIMATE,
        marked("While you are a member. After that your posts stay under “Former member”, or go: you choose."),
    ),
    Area.MEMBERS: About(
        marked("Directory of members"),
        marked("So that members find one another."),
        CONSENT,
        marked("Until you leave the directory; letters between members for a year at most."),
    ),
    Area.TOOLKIT: About(
        marked("Use of the toolkit and of the service"),
        marked("To see what is useful. We count on our own server; no other company learns of it."),
        LEGITIMATE,
        marked("Until six years after the programme has ended."),
    ),
    Area.MAILS: About(
        marked("Messages"),
        marked("To show which messages we sent you and when, and to send only those that you want."),
        TASK,
        marked("Twelve months. What you want to get, until you change it."),
    ),
    Area.CONSENTS: About(
        marked("Consents"),
        marked("To show what you agreed to, in which words, and when you withdrew it."),
        LAW,
        marked("As long as you take part."),
    ),
    Area.EQUALITY: About(
        marked("Equality questions"),
        marked("To see whether the programme reaches everybody. The answers lie apart, under a key of chance."),
        marked("the equality monitoring that data protection law allows (Data Protection Act 2018, schedule 1)"),
        marked(
            "We count them when a round closes. From then on nobody can find which answers were yours, not even we."
        ),
    ),
    Area.HISTORY: About(
        marked("History of changes"),
        marked("To know who changed what, so that mistakes and misuse can be found."),
        LAW,
        marked("Six years. What it says of you is encrypted under a key of your own."),
    ),
    Area.REQUESTS: About(
        marked("Requests and complaints"),
        marked("To answer what you ask of us by law, in time, and to be able to show it."),
        LAW,
        marked("Six years after the answer."),
    ),
    Area.STAFF: About(
        marked("Roles"),
        marked("To know who may do what, and who could do what at what time."),
        LAW,
        marked("Six years after the programme has ended."),
    ),
}

OUT_OF_REACH = (
    marked("Copies, exports and reports that were handed out before: ask whoever has them."),
    marked("Backups. They are kept for 35 days at most, and nothing is restored from them but after a loss."),
    marked("What others wrote about you in their own words, such as a post that names you."),
    marked("Notes, descriptions and reports of events in which staff wrote your name."),
    marked("Reports that were handed to funders. They hold figures, and words only where you agreed to be quoted."),
    marked("Answers from which your name was taken before: nobody can tell which they are."),
    marked("Letters that have reached a mailbox, also your own."),
)
"""What an erasure does not change."""
