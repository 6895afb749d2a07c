"""What invented applicants write: pieces that are put together, so that no two applications are alike."""

import random
from collections.abc import Mapping
from typing import Any

CHALLENGES = (
    (
        "In our tower blocks children cough all winter, because the flats are damp and the heating is dear.",
        "Fewer children would miss school in winter, and a family that reports mould would hear back within a week.",
    ),
    (
        "Older people on our estate have not left their homes much since the bus route was cut.",
        "Somebody of eighty could get to the clinic, the shop and a cup of tea without asking for a favour.",
    ),
    (
        "Young men in our town do not go to the doctor before it is an emergency.",
        "A barber, a coach or a foreman would know what to say, and the first visit would come months earlier.",
    ),
    (
        "Carers in our borough are worn out, and half of them do not think of themselves as carers.",
        "Carers would get a break that they can count on, and would be asked how they are as a matter of course.",
    ),
    (
        "Healthy food costs more in the streets where people have least, and two shops closed last year.",
        "Families could cook what they like within ten minutes of home, at a price that does not shame anybody.",
    ),
    (
        "New mothers who speak little English hear of our groups when their baby is already at school.",
        "The first visit after a birth would come with somebody who speaks the language and knows the way.",
    ),
    (
        "People who sleep in temporary rooms are moved so often that no surgery keeps them on its list.",
        "Nobody would have to tell their whole story again after each move.",
    ),
    (
        "Waiting for help with low mood takes so long here that people stop asking.",
        "While they wait, people would have something to go to on their own street, run by others who have been there.",
    ),
    (
        "Shift workers in our warehouses eat, sleep and exercise at hours when everything is shut.",
        "A night worker would find a place to move, a hot meal and a nurse at the end of a shift.",
    ),
    (
        "In our villages it takes a car to see a dentist, and one household in five has none.",
        "A check-up would come to the village hall twice a year, and no child would lose teeth over a timetable.",
    ),
    (
        "Disabled residents are asked for their views at the end, when everything is decided.",
        "Plans would begin with those who use a wheelchair, a cane or a quiet room, and would be cheaper for it.",
    ),
    (
        "Smoking has all but gone in one half of our ward and has not moved in the other.",
        "People who want to stop would do it with their neighbours, and the two halves would come closer each year.",
    ),
)

WHO = (
    "I see it every week in the queue at our advice desk.",
    "My own family lives with it, and so do most of our neighbours.",
    "It is worst for those who rent and for those who have just arrived.",
    "Nobody had counted it until a residents’ group went from door to door.",
    "Our figures show it, but figures do not knock on doors.",
    "People tell us about it when we meet over food, and never in a survey.",
    "It falls on women most, and they are the last to complain.",
    "The ward next to ours hardly knows it, which makes it hard to explain.",
)

TRIED = (
    "A campaign with posters changed nothing, because nobody had asked who would read them.",
    "A pilot worked for a year and ended with its money; we kept the trust and lost the room.",
    "Three services each do a part of it, and each thinks that another has the rest.",
    "We held a consultation, and the people it was about did not come.",
    "A small group meets in a kitchen and gets further than our last strategy did.",
    "The council, the surgery and a charity have begun to talk, without a table where residents sit too.",
    "What helped was a neighbour who knew everybody; since she moved away we have nothing.",
    "We copied a scheme from elsewhere and found that it needs people whom we did not pay.",
)

FIRST_STEPS = (
    "We could begin with one block and ten households who want to try.",
    "A first step would be to agree what we stop doing.",
    "I would like to hold the first meeting in the launderette, where people wait anyway.",
    "I would bring the budget holder and a resident to the same side of the table.",
    "A year from now I want to be able to name twenty people who noticed.",
    "It would count for me if residents chaired the group by the summer.",
    "We would write down what we learn each month, and show it where people can see it.",
    "We would need the housing team with us, and they have said that they are curious.",
)

EXPERIENCE = (
    "I have sat on both sides: as a tenant with a complaint, and later on the panel that heard them.",
    "We planned a garden together, and it went well until we decided about the fence without asking.",
    "I have little experience of it. I have run many meetings, and in few of them did residents decide anything.",
    "A mothers’ group taught me to bring questions rather than leaflets.",
    "As a resident I was invited often and listened to twice. Those two times I remember well.",
    "We paid residents as researchers. The findings were better, and paying people in time was the hardest part.",
    "I have knocked on doors for eleven years, and learnt most when somebody disagreed.",
    "Our youth forum rewrote our leaflet and then our opening hours. The hours mattered more.",
    "I have helped at a food bank. People there know more about the system than those who designed it.",
    "We tried a citizens’ panel once, too late and too formal; I would like to do it properly.",
)

AFTERTHOUGHTS = (
    "What did not go well was telling people afterwards what had come of it.",
    "I found out how slow trust is, and how quickly it goes.",
    "I would do it again, with more time and better biscuits.",
    "It is the part of my work that I am least sure of.",
    "",
)

NOMINATORS = ("Our ward councillor", "The chair of our tenants’ association", "My line manager", None, None, None)

HEARD = ("webinar", "visit", "colleague", "newsletter", "alumni", "elsewhere")


def compose(chance: random.Random, number: int, *, is_resident: bool) -> Mapping[str, Any]:
    """The answers of one applicant to the questions of a new course."""
    challenge, change = CHALLENGES[number % len(CHALLENGES)]
    pieces = [chance.choice(WHO), chance.choice(TRIED)]
    return {
        "challenge": " ".join([challenge, *pieces[: chance.randint(1, 2)]]),
        "change": f"{change} {chance.choice(FIRST_STEPS)}",
        "with_residents": f"{chance.choice(EXPERIENCE)} {chance.choice(AFTERTHOUGHTS)}".strip(),
        "all_half_days": "yes" if chance.random() < 0.95 else "no",  # noqa: PLR2004  hardly anybody cannot
        "time_agreed": "not needed" if is_resident else chance.choice(["yes", "yes", "not yet"]),
        "heard": chance.choice(HEARD),
        "nominated_by": chance.choice(NOMINATORS),
        "confident_coproduction": chance.randint(1, 8),
        "confident_change": chance.randint(0, 7),
    }
