"""One's own second factors and signed-in devices."""

import ipaddress
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import SIGNED_IN
from cop.core.clock import SystemClock
from cop.core.errors import NotFound
from cop.core.work import Work
from cop.formats import passkeys
from cop.forms.base import Confirm
from cop.forms.factors import AddPasskey, ConfirmApp, GiveCode, GivePasskey
from cop.models.security import IdentityProvider
from cop.queries import accounts as people
from cop.queries import factors as queries
from cop.queries import identity_providers
from cop.services import accounts, devices, factors
from cop.services.factors import Tried
from cop.web import (
    Area,
    attempt,
    current_person,
    form_page,
    fresh,
    is_fresh,
    is_second_factor_given,
    note_second_factor,
    ports,
    read,
    run,
    safe_path,
    sign_out_person,
    vouched_by,
)

LOCAL = "localhost"

area = Area("security", __name__, url_prefix="/account/security")


def _person() -> people.SignedInPerson:
    person = current_person()
    if person is None:
        raise NotFound
    return person


def _site() -> passkeys.Site:
    origin = ports().settings.base_url
    return passkeys.Site(urlsplit(origin).hostname or LOCAL, origin, current_app.config["SERVICE_NAME"])


def _takes_passkeys() -> bool:
    """Browsers bind passkeys to names and to safe connections: not to numbers, and to this machine by name alone."""
    host = _site().host
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return ports().settings.secure or host == LOCAL
    return False


def _onward() -> str:
    """Where the person wanted to go when they were asked for a second factor, or led to set one up."""
    target = request.args.get("next")
    return safe_path(target) if target else url_for(".index")


def _may_change() -> None:
    """Second factors are changed only by whoever gave one a moment ago, but for the first of all."""
    if _person().has_factor or _vouching() is not None:
        fresh()


def _vouching() -> IdentityProvider | None:
    """The organisation's sign-in that counts as the second factor of this session."""
    public_id = vouched_by()
    return identity_providers.vouching(read(), public_id=public_id) if public_id else None


def _needs_one() -> bool:
    return _person().holds_two_locks and not ports().settings.demo


