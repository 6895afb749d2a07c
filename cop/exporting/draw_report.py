"""How the places of a course were given, as a paper: the sentences of the page about it, its chart and its tables."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import get_template_attribute
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from cop.exporting.papers import paper
from cop.formats import pdf
from cop.models.cohorts import SelectionStep
from cop.queries.cohorts.draw_report import Aim, Report
from cop.web import address
from cop.web.templating import moment, month_day

NameOf = Callable[[str, str], Any]

Part = dict[str, Any]
Section = dict[str, Any]


def report_of_draw(found: Report, name_of: NameOf) -> bytes:
    """``name_of`` says what a group is called. Numbers of applications are in it where the page tells them too; of how
    many people each group was drawn from is for the panel and stays on the page, for papers are handed on.
    """
    sections = [
        _opening(found),
        *([_chances(found, name_of)] if found.is_lottery else []),
        _mix(found, name_of),
        *([_decided(found), _later(found)] if found.names_numbers else []),
        _check(found),
    ]
    return pdf.typeset(
        "draw", paper(_("How the places were given: %(title)s", title=found.event.title), sections=sections)
    )


def _opening(found: Report) -> Section:
    numbers = {"places": len(found.drawn.body["panel"]), "people": found.good}
    if found.is_lottery:
        lines = [
            _("%(places)s places were drawn among %(people)s people whom the panel found good enough.", **numbers),
            _(
                "Reviewers scored the applications without names. Among those who were good enough nobody ranked "
                "anybody: a lottery decided. The group had to keep the targets below. There are very many such groups. "
                "We worked out how likely each of them had to be, so that the smallest chance of anybody was as large "
                "as it could be, and put that on record before anybody could know what would be drawn."
            ),
        ]
    else:
        lines = [
            _(
                "%(places)s places went to those with the highest scores together, of %(people)s people whom the panel "
                "found good enough.",
                **numbers,
            ),
            _(
                "Reviewers scored the applications without names. Of all groups that keep the targets below, the one "
                "with the highest scores together was taken. The draw decided between equal scores only."
            ),
        ]
    lines.append(_("Drawn on %(day)s.", day=month_day(found.drawn.at)))
    if not found.names_numbers:
        lines.insert(
            0,
            _(
                "The decisions are not released yet. Until then this report tells no numbers of applications, and is "
                "for the panel only."
            ),
        )
    return _section("", _text(*lines))


def _chances(found: Report, name_of: NameOf) -> Section:
    told, lost = found.told, len(found.sealed.body["unreachable"])
    smallest = _("The smallest chance was %(percent)s%%.", percent=f"{100 * told['minimum_chance']:.1f}")
    parts = [
        _text(f"{smallest} {_as_on_the_page('proven', told['stage'])}"),
        {
            "kind": "chart",
            "alt": _("Chart: the chances of all people, the largest first. The table has the numbers."),
            "bars": [{"percent": one.percent, "people": one.people} for one in found.chances],
        },
        _table(
            [_("Chance"), _("People")],
            [[f"{one.percent:.1f}%", str(one.people)] for one in found.chances],
        ),
    ]
    if lost:
        parts.append(
            _text(
                ngettext(
                    "The targets left %(count)s person no chance: nobody like them fits into any group that keeps the "
                    "targets.",
                    "The targets left %(count)s people no chance: nobody like them fits into any group that keeps the "
                    "targets.",
                    lost,
                    count=lost,
                )
            )
        )
    if found.binding:
        parts += [
            _text(_("Chances differ because of the targets. These stood at their limit in every possible group:")),
            _list(_as_on_the_page("demand", wish, name_of) for wish in found.binding),
        ]
    return _section(_("How likely a place was"), *parts)


def _mix(found: Report, name_of: NameOf) -> Section:
    body = found.frozen.body
    if found.aims:
        rows = [[str(name_of(aim.attribute, aim.value)), str(aim.drawn), _bounds(aim)] for aim in found.aims]
        table = _table([_("Group"), _("Drawn"), _("Target")], rows)
        table["bars"] = [{"drawn": aim.drawn, "least": aim.minimum or 0, "of": body["places"]} for aim in found.aims]
        parts = [table]
    else:
        parts = [_text(_("There were no targets."))]
    if body["per_organisation"]:
        parts.append(_text(_("From one organisation %(most)s at most.", most=body["per_organisation"])))
    return _section(_("The group that was drawn, against the targets"), *parts)


def _bounds(aim: Aim) -> str:
    if aim.minimum is not None and aim.maximum is not None:
        return str(_("%(least)s to %(most)s", least=aim.minimum, most=aim.maximum))
    if aim.minimum is not None:
        return str(_("%(least)s or more", least=aim.minimum))
    return str(_("%(most)s at most", most=aim.maximum))


def _decided(found: Report) -> Section:
    body = found.frozen.body
    lines = [
        _("Application %(number)s had a place whatever the draw said: %(reason)s", number=number, reason=reason)
        for number, reason in body["fixed_in"].items()
    ]
    lines += [
        _("Application %(number)s was not in the draw: %(reason)s", number=number, reason=reason)
        for number, reason in body["fixed_out"].items()
    ]
    lines += [
        _("On %(when)s an earlier draw was set aside: %(reason)s", when=moment(step.at), reason=step.body["reason"])
        for step in found.set_aside
    ]
    for step in found.chain.overrides:
        changed = _("Changed by hand on %(when)s: %(reason)s", when=moment(step.at), reason=step.body["reason"])
        changes = [_as_on_the_page("by_hand", one) for one in step.body["changes"]]
        lines.append(" ".join([changed, *changes]))
    nothing = _text(_("Nobody was fixed in or out, and nothing was changed after the draw."))
    return _section(_("What was decided by people"), _list(lines) if lines else nothing)


def _later(found: Report) -> Section:
    lines = []
    for step in found.chain.replacements:
        count = len(step.body["joined"])
        drawn = ngettext(
            "On %(when)s, %(count)s place was drawn among %(reserves)s reserves.",
            "On %(when)s, %(count)s places were drawn among %(reserves)s reserves.",
            count,
            when=moment(step.at),
            count=count,
            reserves=len(step.body["reserves"]),
        )
        kept = (
            _("Nobody kept all targets, so those who came nearest were in the draw.")
            if step.body["changes"]
            else _("All targets were kept.")
        )
        lines.append(f"{drawn} {kept}")
    return _section(_("Places that became free later"), _list(lines) if lines else _text(_("None so far.")))


def _check(found: Report) -> Section:
    told = found.told
    names = {
        SelectionStep.FROZEN: _("The pool was frozen"),
        SelectionStep.SEALED: _("The chances were sealed"),
        SelectionStep.DRAWN: _("The panel was drawn"),
        SelectionStep.OVERRIDDEN: _("Changed by hand, with a reason"),
        SelectionStep.REPLACED: _("A free place was drawn"),
    }
    prints = [
        (_("Fingerprint of the pool"), told["pool"]),
        (_("Fingerprint of the chances"), told["digest"]),
        (_("Fingerprint of the secret"), told["commitment"]),
        (_("The secret"), told["secret"]),
        (_("What the panel said"), told["words"] or _("Nothing")),
        (_("Where that was to come from"), told["words_from"] or _("It was not said before")),
        *((f"{moment(step.at)} {names[step.step]}", step.hash) for step in found.chain.steps),
    ]
    return _section(
        _("Check it yourself"),
        _text(
            _(
                "What the draw was among was put on record first, then the chances with the fingerprint of a secret, "
                "and only then the secret was revealed. The seed is the fingerprint (SHA-256) of three texts with a "
                "slash between them: the fingerprint of the pool, the secret, and what the panel said in public, which "
                "may be nothing."
            )
        ),
        {"kind": "prints", "rows": prints},
        _text(
            _(
                "The page below has a file with the numbers of the applications, every possible group with its weight, "
                "and the seed. It names nobody. Anybody can draw again from it:"
            ),
            f"cop lottery --verify draw-{found.event.slug}.json",
            address("drawing.report", slug=found.event.slug),
        ),
    )


def _section(title: str, *parts: Part) -> Section:
    return {"title": title, "parts": list(parts)}


def _text(*lines: str) -> Part:
    return {"kind": "text", "lines": list(lines)}


def _list(lines: Iterable[str]) -> Part:
    return {"kind": "list", "lines": list(lines)}


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Part:
    """``bars`` stand below the first cell of each row, where there are any."""
    return {"kind": "table", "headings": headings, "rows": rows, "bars": []}


def _as_on_the_page(macro: str, *values: Any) -> str:
    words: Markup = get_template_attribute("drawing/macros.html", macro)(*values)
    return words.unescape()
