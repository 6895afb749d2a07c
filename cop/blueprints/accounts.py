"""Signing in by e-mail, and one's own account."""

import secrets as random
from functools import partial

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, SIGNED_IN
from cop.core.errors import Refusal
from cop.core.place import day_of
from cop.forms.accounts import AskToSignIn, EnterCode, FindOrganisation, Profile, UseLink
from cop.forms.base import Confirm, choices
from cop.forms.merging import ChangeAddress
from cop.models.accounts import Channel, Sector
from cop.queries import accounts as queries
from cop.queries import addresses as changes
from cop.queries import bookings as booked
from cop.queries import identity_providers, organisations, succession
from cop.queries.home import home
from cop.services import accounts, addresses
from cop.web import (
    Area,
    attempt,
    current_actor,
    form_page,
    page_number,
    paged,
    read,
    run,
    safe_path,
    sign_in_person,
    sign_out_person,
)

PAGE = 20

area = Area("accounts", __name__)


@area.form("/sign-in", access=PUBLIC)
def sign_in() -> ResponseReturnValue:
    target = safe_path(request.args.get("next"))
    if current_actor().person_id is not None:
        return redirect(target)
    form = AskToSignIn()
    if form.validate_on_submit():
        provider = identity_providers.provider_for(read(), email=form.email.data)
        if provider is not None and not form.by_mail.data:
            session["sign_in_email"] = form.email.data
            return redirect(url_for("single_sign_on.choose", public_id=provider.public_id, next=target))
        browser = session.setdefault("browser", random.token_urlsafe(16))
        done = attempt(
            form,
            partial(
                accounts.ask_to_sign_in,
                email=form.email.data,
                next_path=target,
                browser=browser,
                network=request.remote_addr or "",
            ),
        )
        if done and done.result.network_is_busy:
            return render_template("errors/429.html"), 429, {"Retry-After": "300"}
        if done:
            asked = done.result.sign_in
            session["sign_in"] = asked.id if asked else session.get("sign_in", 0)
            session["sign_in_email"] = form.email.data
            return redirect(url_for("accounts.enter_code"))
    return form_page("accounts/sign_in.html", form)


@area.form("/sign-in/code", access=PUBLIC)
def enter_code() -> ResponseReturnValue:
    if "sign_in" not in session:
        return redirect(url_for("accounts.sign_in"))
    form = EnterCode()
    if form.validate_on_submit():
        arrival = run(
            partial(
                accounts.sign_in_by_code,
                sign_in_id=session["sign_in"],
                browser=session.get("browser", ""),
                code=form.code.data,
            )
        )
        if arrival is not None:
            return _welcome(arrival)
        form.code.errors = [_("This code is wrong or too old. Use the link in the mail, or ask for a new one.")]
    return form_page("accounts/enter_code.html", form, email=session.get("sign_in_email", ""))


@area.form("/sign-in/<token>", access=PUBLIC)
def use_link(token: str) -> ResponseReturnValue:
    form = UseLink()
    if form.validate_on_submit():
        try:
            return _welcome(run(partial(accounts.sign_in_by_link, token=token)))
        except Refusal:
            return render_template("accounts/spent_link.html"), 422
    waiting = queries.waiting_sign_in(read(), token=token)
    if waiting is None:
        return render_template("accounts/spent_link.html"), 410
    return form_page("accounts/use_link.html", form, email=waiting.email)


def _welcome(arrival: accounts.Arrival) -> ResponseReturnValue:
    person = sign_in_person(arrival.person_id, arrival.session_epoch)
    if person is None:
        raise Refusal("This account cannot be used any more")
    if arrival.is_new:
        return redirect(url_for("accounts.profile", next=arrival.next_path))
    if person.needs_factor:
        return redirect(url_for("security.confirm", next=safe_path(arrival.next_path)))
    return redirect(safe_path(arrival.next_path))


