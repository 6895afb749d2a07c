"""The equality questions: what is asked, in which wording, and into which coarse groups people are counted.

The wording follows the GOV.UK pattern for equality information, with an age band in the place of a date of birth, and
the question of the Social Mobility Commission. A change of wording or options is a new entry of :data:`SETS`: answers
say to which one they were given. No question has to be answered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cop.core.errors import marked
from cop.core.questions import Answers, Item, read_items

NOT_SAID = marked("Not said")
"""The group of those who left a question out, or would rather not say."""

PREFER_NOT = ("prefer_not", marked("Prefer not to say"))

Counted = Callable[[Answers], str | None]
"""In which of its finest groups a question counts somebody; None where they did not say."""


@dataclass(frozen=True)
class Topic:
    """One thing that is counted. ``ladder`` holds the groups from fine to coarse: each step joins groups of the one
    before, ``{group: its words}`` with the finer groups of each under ``joins``.
    """

    code: str
    title: str
    count: Counted
    ladder: tuple["Rung", ...]


@dataclass(frozen=True)
class Rung:
    """``joins`` tells to which group of this step each of the finest groups belongs."""

    words: Mapping[str, str]
    joins: Mapping[str, str]

    def gather(self, finest: Mapping[str, int]) -> dict[str, int]:
        """The counts of the finest groups as those of this step; whoever did not say is in none."""
        found = dict.fromkeys(self.words, 0)
        for group, people in finest.items():
            if group in self.joins:
                found[self.joins[group]] += people
        return found


@dataclass(frozen=True)
class OptionSet:
    items: tuple[Item, ...]
    topics: tuple[Topic, ...]

    def asked_of(self, *, gender_identity: bool) -> tuple[Item, ...]:
        """The questions of a course that asks about gender identity, or does not."""
        return tuple(item for item in self.items if gender_identity or item.code not in SWITCHED)


SWITCHED = frozenset({"gender", "gender_words"})
"""Asked only where a course was set so."""


def _choice(code: str, text: str, *options: tuple[str, str], hint: str = "", only_if: Any = None) -> dict[str, Any]:
    """A question with “Prefer not to say” as its last option. ``required`` keeps “(optional)” off its words, which
    would stand at every one of them; nobody is held to an answer.
    """
    raw = {"code": code, "kind": "choice", "text": text, "hint": hint, "options": [*options, PREFER_NOT]}
    return {**raw, "required": True, "only_if": {"code": only_if[0], "values": only_if[1]} if only_if else None}


def _words(code: str, text: str, only_if: tuple[str, Sequence[str]]) -> dict[str, Any]:
    """Words of one's own; they are never counted."""
    return {"code": code, "kind": "line", "text": text, "only_if": {"code": only_if[0], "values": only_if[1]}}


def _background(group: str, called: str, *options: tuple[str, str]) -> list[dict[str, Any]]:
    text = f"Which of the following best describes your {called} background?"
    any_other = options[-1][0]
    return [
        _choice(f"background_{group}", text, *options, only_if=("ethnic_group", [group])),
        _words(
            f"background_{group}_words", "How would you describe your background?", (f"background_{group}", [any_other])
        ),
    ]


