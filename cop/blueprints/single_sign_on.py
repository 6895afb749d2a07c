"""Signing in with an organisation's own account, and setting that up."""

from dataclasses import asdict
from functools import partial

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY, PUBLIC, SYSTEM
from cop.core.errors import NotFound, Refusal
from cop.core.outgoing import Unanswered
from cop.core.secrecy import same
from cop.formats import openid
from cop.forms.base import Confirm
from cop.forms.single_sign_on import EditProvider
from cop.models.security import IdentityProvider
from cop.queries import identity_providers as queries
from cop.services import identity_providers as services
from cop.services.accounts import Arrival
from cop.web import (
    Area,
    address,
    attempt,
    form_page,
    note_vouched,
    read,
    run,
    safe_path,
    sign_in_person,
)
from cop.web.openid import BACK, discover, identity_for

BEGUN = "single_sign_on"
"""Where a session keeps what the browser has to bring back."""

SHOWN = ("name", "issuer", "client_id", "counts_as_second")
"""Fields of the form that are filled in with what is known: the secret is not."""

area = Area("single_sign_on", __name__)


@area.get("/single-sign-on/<public_id>", access=PUBLIC)
def choose(public_id: str) -> ResponseReturnValue:
    """Whoever typed an address of an organisation with a sign-in of its own chooses between that and a mail."""
    found = queries.provider(read(), public_id=public_id)
    email = session.get("sign_in_email", "")
    onward = safe_path(request.args.get("next"))
    return render_template("single_sign_on/choose.html", provider=found, email=email, onward=onward)


@area.get("/single-sign-on/<public_id>/begin", access=PUBLIC)
def begin(public_id: str) -> ResponseReturnValue:
    """Send the browser to the provider. What it has to bring back lies in its session, and works once.

    ``again`` in the address asks that the person sign in there anew, as a second factor that is fresh.
    """
    found = queries.provider(read(), public_id=public_id)
    try:
        metadata = discover(found.issuer)
    except (Unanswered, openid.Unsound):
        return _failed()
    beginning = openid.begin()
    session[BEGUN] = {
        "provider": public_id,
        "next": safe_path(request.args.get("next")),
        **asdict(beginning),
    }
    return redirect(
        openid.authorization_address(
            metadata,
            beginning,
            client_id=found.client_id,
            back=address(BACK),
            email=session.get("sign_in_email", ""),
            anew="again" in request.args,
        )
    )


@area.get("/single-sign-on/back", access=PUBLIC)
def back() -> ResponseReturnValue:
    """Where the provider sends the browser back to, with a code or with an error."""
    begun, code = session.pop(BEGUN, None), request.args.get("code")
    if begun is None or not code or not same(request.args.get("state", ""), begun["state"]):
        return _failed()
    provider = queries.provider(read(), public_id=begun["provider"])
    beginning = openid.Beginning(begun["state"], begun["nonce"], begun["verifier"])
    try:
        identity = identity_for(provider, code=code, beginning=beginning)
        command = partial(services.sign_in, provider_id=provider.id, identity=identity, next_path=begun["next"])
        return _welcome(provider, run(command, SYSTEM), identity.signed_in_at)
    except (Unanswered, openid.Unsound):
        return _failed()
    except Refusal as refusal:
        return _failed(_(refusal.message, **refusal.params))


def _welcome(provider: IdentityProvider, arrival: Arrival, signed_in_at: float | None) -> ResponseReturnValue:
    person = sign_in_person(arrival.person_id, arrival.session_epoch)
    if person is None:
        return _failed()
    if provider.counts_as_second:
        note_vouched(provider.public_id, signed_in_at)
    if arrival.is_new:
        return redirect(url_for("accounts.profile", next=arrival.next_path))
    if person.needs_factor and not provider.counts_as_second:
        return redirect(url_for("security.confirm", next=arrival.next_path))
    return redirect(arrival.next_path)


def _failed(reason: str = "") -> ResponseReturnValue:
    return render_template("single_sign_on/failed.html", reason=reason), 422


@area.form("/admin/organisations/<slug>/single-sign-on", access=ADMIN_ONLY, fresh=True)
def edit(slug: str) -> ResponseReturnValue:
    found = queries.of_organisation(read(), slug=slug)
    form = EditProvider(data={name: getattr(found.provider, name, None) for name in SHOWN})
    if form.validate_on_submit():
        answers = {name: form[name].data for name in SHOWN}
        command = partial(services.save, slug=slug, client_secret=form.client_secret.data or "", **answers)
        if attempt(form, command):
            flash(_("The sign-in is saved. Try it now."))
            return redirect(url_for(".edit", slug=slug))
    return form_page("single_sign_on/edit.html", form, found=found, back_address=address(BACK))


@area.post("/admin/organisations/<slug>/single-sign-on/try", access=ADMIN_ONLY)
def try_out(slug: str) -> ResponseReturnValue:
    """Ask the provider what it says of itself; people can then sign in, if it knows us too."""
    found = queries.of_organisation(read(), slug=slug)
    if found.provider is None:
        raise NotFound
    try:
        discover(found.provider.issuer)
    except (Unanswered, openid.Unsound) as why:
        return render_template("single_sign_on/tried.html", found=found, why=str(why)), 422
    return render_template("single_sign_on/tried.html", found=found, why="")


@area.form("/admin/organisations/<slug>/single-sign-on/close", access=ADMIN_ONLY, fresh=True)
def close(slug: str) -> ResponseReturnValue:
    found = queries.of_organisation(read(), slug=slug)
    if found.provider is None:
        raise NotFound
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.close, slug=slug)):
        flash(_("Its people sign in by e-mail again."))
        return redirect(url_for("admin_directory.edit_organisation", slug=slug))
    return form_page("single_sign_on/close.html", form, found=found)