@area.form("/sign-out", access=PUBLIC)
def sign_out() -> ResponseReturnValue:
    form = Confirm()
    if form.validate_on_submit():
        sign_out_person()
        flash(_("You are signed out."))
        return redirect(url_for("pages.home"))
    return form_page("accounts/sign_out.html", form)


@area.get("/account", access=SIGNED_IN)
def account() -> ResponseReturnValue:
    profile = queries.own_profile(read())
    has_ended = profile.has_lost_its_organisation(day_of(read().now))
    return render_template("accounts/account.html", home=home(read()), profile=profile, has_ended=has_ended)


@area.get("/account/bookings", access=SIGNED_IN)
def bookings() -> ResponseReturnValue:
    past = request.args.get("show") == "past"
    found = booked.own_bookings(read(), past=past, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("accounts/bookings.html", pager=paged(found, PAGE), past=past)


@area.form("/account/profile", access=SIGNED_IN)
def profile() -> ResponseReturnValue:
    own = queries.own_profile(read())
    target = safe_path(request.args.get("next"))
    form = Profile(
        name=own.name,
        sector=own.sector,
        role_title=own.role_title,
        phone=own.phone,
        prefers=own.prefers,
        timezone=own.timezone,
        needs=own.needs,
    )
    if form.validate_on_submit():
        done = attempt(
            form,
            partial(
                accounts.save_profile,
                name=form.name.data,
                phone=form.phone.data,
                prefers=Channel(form.prefers.data),
                timezone=form.timezone.data,
                needs=form.needs.data,
                sector=Sector(form.sector.data),
                role_title=form.role_title.data,
            ),
        )
        if done and own.organisation_id is None and own.sector is None:  # the first time only
            return redirect(url_for("accounts.organisation", next=target))
        if done:
            flash(_("Your profile is saved."))
            return redirect(target)
    return form_page("accounts/profile.html", form, profile=own)


@area.form("/account/organisation", access=SIGNED_IN)
def organisation() -> ResponseReturnValue:
    own = queries.own_profile(read())
    words = request.args.get("q", "").strip()
    target = safe_path(request.args.get("next"))
    proposed = organisations.proposed_for(read(), email=own.email) if own.email else None
    if words:
        found = organisations.search(read(), words=words, limit=10)
    elif own.organisation_id is not None and own.has_lost_its_organisation(day_of(read().now)):
        found = succession.successors_of(read(), organisation_id=own.organisation_id)
    else:
        found = [proposed] if proposed else []
    form = FindOrganisation(organisation=proposed.id if proposed and not words else None)
    form.organisation.choices = choices((item.id, item.name) for item in found)
    if form.validate_on_submit() and attempt(
        form, partial(accounts.join_organisation, organisation_id=form.organisation.data)
    ):
        flash(_("Your organisation is saved."))
        return redirect(target)
    return form_page(
        "accounts/organisation.html", form, words=words, found=found, proposed=proposed, profile=own, target=target
    )


@area.post("/account/organisation/none", access=SIGNED_IN)
def no_organisation() -> ResponseReturnValue:
    run(partial(accounts.join_organisation, organisation_id=None))
    flash(_("Your profile says that you belong to no organisation."))
    return redirect(safe_path(request.args.get("next")))


@area.form("/account/email", access=SIGNED_IN, fresh=True)
def email() -> ResponseReturnValue:
    own = queries.own_profile(read())
    form = ChangeAddress()
    if form.validate_on_submit() and attempt(form, partial(addresses.ask, email=form.email.data)):
        return redirect(url_for("accounts.email"))
    under_way = changes.under_way(read(), person_id=own.person_id)
    return form_page("accounts/email.html", form, profile=own, under_way=under_way)


@area.post("/account/email/keep", access=SIGNED_IN)
def keep_email() -> ResponseReturnValue:
    run(addresses.cancel)
    flash(_("Your address stays as it is."))
    return redirect(url_for("accounts.email"))