_ITEMS_2026 = [
    _choice("sex", marked("What is your sex?"), ("female", marked("Female")), ("male", marked("Male"))),
    _choice(
        "gender",
        marked("Is the gender you identify with the same as your sex registered at birth?"),
        ("same", marked("Yes")),
        ("different", marked("No")),
    ),
    _words("gender_words", marked("What is your gender identity?"), ("gender", ["different"])),
    _choice(
        "age",
        marked("How old are you?"),
        *(
            ("16-24", marked("16 to 24")),
            ("25-34", marked("25 to 34")),
            ("35-44", marked("35 to 44")),
            ("45-54", marked("45 to 54")),
            ("55-64", marked("55 to 64")),
            ("65-74", marked("65 to 74")),
            ("75", marked("75 or over")),
        ),
    ),
    _choice(
        "conditions",
        marked(
            "Do you have any physical or mental health conditions or illness lasting or expected to last 12 months or "
            "more?"
        ),
        ("yes", marked("Yes")),
        ("no", marked("No")),
    ),
    _choice(
        "reduce",
        marked("Do any of your conditions or illnesses reduce your ability to carry out day to day activities?"),
        ("a_lot", marked("Yes, a lot")),
        ("a_little", marked("Yes, a little")),
        ("not_at_all", marked("Not at all")),
        hint=marked("For example, eating, washing, walking or going shopping."),
        only_if=("conditions", ["yes"]),
    ),
    _choice(
        "ethnic_group",
        marked("What is your ethnic group?"),
        ("white", marked("White")),
        ("mixed", marked("Mixed or multiple ethnic groups")),
        ("asian", marked("Asian or Asian British")),
        ("black", marked("Black, African, Caribbean or Black British")),
        ("other", marked("Other ethnic group")),
    ),
    *_background(
        "white",
        "White",
        ("british", marked("English, Welsh, Scottish, Northern Irish or British")),
        ("irish", marked("Irish")),
        ("traveller", marked("Gypsy or Irish Traveller")),
        ("roma", marked("Roma")),
        ("other_white", marked("Any other White background")),
    ),
    *_background(
        "mixed",
        "Mixed or multiple ethnic groups",
        ("white_caribbean", marked("White and Black Caribbean")),
        ("white_african", marked("White and Black African")),
        ("white_asian", marked("White and Asian")),
        ("other_mixed", marked("Any other Mixed or multiple ethnic background")),
    ),
    *_background(
        "asian",
        "Asian or Asian British",
        ("indian", marked("Indian")),
        ("pakistani", marked("Pakistani")),
        ("bangladeshi", marked("Bangladeshi")),
        ("chinese", marked("Chinese")),
        ("other_asian", marked("Any other Asian background")),
    ),
    *_background(
        "black",
        "Black, African, Caribbean or Black British",
        ("african", marked("African")),
        ("caribbean", marked("Caribbean")),
        ("other_black", marked("Any other Black, African or Caribbean background")),
    ),
    *_background("other", "other ethnic", ("arab", marked("Arab")), ("any_other", marked("Any other ethnic group"))),
    _choice(
        "orientation",
        marked("Which of the following options best describes how you think of yourself?"),
        ("heterosexual", marked("Heterosexual or straight")),
        ("gay", marked("Gay or lesbian")),
        ("bisexual", marked("Bisexual")),
        ("other", marked("Other")),
    ),
    _words("orientation_words", marked("How would you describe your sexual orientation?"), ("orientation", ["other"])),
    _choice(
        "religion",
        marked("What is your religion?"),
        ("none", marked("No religion")),
        ("christian", marked("Christian, including all denominations")),
        ("buddhist", marked("Buddhist")),
        ("hindu", marked("Hindu")),
        ("jewish", marked("Jewish")),
        ("muslim", marked("Muslim")),
        ("sikh", marked("Sikh")),
        ("other", marked("Any other religion")),
    ),
    _words("religion_words", marked("How would you describe your religion?"), ("religion", ["other"])),
    {
        **_choice(
            "earner",
            marked("What was the occupation of your main household earner when you were about aged 14?"),
            ("professional", marked("Modern and traditional professional")),
            ("managers", marked("Senior, middle or junior managers or administrators")),
            ("clerical", marked("Clerical and intermediate")),
            ("technical", marked("Technical and craft")),
            ("routine", marked("Routine, semi-routine manual and service")),
            ("unemployed", marked("Long-term unemployed")),
            ("business", marked("Small business owners")),
            ("other", marked("Other, not applicable or I don’t know")),
        ),
    },
]


def plain(code: str) -> Counted:
    """Whoever gave an answer is in the group of that name."""
    return lambda answers: answers.get(code)


def _disabled(answers: Answers) -> str | None:
    """The Equality Act asks for a condition that lasts and that reduces what somebody can do."""
    match answers.get("conditions"), answers.get("reduce"):
        case ("yes", "a_lot" | "a_little"):
            return "disabled"
        case ("no", _) | ("yes", "not_at_all"):
            return "not_disabled"
        case _:
            return None


