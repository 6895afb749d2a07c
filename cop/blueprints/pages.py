"""The home page, programmes and series, the pages that the law asks for, and static files."""

from datetime import timedelta

from flask import Response, redirect, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.core.errors import NotFound
from cop.core.wcag import CRITERIA
from cop.forms.languages import ChooseLanguage
from cop.models.programmes import Programme
from cop.queries import events as queries
from cop.queries import known_issues, programmes, webinars
from cop.queries.privacy import notices
from cop.web import Area, form_page, languages, ports, read, safe_path
from cop.web.templating import STATIC

HOUR, YEAR = 3_600, 31_536_000
SECURITY_TXT_GOOD_FOR = timedelta(days=180)

area = Area("pages", __name__)


@area.get("/", access=PUBLIC, shared=True)
def home() -> ResponseReturnValue:
    programme = programmes.current(read())
    if programme is None:
        return render_template("pages/empty_home.html")
    return _programme(programme)


@area.get("/programmes/<slug>", access=PUBLIC, shared=True)
def programme(slug: str) -> ResponseReturnValue:
    return _programme(programmes.by_slug(read(), slug))


def _programme(found: Programme) -> ResponseReturnValue:
    coming = queries.coming_in(read(), ports().settings.timezone, programme_id=found.id)
    return render_template(
        "pages/programme.html", programme=found, coming=coming, calls=queries.open_calls(read(), programme_id=found.id)
    )


@area.get("/series/<slug>", access=PUBLIC, shared=True)
def series(slug: str) -> ResponseReturnValue:
    found = programmes.series_by_slug(read(), slug)
    events = queries.of_series(read(), ports().settings.timezone, series_id=found.id)
    return render_template(
        "pages/series.html",
        series=found,
        coming=events.coming,
        past=events.past,
        beside=webinars.beside(read(), [item.slug for item in (*events.coming, *events.past)]),
    )


@area.get("/accessibility", access=PUBLIC)
def accessibility() -> ResponseReturnValue:
    return render_template(
        "pages/accessibility.html",
        statement=known_issues.statement(read()),
        criteria=CRITERIA,
        mailbox=ports().settings.mailbox,
    )


@area.get("/privacy", access=PUBLIC)
def privacy() -> ResponseReturnValue:
    return render_template("pages/privacy.html", notices=notices.listed(read()))


@area.get("/cookies", access=PUBLIC)
def cookies() -> ResponseReturnValue:
    return render_template("pages/cookies.html")


@area.get("/contact", access=PUBLIC)
def contact() -> ResponseReturnValue:
    return render_template("pages/contact.html", mailbox=ports().settings.mailbox)


@area.get("/security/report", access=PUBLIC)
def vulnerabilities() -> ResponseReturnValue:
    """How to tell us of a weakness, and what we promise to whoever does."""
    return render_template("pages/vulnerabilities.html", mailbox=ports().settings.mailbox)


@area.get("/.well-known/security.txt", access=PUBLIC)
def security_txt() -> ResponseReturnValue:
    """RFC 9116: where to report a weakness. It is never more than half a year old, because it is written anew."""
    settings = ports().settings
    lines = [
        f"Contact: mailto:{settings.mailbox}",
        f"Expires: {read().now + SECURITY_TXT_GOOD_FOR:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: en",
        f"Canonical: {settings.base_url}{url_for('pages.security_txt')}",
        f"Policy: {settings.base_url}{url_for('pages.vulnerabilities')}",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@area.form("/language", access=PUBLIC)
def language() -> ResponseReturnValue:
    """Choose the language of the pages, where there is more than one; it is kept in a cookie of its own."""
    offered = languages.languages()
    form = ChooseLanguage(language=languages.current_code())
    form.language.choices = [(one.code, one.name) for one in offered]
    if len(offered) == 1:
        raise NotFound
    if form.validate_on_submit():
        answer = redirect(safe_path(request.args.get("next", "/")))
        secure = ports().settings.secure
        answer.set_cookie(
            languages.COOKIE, form.language.data, max_age=YEAR, secure=secure, httponly=True, samesite="Lax"
        )
        return answer
    return form_page("pages/language.html", form, offered=offered)


@area.get("/favicon.ico", access=PUBLIC)
def favicon() -> ResponseReturnValue:
    return redirect(url_for("pages.static", filename="icon.svg"), code=301)


@area.get("/static/<path:filename>", access=PUBLIC)
def static(filename: str) -> ResponseReturnValue:
    return send_from_directory(STATIC, filename, max_age=YEAR if "v" in request.args else HOUR)
