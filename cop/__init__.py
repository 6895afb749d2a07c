"""The application: wiring only."""

from datetime import timedelta

from flask import Flask
from flask_mail import Mail
from flask_wtf import CSRFProtect
from sqlalchemy import select
from werkzeug.middleware.proxy_fix import ProxyFix

from cop import web
from cop.blueprints import ALL_AREAS, DEMO_AREAS, WITHOUT_CSRF_TOKEN
from cop.core import place, secrecy
from cop.core.clock import Clock, ShiftedClock
from cop.core.settings import Settings
from cop.models.service import Setting
from cop.services.files import stores
from cop.web import database, db, errors, requests, signed_in, templating

MAX_UPLOAD_BYTES = 4 * 1024 * 1024


def create_app(settings: Settings, *, clock: Clock | None = None, migrates: bool = True) -> Flask:
    """Build the application. ``clock`` replaces the service's own in tests; a process for visitors never migrates."""
    secrecy.use(settings.secret_key, settings.encryption_keys)
    place.use(settings.timezone)
    stores.use(settings.files)
    app = Flask("cop", static_folder=None)
    app.config.update(
        SERVICE_NAME="Learning Together",
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 8, "max_overflow": 2, "pool_use_lifo": True},
        SESSION_COOKIE_NAME="cop",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        WTF_CSRF_TIME_LIMIT=None,  # a long form would be lost after an hour
        WTF_I18N_ENABLED=False,  # the library would load its own catalogue for each form: every sentence is ours
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        PREFERRED_URL_SCHEME=settings.base_url.partition(":")[0],
        **settings.mail,
    )
    app.extensions["cop"] = web.Ports(settings, clock or ShiftedClock(lambda: _clock_offset(app)))
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    database.init_app(app)
    if migrates:
        from flask_migrate import Migrate  # noqa: PLC0415  11 MB and a tenth of a second with Alembic

        Migrate(app, db, directory="migrations", compare_type=True)
    Mail(app)
    for part in (requests, templating, signed_in, errors):
        part.init_app(app)
    csrf = CSRFProtect(app)  # after the request has its reference: it reads the form, which may be too large
    for view in WITHOUT_CSRF_TOKEN:
        csrf.exempt(view)
    for area in ALL_AREAS + (DEMO_AREAS if settings.demo else ()):
        app.register_blueprint(area)
    web.refuse_open_routes(app)
    return app


def _clock_offset(app: Flask) -> timedelta:
    with app.app_context(), db.engine.begin() as connection:  # ends by commit; see end_reading
        seconds = connection.scalar(select(Setting.value).where(Setting.name == "clock_offset_seconds"))
    return timedelta(seconds=seconds or 0)