def rung(*groups: tuple[str, str, str]) -> Rung:
    """A step of a ladder: (group, its words, the finest groups in it, separated by spaces)."""
    joins = {finest: group for group, _words, members in groups for finest in members.split()}
    return Rung({group: words for group, words, _members in groups}, joins)


_TOPICS_2026 = (
    Topic(
        "sex",
        marked("Sex"),
        plain("sex"),
        (rung(("female", marked("Female"), "female"), ("male", marked("Male"), "male")),),
    ),
    Topic(
        "gender",
        marked("Gender identity"),
        plain("gender"),
        (
            rung(
                ("same", marked("The same as at birth"), "same"),
                ("different", marked("Different from birth"), "different"),
            ),
        ),
    ),
    Topic(
        "age",
        marked("Age"),
        plain("age"),
        (
            rung(
                ("under_35", marked("Under 35"), "16-24 25-34"),
                ("35_44", marked("35 to 44"), "35-44"),
                ("45_54", marked("45 to 54"), "45-54"),
                ("55_over", marked("55 or over"), "55-64 65-74 75"),
            ),
            rung(
                ("under_45", marked("Under 45"), "16-24 25-34 35-44"),
                ("45_over", marked("45 or over"), "45-54 55-64 65-74 75"),
            ),
        ),
    ),
    Topic(
        "disability",
        marked("Disability"),
        _disabled,
        (rung(("disabled", marked("Disabled"), "disabled"), ("not_disabled", marked("Not disabled"), "not_disabled")),),
    ),
    Topic(
        "ethnic_group",
        marked("Ethnic group"),
        plain("ethnic_group"),
        (
            rung(
                ("white", marked("White"), "white"),
                ("mixed", marked("Mixed or multiple ethnic groups"), "mixed"),
                ("asian", marked("Asian or Asian British"), "asian"),
                ("black", marked("Black, African, Caribbean or Black British"), "black"),
                ("other", marked("Other ethnic group"), "other"),
            ),
            rung(
                ("white", marked("White"), "white"),
                ("minorities", marked("All other ethnic groups together"), "mixed asian black other"),
            ),
        ),
    ),
    Topic(
        "orientation",
        marked("Sexual orientation"),
        plain("orientation"),
        (
            rung(
                ("heterosexual", marked("Heterosexual or straight"), "heterosexual"),
                ("lgb", marked("Gay or lesbian, bisexual or other"), "gay bisexual other"),
            ),
        ),
    ),
    Topic(
        "religion",
        marked("Religion"),
        plain("religion"),
        (
            rung(
                ("none", marked("No religion"), "none"),
                ("christian", marked("Christian"), "christian"),
                ("others", marked("All other religions together"), "buddhist hindu jewish muslim sikh other"),
            ),
            rung(
                ("none", marked("No religion"), "none"),
                ("any", marked("Any religion"), "christian buddhist hindu jewish muslim sikh other"),
            ),
        ),
    ),
    Topic(
        "earner",
        marked("Work of the main earner at home at 14"),
        plain("earner"),
        (
            rung(
                ("professional", marked("Professional"), "professional managers"),
                ("intermediate", marked("Intermediate"), "clerical business"),
                ("working", marked("Working class"), "technical routine unemployed"),
            ),
            rung(
                ("professional", marked("Professional"), "professional managers"),
                (
                    "others",
                    marked("Intermediate and working class together"),
                    "clerical business technical routine unemployed",
                ),
            ),
        ),
    ),
)

SETS: Mapping[str, OptionSet] = {"2026-11": OptionSet(read_items(_ITEMS_2026), _TOPICS_2026)}
"""All that was ever asked, by version; a version that somebody has answered is never changed."""

CURRENT = "2026-11"


def words_of(group: str, topic: Topic) -> str:
    """What a group is called, whichever step of the ladder it is from."""
    return next((step.words[group] for step in topic.ladder if group in step.words), group)
