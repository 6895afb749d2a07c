"""What changed in the people who took part, and who answered: questions 4 and 6 of the evaluation."""

from collections.abc import Sequence

from flask import get_template_attribute
from flask_babel import gettext as _
from markupsafe import Markup

from cop.algorithms.paired import LEAST_PAIRS
from cop.algorithms.silence import Asked, Profile
from cop.exporting.funder_report.parts import (
    NOTHING,
    Cell,
    Part,
    Section,
    count,
    few,
    number,
    percent,
    section,
    table,
    text,
)
from cop.models.surveys import Wave
from cop.queries.indicators import Answering, PairedChange
from cop.web.templating import capital


def learnt(found: Sequence[PairedChange], judged: Part | None) -> Section:
    return section(
        "learning",
        _("4. Learning"),
        _("How did confidence and knowledge change, compared person by person?"),
        _changes(_("Confidence and knowledge, before and after"), found),
        judged,
    )


def contacts(found: Sequence[PairedChange], judged: Part | None) -> Section:
    return section(
        "relationships",
        _("6. Relationships"),
        _("How many contacts in other councils do people have before, after, and at 3, 6 and 12 months?"),
        _changes(_("Contacts in other councils, before and after"), found),
        judged,
    )


def _changes(title: str, found: Sequence[PairedChange]) -> Part:
    """The change in each of these from before the course to a wave after it, person by person."""
    if not found:
        return text(_("Nobody has answered both before a course and after it yet."))
    return table(
        "changes",
        title,
        [
            _("What"),
            _("When"),
            _("People who answered both times (n)"),
            _("Median before"),
            _("Median after"),
            _("Median change"),
            _("95% interval"),
            _("Rose"),
            _("Stayed"),
            _("Fell"),
            _("Only before"),
            _("Only after"),
        ],
        [_change(one) for one in found],
        notes=[
            _(
                "Only people who answered both times are compared, each with themselves; those who answered once are "
                "counted beside them. The median change is the median of their changes, and need not be the "
                "difference of the two medians. The interval is a percentile bootstrap with a fixed seed: what other "
                "groups of as many people like these might have shown. There is none below %(least)s pairs, and "
                "nothing is shown of fewer than 5. Source: surveys before the course and after it.",
                least=LEAST_PAIRS,
            )
        ],
    )


def _change(one: PairedChange) -> Sequence[Cell]:
    name = _(one.name) if one.is_scale else one.name
    if one.is_hidden:
        return [name, wave_name(one.wave), few(), *[NOTHING] * 9]
    interval = NOTHING
    if one.interval is not None:
        low, high = (_signed(end) for end in (one.interval.low, one.interval.high))
        interval = _("%(low)s to %(high)s", low=low, high=high)
    return [
        name,
        wave_name(one.wave),
        count(one.n),
        number(one.before),
        number(one.after),
        {"text": _signed(one.difference), "value": one.difference},
        interval,
        *map(count, (one.rose, one.stayed, one.fell, one.before_only, one.after_only)),
    ]


def _signed(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:+.1f}".replace("-", "−")


def wave_name(wave: Wave) -> str:
    """When, in the life of an event or a course, somebody was asked."""
    named: Markup = get_template_attribute("surveys/macros.html", "wave_name")(wave)
    return " ".join(named.unescape().split())


def answered(found: Sequence[Answering]) -> Section:
    """How many of those who were asked along courses answered, and who they are."""
    return section(
        "responses",
        _("Who answered, and who did not"),
        "",
        *(_answered(found) if found else [text(_("Nobody was asked along a course yet."))]),
    )


def _answered(found: Sequence[Answering]) -> Sequence[Part]:
    whole = table(
        "waves",
        _("Responses along courses"),
        [_("When"), _("Asked"), _("Answered"), _("Did not answer"), _("Response rate")],
        [[wave_name(one.wave), *_asked(one.whole)] for one in found],
        bars=[(wave_name(one.wave), _asked(one.whole)[1], _asked(one.whole)[0]) for one in found],
        notes=[
            _(
                "Asked are people to whom a survey was sent before, at the end of or after a course; answered are "
                "those who sent it. Numbers are hidden where fewer than 5 answered or fewer than 5 did not."
            )
        ],
    )
    by = (
        ("sector", _("Sector"), _("Responses by sector"), [(one, one.by_sector) for one in found]),
        ("region", _("Region or nation"), _("Responses by region or nation"), [(one, one.by_region) for one in found]),
        ("membership", _("Membership"), _("Responses by membership"), [(one, one.by_membership) for one in found]),
    )
    return [whole, *(_profile(key, heading, title, each) for key, heading, title, each in by)]


def _asked(asked: Asked | None) -> Sequence[Cell]:
    if asked is None or asked.tells:
        return [few()] * 4
    return [count(asked.asked), count(asked.answered), count(asked.silent), percent(asked.rate)]


def _profile(key: str, heading: str, title: str, found: Sequence[tuple[Answering, Profile]]) -> Part:
    rows = []
    for one, profile in found:
        rows += [[_named(name), wave_name(one.wave), *_asked(asked)] for name, asked in profile.groups]
        if profile.joined:
            names = ", ".join(map(_named, profile.joined))
            together = _("Together: %(names)s", names=names)
            rows.append([together, wave_name(one.wave), *_asked(profile.others)])
    return table(
        f"by-{key}",
        title,
        [heading, _("When"), _("Asked"), _("Answered"), _("Did not answer"), _("Response rate")],
        rows,
        notes=[_("Groups of which few answered, or few did not, stand together.")],
    )


def _named(name: str | None) -> str:
    return capital(name) if name else str(_("Not known"))