@area.form("", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    form = Confirm()
    if form.validate_on_submit():
        run(accounts.sign_out_everywhere)
        sign_out_person()
        flash(_("You are signed out on every device."))
        return redirect(url_for("accounts.sign_in"))
    return form_page(
        "security/index.html",
        form,
        profile=people.own_profile(read()),
        factors=queries.own_factors(read()),
        devices=queries.own_devices(read()),
        this=_person().device,
        needs_one=_person().holds_two_locks,
        takes_passkeys=_takes_passkeys(),
    )


@area.form("/confirm", access=SIGNED_IN)
def confirm() -> ResponseReturnValue:
    """Ask for the second factor, or lead through setting one up where there is none yet.

    Where an organisation's sign-in stands in for one, whoever has none of their own signs in there again.
    """
    person = _person()
    if not person.needs_factor or (request.method == "GET" and is_second_factor_given() and is_fresh()):
        return redirect(_onward())
    if not person.has_factor and (provider := _vouching()):
        return render_template("security/sign_in_again.html", provider=provider, onward=_onward())
    if not person.has_factor:
        return render_template("security/begin.html", onward=_onward(), takes_passkeys=_takes_passkeys())
    form = GiveCode()
    if form.validate_on_submit():
        at = SystemClock().now()
        if _accepted(form, partial(factors.give_code, code=form.code.data, at=at), _wrong_code()):
            return redirect(_onward())
    return _confirm_page(form)


@area.post("/confirm/passkey", access=SIGNED_IN)
def confirm_by_passkey() -> ResponseReturnValue:
    form = GivePasskey()
    command = partial(
        factors.give_passkey, device=_person().device, site=_site(), answer=request.form.get("answer", "")
    )
    wrong = _("This passkey was not accepted. Try again, or use a code.")
    if form.validate_on_submit() and _accepted(form, command, wrong):
        return redirect(_onward())
    return _confirm_page(GiveCode(formdata=None), refused=form)


def _wrong_code() -> str:
    return str(_("This code is wrong, or was used already. Wait until the app shows the next one."))


def _accepted(form: GiveCode | GivePasskey, command: Callable[[Work], Tried], wrong: str) -> bool:
    tried = run(command)
    if tried is Tried.RIGHT:
        note_second_factor()
        return True
    busy = _("There were too many wrong codes. Wait a quarter of an hour, or use a passkey.")
    error = busy if tried is Tried.BUSY else wrong
    if isinstance(form, GiveCode):
        form.code.errors = [error]
    else:
        form.form_errors.append(error)
    return False


def _confirm_page(form: GiveCode, refused: GivePasskey | None = None) -> ResponseReturnValue:
    own = queries.own_factors(read())
    is_refused = bool(form.errors or (refused is not None and refused.errors))
    page = render_template(
        "security/confirm.html",
        form=form,
        refused=refused,
        is_refused=is_refused,
        factors=own,
        onward=_onward(),
        is_again=is_second_factor_given(),
        takes_passkeys=_takes_passkeys(),
    )
    return page, 422 if is_refused else 200


@area.post("/confirm/options", access=SIGNED_IN)
def options_to_confirm() -> ResponseReturnValue:
    """What the script asks the browser for; a new challenge each time, kept with this browser's row."""
    challenge = run(partial(factors.challenge, device=_person().device))
    return jsonify(passkeys.to_give(_site(), challenge, known=queries.passkeys(read())))


@area.form("/app", access=SIGNED_IN)
def app() -> ResponseReturnValue:
    _may_change()
    secret = queries.secret_of_app(read())
    if secret is None:
        return render_template("security/begin_app.html", onward=_onward())
    form = ConfirmApp()
    command = partial(factors.confirm_app, code=form.code.data or "", at=SystemClock().now())
    if form.validate_on_submit() and attempt(form, command):
        return _added(_("The app is your second factor from now on."))
    address = _person().email or _person().name
    uri = factors.uri_of(secret, account=address, issuer=current_app.config["SERVICE_NAME"])
    return form_page("security/app.html", form, secret=secret, uri=uri, onward=_onward())


@area.post("/app/begin", access=SIGNED_IN)
def begin_app() -> ResponseReturnValue:
    _may_change()
    run(factors.begin_app)
    return redirect(url_for(".app", next=_onward()))


@area.form("/passkeys/new", access=SIGNED_IN)
def new_passkey() -> ResponseReturnValue:
    _may_change()
    if not _takes_passkeys():
        raise NotFound
    form = AddPasskey()
    command = partial(
        factors.add_passkey,
        device=_person().device,
        site=_site(),
        answer=request.form.get("answer", ""),
        name=form.name.data or devices.browser_name(request.user_agent.string) or _("Passkey"),
    )
    if form.validate_on_submit() and attempt(form, command):
        return _added(_("The passkey is your second factor from now on."))
    return form_page("security/passkey.html", form, onward=_onward())


@area.post("/passkeys/new/options", access=SIGNED_IN)
def options_of_new_passkey() -> ResponseReturnValue:
    _may_change()
    person = _person()
    challenge = run(partial(factors.challenge, device=person.device))
    wanted = passkeys.to_make(
        _site(),
        challenge,
        handle=queries.own_handle(read()),
        address=person.email or person.name,
        name=person.name,
        known=queries.passkeys(read()),
    )
    return jsonify(wanted)


def _added(words: str) -> ResponseReturnValue:
    """A second factor was shown just now, by adding it; with the first come recovery codes."""
    note_second_factor()
    flash(words)
    if queries.own_factors(read()).codes_left == 0:
        return redirect(url_for(".recovery_codes", next=_onward()))
    return redirect(_onward())


@area.form("/recovery-codes", access=SIGNED_IN)
def recovery_codes() -> ResponseReturnValue:
    """The codes stand on the answer to the button and nowhere else, for they are not kept."""
    fresh()
    own = queries.own_factors(read())
    form = Confirm()
    if form.validate_on_submit():
        done = attempt(form, factors.make_recovery_codes)
        if done:
            return render_template("security/codes.html", codes=done.result, onward=_onward())
    return form_page("security/recovery_codes.html", form, factors=own, onward=_onward())


@area.form("/<public_id>/remove", access=SIGNED_IN)
def remove(public_id: str) -> ResponseReturnValue:
    _may_change()
    found = queries.factor(read(), public_id=public_id)
    form = Confirm()
    command = partial(factors.remove, public_id=public_id, needs_one=_needs_one())
    if form.validate_on_submit() and attempt(form, command):
        flash(_("The second factor is removed."))
        return redirect(url_for(".index"))
    return form_page("security/remove.html", form, found=found)


@area.post("/devices/others/end", access=SIGNED_IN)
def end_others() -> ResponseReturnValue:
    ended = run(partial(devices.end_others, but=_person().device))
    flash(ngettext("%(num)s other device is signed out.", "%(num)s other devices are signed out.", ended))
    return redirect(url_for(".index"))


@area.post("/devices/<public_id>/end", access=SIGNED_IN)
def end_device(public_id: str) -> ResponseReturnValue:
    if public_id == _person().device:
        sign_out_person()
        flash(_("You are signed out."))
        return redirect(url_for("accounts.sign_in"))
    run(partial(devices.end, public_id=public_id))
    flash(_("The device is signed out."))
    return redirect(url_for(".index"))
