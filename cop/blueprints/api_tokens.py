"""Tokens with which programs read, for admins: make one, see when each was last used, take one back."""

from functools import partial

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core import secrecy
from cop.core.access import PROGRAMME_STAFF_ONLY, Role
from cop.forms.api_tokens import EVERYTHING, LASTS, SCOPES, MakeToken
from cop.forms.base import Confirm, choices
from cop.queries import api_tokens as queries
from cop.queries import programmes
from cop.services import api_tokens as services
from cop.web import Area, attempt, current_actor, form_page, page_number, paged, ports, read

area = Area("api_tokens", __name__, url_prefix="/admin/tokens")

PAGE = 20

JUST_MADE = "token"
"""Where the secret of a new token waits in the session, sealed, until the next page has shown it."""


@area.get("/", access=PROGRAMME_STAFF_ONLY)
def index() -> ResponseReturnValue:
    found = queries.listed(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("api_tokens/index.html", pager=paged(found, PAGE), scopes=SCOPES)


@area.form("/new", access=PROGRAMME_STAFF_ONLY, fresh=True)
def new() -> ResponseReturnValue:
    form = MakeToken(lasts=min(LASTS))
    everything = [(EVERYTHING, _("All programmes"))] if current_actor().is_admin() else []
    own = [(one.slug, one.name) for one in programmes.granted(read(), Role.ADMIN)]
    form.programme.choices = choices([*own, *everything])
    if form.validate_on_submit():
        made = partial(
            services.make,
            name=form.name.data,
            scopes=form.scopes.data,
            programme_slug=form.programme.data or None,
            lasts=form.duration(),
        )
        done = attempt(form, made)
        if done:
            session[JUST_MADE] = secrecy.seal(JUST_MADE, done.result.secret)
            return redirect(url_for(".token", public_id=done.result.public_id))
    return form_page("api_tokens/new.html", form)


@area.get("/<public_id>", access=PROGRAMME_STAFF_ONLY)
def token(public_id: str) -> ResponseReturnValue:
    """What the token is good for; right after it was made, and then never again, also its secret."""
    found = queries.one(read(), public_id=public_id)
    waiting = session.pop(JUST_MADE, None)
    secret = secrecy.unseal(JUST_MADE, waiting) if waiting else None
    if secret is not None and not secret.startswith(found.prefix):
        secret = None
    base = ports().settings.base_url
    return render_template("api_tokens/token.html", token=found, secret=secret, scopes=SCOPES, base=base)


@area.form("/<public_id>/revoke", access=PROGRAMME_STAFF_ONLY)
def revoke(public_id: str) -> ResponseReturnValue:
    found = queries.one(read(), public_id=public_id)
    form = Confirm()
    if form.validate_on_submit():
        done = attempt(form, partial(services.revoke, public_id=public_id))
        if done:
            flash(_("The token “%(name)s” is taken back. It no longer works.", name=done.result))
            return redirect(url_for(".index"))
    return form_page("api_tokens/revoke.html", form, token=found)
