"""Programmes and the series of events in them."""

import re
import unicodedata
from datetime import date

from sqlalchemy import select, update

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import Event
from cop.models.forum import Space
from cop.models.programmes import Programme, Series
from cop.models.toolkit import Collection, Resource

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_MOST = 80
TAKEN_BY_PAGES = frozenset({"new"})
"""Words that stand for a page of ours where an address names a record."""


def free_slug(
    work: Work,
    table: type[Programme | Series | Event | Space | Resource | Collection],
    *,
    slug: str,
    name: str,
) -> str:
    """The word in the address: as it was given, or made from the name when blank; Refusal where it cannot be had."""
    found = slug or slug_from(name)
    if not found:
        raise Refusal(marked("Enter the words for the web address, in the letters a to z"), field="slug")
    if not SLUG.fullmatch(found) or len(found) > SLUG_MOST:
        raise Refusal(
            marked("Use only small letters a to z, numbers and single hyphens, at most %(most)s in all"),
            field="slug",
            most=SLUG_MOST,
        )
    if found in TAKEN_BY_PAGES or work.session.scalar(select(table.id).where(table.slug == found)) is not None:
        raise Refusal(marked("“%(slug)s” is in use already. Choose another web address."), field="slug", slug=found)
    return found


def slug_from(name: str) -> str:
    """The words of a name in plain letters joined by hyphens, cut at a word; empty where it has none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    while words and len("-".join(words)) > SLUG_MOST:
        words.pop()
    return "-".join(words)


def create_programme(
    work: Work, *, name: str, summary: str, starts_on: date, ends_on: date, slug: str = ""
) -> Programme:
    """Add a programme. The very first becomes the current one; later ones when ``make_current`` says so."""
    if not work.actor.is_admin():
        raise NotFound
    _refuse_backward(starts_on, ends_on)
    programme = Programme(
        slug=free_slug(work, Programme, slug=slug, name=name),
        name=name,
        summary=summary,
        is_current=work.session.scalar(select(Programme.id).limit(1)) is None,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    work.session.add(programme)
    work.session.flush()
    return programme


def edit_programme(
    work: Work, *, programme_id: int, name: str, summary: str, starts_on: date, ends_on: date
) -> Programme:
    """Replace what the programme says of itself; its address stays, because links to it are kept elsewhere."""
    programme = _programme_to_edit(work, programme_id)
    _refuse_backward(starts_on, ends_on)
    programme.name, programme.summary = name, summary
    programme.starts_on, programme.ends_on = starts_on, ends_on
    return programme


def make_current(work: Work, *, programme_id: int) -> None:
    """Show this programme on the home page instead of the one before."""
    if not work.actor.is_admin():
        raise NotFound
    ids = work.session.scalars(select(Programme.id).order_by(Programme.id).with_for_update()).all()
    if programme_id not in ids:
        raise NotFound
    work.session.execute(update(Programme).values(is_current=Programme.id == programme_id))


def create_series(work: Work, *, programme_id: int, name: str, summary: str, slug: str = "") -> Series:
    programme = _programme_to_edit(work, programme_id)
    series = Series(
        programme_id=programme.id, slug=free_slug(work, Series, slug=slug, name=name), name=name, summary=summary
    )
    work.session.add(series)
    work.session.flush()
    return series


def edit_series(work: Work, *, series_id: int, name: str, summary: str) -> Series:
    series = work.session.get(Series, series_id, with_for_update={"key_share": True})
    if series is None:
        raise NotFound
    _programme_to_edit(work, series.programme_id)
    series.name, series.summary = name, summary
    return series


def _programme_to_edit(work: Work, programme_id: int) -> Programme:
    if not work.actor.may(Role.ADMIN, programme_id=programme_id):
        raise NotFound
    programme = work.session.get(Programme, programme_id, with_for_update={"key_share": True})
    if programme is None:
        raise NotFound
    return programme


def _refuse_backward(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise Refusal(marked("The last day must not be before the first day"), field="ends_on")
