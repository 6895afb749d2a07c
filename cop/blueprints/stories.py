"""Stories of what changed: read by whom their tellers say, told in five steps, taken back, and hidden by staff."""

from collections.abc import Sequence
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY, PUBLIC, SIGNED_IN
from cop.core.errors import NotFound
from cop.forms.base import Confirm, Form
from cop.forms.stories import QUESTIONS, BeginStory, HideStory, LinkStory, ShareStory, WriteStep, WriteTitle
from cop.models.adoption import StoryConsent
from cop.models.programmes import Programme
from cop.queries import programmes
from cop.queries import stories as queries
from cop.queries.stories import STEPS, StoryPage
from cop.services import stories as services
from cop.web import Area, attempt, form_page, page_number, paged, read, run

PAGE = 20

area = Area("stories", __name__, url_prefix="/stories")


@area.get("/", access=PUBLIC, shared=True)
def index() -> ResponseReturnValue:
    """What the visitor may read of one programme; the others are a link away."""
    known = programmes.listed(read())
    chosen = _chosen(known)
    found = (
        queries.told(read(), programme_id=chosen.id, offset=(page_number() - 1) * PAGE, limit=PAGE) if chosen else ()
    )
    return render_template(
        "stories/index.html",
        pager=paged(found, PAGE),
        programme=chosen,
        others=[programme for programme in known if programme is not chosen],
        asked={"programme": chosen.slug} if chosen and not chosen.is_current else {},
    )


def _chosen(known: Sequence[Programme]) -> Programme | None:
    slug = request.args.get("programme")
    if not slug:
        return next(iter(known), None)
    found = next((programme for programme in known if programme.slug == slug), None)
    if found is None:
        raise NotFound
    return found


@area.get("/mine", access=SIGNED_IN)
def mine() -> ResponseReturnValue:
    return render_template("stories/mine.html", found=queries.own(read()), steps=STEPS)


