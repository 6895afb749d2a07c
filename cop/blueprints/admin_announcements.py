"""Letters to audiences: written, looked at, sent at once or in stages, followed, and stopped."""

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import ADMIN_ONLY, Role
from cop.core.audiences import ANY_EVENT, read_audience
from cop.core.errors import NotFound
from cop.forms.accounts import SECTORS
from cop.forms.announcements import LATER, NOW, ROLE_NAMES, SendAnnouncement, WriteAnnouncement
from cop.forms.base import Confirm
from cop.forms.dates import instant_of
from cop.forms.directory import KINDS, MEMBERSHIP_NAMES
from cop.mail import samples
from cop.mail.drawing import Drawn
from cop.models.telling import Announcement, AnnouncementState
from cop.queries import announcements as queries
from cop.queries import messages, people, programmes
from cop.queries.messages import Shown, Wanted
from cop.queries.samples import Sample
from cop.services import announcements
from cop.web import (
    Area,
    attempt,
    before_id,
    current_person,
    form_page,
    letter_page,
    page_number,
    paged,
    ports,
    read,
    run,
)

PAGE = 50

area = Area("admin_announcements", __name__, url_prefix="/admin/announcements")


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    found = queries.listed(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    known = programmes.granted(read(), Role.ADMIN)
    return render_template("admin_announcements/index.html", pager=paged(found, PAGE), programmes=known)


@area.form("/new/<slug>", access=ADMIN_ONLY)
def write(slug: str) -> ResponseReturnValue:
    programme = programmes.to_edit(read(), slug)
    form = WriteAnnouncement()
    form.offer_events(_events(programme.id))
    if form.validate_on_submit():
        command = partial(announcements.write, programme_id=programme.id, **_said(form))
        done = attempt(form, command)
        if done:
            flash(_("The draft is saved. Nobody has got it."))
            return redirect(url_for(".announcement", public_id=done.result.public_id))
    return form_page("admin_announcements/form.html", form, programme=programme, found=None)


def _events(programme_id: int) -> list[tuple[str, str]]:
    return [(event.slug, event.title) for event in queries.events_of(read(), programme_id=programme_id)]


def _said(form: WriteAnnouncement) -> dict[str, Any]:
    return {"subject": form.subject.data, "body": form.body.data, "audience": form.audience()}


@area.form("/<public_id>/edit", access=ADMIN_ONLY)
def edit(public_id: str) -> ResponseReturnValue:
    found = _draft(public_id)
    audience = read_audience(found.audience)
    form = WriteAnnouncement(
        obj=audience, data={name: getattr(found, name) for name in ("subject", "body", "revision")}
    )
    form.offer_events(_events(found.programme_id))
    if form.validate_on_submit():
        command = partial(announcements.rewrite, public_id=public_id, revision=form.revision.data, **_said(form))
        if attempt(form, command):
            flash(_("The draft is saved. Nobody has got it."))
            return redirect(url_for(".announcement", public_id=public_id))
    return form_page("admin_announcements/form.html", form, programme=found.programme, found=found)


def _draft(public_id: str) -> Announcement:
    """What is to be changed or sent. Whoever was overtaken while they typed is told so by the service, with their words
    still in the form.
    """
    found = queries.announcement(read(), public_id=public_id)
    if found.state is not AnnouncementState.DRAFT and request.method == "GET":
        raise NotFound
    return found


@area.get("/<public_id>", access=ADMIN_ONLY)
def announcement(public_id: str) -> ResponseReturnValue:
    found = queries.announcement(read(), public_id=public_id)
    common = {"found": found, "audience": _audience(found)}
    if found.state in {AnnouncementState.DRAFT, AnnouncementState.SCHEDULED}:
        counted, some = queries.counted(read(), found), queries.sample(read(), found)
        return render_template("admin_announcements/draft.html", counted=counted, some=some, **common)
    wanted = Wanted(announcement_id=found.id)
    log = messages.messages(read(), shown=Shown.ALL, wanted=wanted, before=before_id(), limit=PAGE)
    progress = queries.progress(read(), announcement_id=found.id)
    left = queries.counted(read(), found).reached if found.stage else None
    return render_template(
        "admin_announcements/progress.html", progress=progress, pager=paged(log, PAGE), left=left, **common
    )


def _audience(found: Announcement) -> list[str]:
    """What the audience says, in words, one line for each thing."""
    said = read_audience(found.audience)
    events = dict(_events(found.programme_id)) | {ANY_EVENT: _("any event of the programme")}
    lists = (
        (_("at an organisation of this kind:"), KINDS, said.kinds),
        (_("at a member of this kind:"), MEMBERSHIP_NAMES, said.memberships),
        (_("from this sector:"), SECTORS, said.sectors),
        (_("with this role:"), ROLE_NAMES, said.roles),
    )
    words = [_("who wants to hear of the next round")] if said.interest else []
    words += [_("who agreed to news")] if said.consent else []
    if said.event:
        title = events.get(said.event, said.event)
        words += [_("who came to %(title)s", title=title) if said.attended else _("who booked %(title)s", title=title)]
    for intro, known, chosen in lists:
        if chosen:
            names = dict(known)
            words.append(f"{intro} {', '.join(str(names.get(word, word)) for word in chosen)}")
    return words


@area.get("/<public_id>/preview", access=ADMIN_ONLY)
def preview(public_id: str) -> ResponseReturnValue:
    found = queries.announcement(read(), public_id=public_id)
    return render_template(
        "admin_announcements/preview.html",
        found=found,
        drawn=_drawn(found),
        some=queries.sample(read(), found),
        whose=request.args.get("person", ""),
    )


@area.get("/<public_id>/preview/html", access=ADMIN_ONLY)
def preview_as_html(public_id: str) -> ResponseReturnValue:
    return letter_page(_drawn(queries.announcement(read(), public_id=public_id)).html)


def _drawn(found: Announcement) -> Drawn:
    """As the person whom the address names would read it; else as who looks."""
    person, whose = current_person(), request.args.get("person")
    person_id = people.profile(read(), public_id=whose).id if whose else person.id if person else 0
    about = Sample(found.public_id, found.subject, None, {"announcement_id": found.id})
    drawn = samples.preview(read(), kind="announcement", person_id=person_id, sample=about)
    if drawn is None:
        raise NotFound
    return drawn


@area.post("/<public_id>/test", access=ADMIN_ONLY)
def test(public_id: str) -> ResponseReturnValue:
    run(partial(announcements.send_test, public_id=public_id))
    flash(_("The test is on its way to you, and to nobody else."))
    return redirect(url_for(".preview", public_id=public_id))


@area.form("/<public_id>/send", access=ADMIN_ONLY)
def send(public_id: str) -> ResponseReturnValue:
    found = _draft(public_id)
    form = SendAnnouncement(when=NOW, revision=found.revision)
    if form.validate_on_submit():
        at = instant_of(form.send_at.data, ports().settings.timezone) if form.when.data == LATER else None
        command = partial(announcements.send, public_id=public_id, revision=form.revision.data)
        if attempt(form, partial(command, send_at=at, stage=form.stage.data)):
            flash(_("It goes out when its time comes.") if at else _("It is going out."))
            return redirect(url_for(".announcement", public_id=public_id))
    counted = queries.counted(read(), found)
    return form_page("admin_announcements/send.html", form, found=found, counted=counted, audience=_audience(found))


@area.form("/<public_id>/stop", access=ADMIN_ONLY)
def stop(public_id: str) -> ResponseReturnValue:
    found = queries.announcement(read(), public_id=public_id)
    if found.state not in announcements.UNDER_WAY:
        raise NotFound
    form = Confirm()
    if form.validate_on_submit():
        done = attempt(form, partial(announcements.stop, public_id=public_id))
        if done:
            flash(_told_of_stop(found.state, done.result))
            return redirect(url_for(".announcement", public_id=public_id))
    progress = queries.progress(read(), announcement_id=found.id)
    return form_page("admin_announcements/stop.html", form, found=found, progress=progress)


def _told_of_stop(state: AnnouncementState, dropped: int) -> str:
    if state is AnnouncementState.SCHEDULED:
        return str(_("It is a draft again. Nobody has got it."))
    return str(ngettext("Stopped. %(num)s letter is not sent.", "Stopped. %(num)s letters are not sent.", dropped))
