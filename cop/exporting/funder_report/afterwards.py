"""What went on after the events: the community, the toolkit, adoption and pledges; questions 8 to 11."""

from collections.abc import Sequence

from flask_babel import gettext as _

from cop.core.small_numbers import Figure
from cop.exporting.funder_report.parts import (
    NOTHING,
    Cell,
    Section,
    count,
    few,
    hidden,
    number,
    section,
    table,
    text,
)
from cop.queries.adoption import Adoption, PledgesOf
from cop.queries.forum.health import Health
from cop.queries.toolkit_use.kinds import Line, Use
from cop.web.templating import capital, month_name


def community(found: Health) -> Section:
    rows = [
        [
            month_name(month.month),
            count(month.writers),
            count(month.readers),
            *(
                _number(each)
                for each in (month.posts, month.replies, month.topics, month.replied, month.questions, month.answered)
            ),
            number(month.reply_hours) if month.reply_hours is not None else _none_of(month.replied),
            count(month.ties),
            _number(month.across),
        ]
        for month in found.months
    ]
    headings = [
        _("Month"),
        _("Wrote"),
        _("Read"),
        _("Posts"),
        _("Replies"),
        _("Topics"),
        _("with a reply"),
        _("Questions"),
        _("answered"),
        _("Hours to the first reply"),
        _("Ties across organisations"),
        _("Replies across organisations"),
    ]
    return section(
        "community",
        _("8. The community of practice"),
        _("How many take part, post, reply and get an answer, and how much goes across councils?"),
        table(
            "months",
            _("The practice forum by month"),
            headings,
            rows,
            notes=[
                _(
                    "Wrote and read are people, each counted once in a month. Hours to the first reply are the median "
                    "over the topics of the month, until somebody else wrote. A tie is a pair of organisations of "
                    "which one replied to the other. With fewer than five writers all that they did is hidden. "
                    "Source: the forum, counted each night."
                )
            ],
        )
        if rows
        else text(_("Nothing is counted yet.")),
    )


def _number(value: int | None) -> Cell:
    return few() if value is None else count(value)


def _none_of(replied: int | None) -> Cell:
    """Hours that are not told: there were none to tell, or they were those of few topics."""
    return NOTHING if replied == 0 else hidden()


def toolkit(found: Use, lines: Sequence[Line]) -> Section:
    rungs = [_("Looked at something"), _("Downloaded"), _("Used it in practice"), _("Adapted it"), _("Saw a result")]
    ladder = [
        [name, count(people), count(organisations)]
        for name, people, organisations in zip(rungs, found.ladder.people, found.ladder.organisations, strict=True)
    ]
    each = [
        [
            line.title,
            count(line.viewed),
            count(line.downloaded),
            *(count(each) for each in (line.organisations, line.used, line.useful, line.answered)),
        ]
        for line in lines
    ]
    most = max((month.viewed for month in found.months), default=0)
    months = [(month_name(month.month), count(month.viewed), count(month.downloaded)) for month in found.months]
    return section(
        "toolkit",
        _("9. The toolkit"),
        _("How often is it downloaded, by how many people and councils, and is it used in practice?"),
        table(
            "ladder",
            _("How far people got"),
            [_("Step"), _("People"), _("Organisations")],
            ladder,
            notes=[
                _(
                    "Each row counts those who got so far or farther, once. Looks of people who were signed out are "
                    "in the numbers of looks and downloads alone. Used, adapted and a result are what people told "
                    "themselves. Source: the service’s own count, without cookies, and what people told."
                )
            ],
        ),
        table(
            "months",
            _("Looks and downloads by month"),
            [_("Month"), _("Looks"), _("Downloads")],
            months,
            bars=[(name, viewed, most) for name, viewed, _downloaded in months],
        ),
        table(
            "resources",
            _("The resources that were looked at most"),
            [
                _("Resource"),
                _("Looks"),
                _("Downloads"),
                _("Organisations"),
                _("People who used it"),
                _("Said it was useful"),
                _("of those who answered"),
            ],
            each,
        )
        if each
        else None,
    )


def adoption(found: Adoption) -> Section:
    levels = [
        [level.principle.name, _level(level.first, found.rated_first), _level(level.second, found.rated_second)]
        for level in found.levels
    ]
    return section(
        "adoption",
        _("10. Adoption of co-operative approaches"),
        _("How does each council rate its own co-operative approaches, at first and later, with an example?"),
        table(
            "ratings",
            _("Organisations that rated themselves"),
            [_("What they did"), _("Organisations")],
            [
                [_("Rated themselves at first"), count(found.rated_first)],
                [_("Rated themselves again"), count(found.rated_second)],
                [_("of these, rose"), count(found.rose)],
                [_("of these, stayed the same"), count(found.same)],
                [_("of these, fell"), count(found.fell)],
                [_("Stories told to the network"), count(found.stories_network)],
                [_("Stories told to everybody"), count(found.stories_public)],
            ],
            notes=[
                _(
                    "The lead of an organisation rates it from 1 to 5 on ten principles, and gives an example from "
                    "level 2 on. Rose, same and fell are by the sum of the levels. The examples are on the pages of "
                    "the organisations. Source: self-ratings; nobody has checked them."
                )
            ],
        ),
        table("levels", _("Mean level of each principle, 1 to 5"), [_("Principle"), _("At first"), _("Later")], levels),
    )


def _level(level: float | None, rated: Figure) -> Cell:
    if level is not None:
        return number(level)
    return NOTHING if rated.value == 0 else few()


def pledges(found: Adoption) -> Section:
    rows = [_of(_("People"), found.by_people), _of(_("Organisations"), found.by_organisations)]
    return section(
        "pledges",
        _("11. Pledges"),
        _("What was pledged, and was it kept?"),
        table(
            "pledges",
            _("Pledges made and kept"),
            [_("By"), _("Made"), _("Kept"), _("Given up"), _("Open")],
            rows,
            notes=[_("As those who made them said last. Source: pledges of the programme.")],
        ),
    )


def _of(name: str, found: PledgesOf) -> Sequence[Cell]:
    return [capital(name), *map(count, (found.made, found.kept, found.given_up, found.open))]
