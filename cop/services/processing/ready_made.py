"""Entries for what this service does. The data protection officer of the network has to confirm bases and times."""

from collections.abc import Mapping

from cop.services.processing.telling import Told

_TASK = "Public task, or the legitimate interests of the network (UK GDPR, Article 6(1)(e) or (f))"
_CONSENT = "Consent (UK GDPR, Article 6(1)(a))"
_STAFF = "Staff of the programme, within what each was granted"
_HOSTING = "The company that runs the servers, in the UK"
_MAIL = "The company that delivers the mail"
_NOWHERE = "None"
_DOORS = "Access by role and programme, a second factor for staff, an audit of changes and of sensitive reads"

READY_MADE: Mapping[str, Told] = {
    "accounts": Told(
        "Accounts and signing in",
        "To let people in without a password, and staff with a second factor",
        _TASK,
        "Everybody with an account",
        "Name, e-mail address, organisation, role, browsers and times of signing in, passkeys and codes of staff",
        f"{_HOSTING}; {_MAIL}",
        _NOWHERE,
        "As long as the account; requests to sign in a day, browsers a year after they were last seen",
        f"{_DOORS}. Secrets are encrypted or kept as digests.",
    ),
    "bookings": Told(
        "Bookings and attendance",
        "To run visits, webinars, summits and meet-ups, and to show whom the programme reached",
        _TASK,
        "People who book, come, or are invited",
        "Name, e-mail address, organisation, sector, membership on the day; what was booked; who came and for how long",
        f"{_STAFF}; hosts of the event; {_HOSTING}; {_MAIL}",
        _NOWHERE,
        "As long as the programme and its evaluation need them",
        f"{_DOORS}. Evaluators see keys instead of names.",
    ),
    "needs": Told(
        "Access needs, diets and emergency contacts",
        "So that everybody can take part, and eats safely",
        "Consent, and explicit consent for data about health or belief (UK GDPR, Articles 6(1)(a) and 9(2)(a))",
        "People who tell us of a need",
        "What somebody needs; diets; whom to call. They can tell of health or religion",
        "Staff and hosts who run the event; caterers are given numbers and not names",
        _NOWHERE,
        "30 days after the event; a need in a profile until the person takes it out",
        "Encrypted under keys that are rotated; each look at a list is noted",
    ),
    "applications": Told(
        "Applications to courses",
        "To choose who takes part, fairly and in a way that can be shown",
        _TASK,
        "Applicants, and people whom they name to support them",
        "Answers, sector, region, membership, scores and comments of reviewers, decisions, words of supporters",
        "The panel of the course; reviewers read copies without names",
        _NOWHERE,
        "Drafts 90 days after the close; without a place a year after the decisions, and then without the person",
        f"{_DOORS}. Conflicts of interest keep an application from a reviewer. The draw is recorded in a chain.",
    ),
    "equality": Told(
        "Equality monitoring",
        "To see whether people of all groups have the same chances",
        "Public task; substantial public interest, equality of opportunity (UK GDPR, Article 9(2)(g); Data Protection "
        "Act 2018, Schedule 1, paragraph 8)",
        "Applicants who choose to answer",
        "Age band, disability, ethnic group, sex, sexual orientation, religion, background: each can be left out",
        "Nobody reads single answers; counts are published above a least number",
        _NOWHERE,
        "30 days after the course, and a year after the close at the longest; the counts stay",
        "Kept apart from the application under a random key, encrypted, deleted once they are counted",
    ),
    "surveys": Told(
        "Surveys and action plans",
        "To learn whether the programme works, and to make it better",
        "Legitimate interests; research and statistics (UK GDPR, Articles 6(1)(f) and 89)",
        "People who took part",
        "Answers; what somebody plans to do and did; stories, with the consent to quote them",
        "Evaluators, under keys instead of names; funders in reports without names",
        _NOWHERE,
        "As long as the evaluation; answers to anonymous surveys lose their person when the survey closes",
        "Numbers below five are left out, also where they could be worked out",
    ),
    "forum": Told(
        "Forum, directory and letters between members",
        "So that people learn from one another",
        _TASK,
        "Members of the community",
        "Posts, what somebody offers and looks for, letters",
        "Other members, within each space; facilitators for what was reported",
        _NOWHERE,
        "As long as the person is a member, then under “former member”; letters 90 days",
        "Whoever is in the directory chose it; neither side of a letter sees the address of the other",
    ),
    "toolkit": Told(
        "Toolkit and its use",
        "To offer resources, and to see which of them help",
        "Legitimate interests (UK GDPR, Article 6(1)(f))",
        "People who read or download",
        "What was looked at and taken; the organisation of whoever is signed in. No cookies are used for this",
        f"{_STAFF}; counts for everybody",
        _NOWHERE,
        "The person is taken out after two years; counts stay",
        "Counted on the server, and not across visits of somebody who is signed out",
    ),
    "news": Told(
        "News by e-mail",
        "To tell of events and of the next round",
        f"{_CONSENT}; Privacy and Electronic Communications Regulations",
        "People who agreed",
        "E-mail address, what was agreed to and in which words, when it ended",
        _MAIL,
        _NOWHERE,
        "Until it is withdrawn; the record of the consent as long as the account; the log of messages a year",
        "Each message has a link that ends it; opening a message is not tracked",
    ),
    "speakers": Told(
        "Speakers and hosts",
        "To announce events and to prepare them",
        "Consent for the photograph and the recording; otherwise legitimate interests",
        "Speakers and hosts",
        "Name, role, organisation, a few words about them, photograph, e-mail address",
        "Everybody who reads the page of the event",
        "Public pages can be read anywhere",
        "As long as the page of the event",
        "They write their own entry, and say whether they may be recorded",
    ),
    "rights": Told(
        "Requests, complaints and breaches",
        "To do what data protection law asks for",
        "Legal obligation (UK GDPR, Article 6(1)(c))",
        "People who ask or complain; people whom a breach concerns",
        "What was asked, how it was answered, and when; what was lost and what was done",
        "Admins of the service; the Information Commissioner’s Office where it asks",
        _NOWHERE,
        "Requests three years and breaches six years after they were closed",
        "Encrypted; each look at a request is noted",
    ),
    "security": Told(
        "Security of the service",
        "To find faults and misuse, and to show who changed what",
        "Legal obligation and legitimate interests (UK GDPR, Articles 6(1)(c), 6(1)(f) and 32)",
        "Everybody who uses the service",
        "Times, pages and the number of whoever is signed in; changes with their values; sensitive reads",
        f"Admins of the service; {_HOSTING}",
        _NOWHERE,
        "The audit and the log of sensitive reads six years; backups 35 days",
        "Values lie under a key for each person: when it is destroyed, nobody can read them any more",
    ),
}
"""By a code that stays, so that an entry which was renamed is not added twice."""