@area.get("/hidden", access=EVENT_EDITORS_ONLY)
def hidden() -> ResponseReturnValue:
    found = queries.hidden(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("stories/hidden.html", pager=paged(found, PAGE))


@area.form("/new", access=SIGNED_IN)
def begin() -> ResponseReturnValue:
    form = BeginStory()
    if form.validate_on_submit():
        done = attempt(form, partial(services.begin, **form.answers()))
        if done:
            return redirect(url_for(".write", public_id=done.result.public_id, step=STEPS[0]))
    return form_page("stories/begin.html", form, steps=QUESTIONS.values(), is_open=programmes.current(read()))


@area.get("/<public_id>", access=PUBLIC, shared=True)
def story(public_id: str) -> ResponseReturnValue:
    found = queries.story_page(read(), public_id=public_id)
    return render_template("stories/story.html", found=found, steps=QUESTIONS)


@area.form("/<public_id>/title", access=SIGNED_IN)
def title(public_id: str) -> ResponseReturnValue:
    found = queries.own_story(read(), public_id=public_id)
    form = WriteTitle(data={"words": found.story.title, "seen": found.story.revision})
    if form.validate_on_submit():
        if attempt(form, partial(services.write, public_id=public_id, step="title", **form.answers())):
            flash(_("The title is saved."))
            return redirect(url_for(".story", public_id=public_id))
        found = _anew(form, public_id)
    return form_page("stories/title.html", form, found=found)


@area.form("/<public_id>/write/<step>", access=SIGNED_IN)
def write(public_id: str, step: str) -> ResponseReturnValue:
    """One step; saving it leads to the next, and the last to what the story came from."""
    if step not in STEPS:
        raise NotFound
    found = queries.own_story(read(), public_id=public_id)
    form = WriteStep(step, data={"words": getattr(found.story, step), "seen": found.story.revision})
    if form.validate_on_submit():
        if attempt(form, partial(services.write, public_id=public_id, step=step, **form.answers())):
            return redirect(_after(found, step))
        found = _anew(form, public_id)
    return form_page(
        "stories/write.html",
        form,
        found=found,
        step=step,
        number=STEPS.index(step) + 1,
        before=STEPS[STEPS.index(step) - 1] if step != STEPS[0] else None,
        saved=getattr(found.story, step),
    )


def _after(found: StoryPage, step: str) -> str:
    public_id = found.story.public_id
    if "later" in request.form or found.is_told:
        flash(_("It is saved."))
        return url_for(".story", public_id=public_id)
    position = STEPS.index(step) + 1
    if position < len(STEPS):
        return url_for(".write", public_id=public_id, step=STEPS[position])
    return url_for(".came_from", public_id=public_id)


def _anew(form: Form, public_id: str) -> StoryPage:
    """What a refusal asks to look at is on the page."""
    found = queries.own_story(read(), public_id=public_id)
    form["seen"].raw_data, form["seen"].data = None, found.story.revision
    return found


@area.form("/<public_id>/from", access=SIGNED_IN)
def came_from(public_id: str) -> ResponseReturnValue:
    found = queries.own_story(read(), public_id=public_id)
    offered = queries.offered(read(), found.story)
    form = LinkStory(
        [(source.key, source.title) for source in offered], data={"keys": [source.key for source in found.sources]}
    )
    if form.validate_on_submit() and attempt(form, partial(services.link, public_id=public_id, **form.answers())):
        flash(_("It is saved."))
        return redirect(url_for(".story" if found.is_told else ".share", public_id=public_id))
    return form_page("stories/came_from.html", form, found=found, offered=offered)


@area.form("/<public_id>/share", access=SIGNED_IN)
def share(public_id: str) -> ResponseReturnValue:
    """Nothing is chosen before its teller chooses."""
    found = queries.own_story(read(), public_id=public_id)
    stands = found.story
    is_told = stands.consent is not StoryConsent.PRIVATE
    form = ShareStory(
        data={"consent": stands.consent.value, "named": "yes" if stands.named else "no"} if is_told else {}
    )
    if form.validate_on_submit() and attempt(form, partial(services.tell, public_id=public_id, **form.answers())):
        flash(_("Thank you. Your story is told."))
        return redirect(url_for(".story", public_id=public_id))
    return form_page("stories/share.html", form, found=found, steps=QUESTIONS)


@area.form("/<public_id>/withdraw", access=SIGNED_IN)
def withdraw(public_id: str) -> ResponseReturnValue:
    found = queries.own_story(read(), public_id=public_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.withdraw, public_id=public_id)):
        flash(_("Nobody but you reads it any more."))
        return redirect(url_for(".story", public_id=public_id))
    return form_page("stories/withdraw.html", form, found=found)


@area.form("/<public_id>/remove", access=SIGNED_IN)
def remove(public_id: str) -> ResponseReturnValue:
    found = queries.own_story(read(), public_id=public_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.remove, public_id=public_id)):
        flash(_("The story is deleted."))
        return redirect(url_for(".mine"))
    return form_page("stories/remove.html", form, found=found)


@area.form("/<public_id>/hide", access=EVENT_EDITORS_ONLY)
def hide(public_id: str) -> ResponseReturnValue:
    found = queries.story_page(read(), public_id=public_id)
    if not found.may_hide:
        raise NotFound
    form = HideStory()
    if form.validate_on_submit() and attempt(form, partial(services.hide, public_id=public_id, **form.answers())):
        flash(_("The story is hidden."))
        return redirect(url_for(".story", public_id=public_id))
    return form_page("stories/hide.html", form, found=found)


@area.post("/<public_id>/show", access=EVENT_EDITORS_ONLY)
def show(public_id: str) -> ResponseReturnValue:
    run(partial(services.show_again, public_id=public_id))
    flash(_("The story is shown again."))
    return redirect(url_for(".story", public_id=public_id))
