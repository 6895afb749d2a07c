"""The languages that pages speak: English, and each of which there is a catalogue.

A catalogue is a file ``<code>/LC_MESSAGES/messages.mo`` in ``cop/translations`` or in the folder that a setting names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel, force_locale, get_locale

ENGLISH = "en_GB"
COOKIE = "language"
OWN = Path(__file__).parent.parent / "translations"


@dataclass(frozen=True)
class Language:
    """``code`` as catalogues are called, ``tag`` as pages say it, ``name`` as its speakers call it."""

    code: str
    tag: str
    name: str


def init_app(app: Flask, folder: Path | None) -> Mapping[str, Language]:
    """Find the languages, by code, English first; a folder that is no language is left alone."""
    folders = [OWN, folder] if folder is not None else [OWN]
    found = {code: _language(code) for code in (ENGLISH, *_codes(folders))}
    app.extensions["cop_languages"] = found
    directories = ";".join(str(one) for one in folders)
    Babel(app, default_locale=ENGLISH, default_translation_directories=directories, locale_selector=current_code)
    return found


def languages() -> Sequence[Language]:
    return list(_known().values())


def current_code() -> str:
    """The language that the visitor chose; English for everybody else, and for letters."""
    if len(_known()) == 1 or not has_request_context():
        return ENGLISH
    chosen = request.cookies.get(COOKIE, ENGLISH)
    return chosen if chosen in _known() else ENGLISH


def spoken() -> str:
    """The language in which words are put now, which a letter or a test may set for a while."""
    return ENGLISH if len(_known()) == 1 else str(get_locale() or ENGLISH)


@contextmanager
def in_english() -> Iterator[None]:
    """Letters are, also where somebody looks at one on a page in another language."""
    if len(_known()) == 1:
        yield
        return
    with force_locale(ENGLISH):
        yield


def current_language() -> Language:
    return _known()[current_code()]


def _known() -> Mapping[str, Language]:
    found: Mapping[str, Language] = current_app.extensions["cop_languages"]
    return found


def _codes(folders: Iterable[Path]) -> Sequence[str]:
    there = {file.parent.parent.name for one in folders for file in one.glob("*/LC_MESSAGES/messages.mo")}
    return sorted(code for code in there - {ENGLISH} if _is_language(code))


def _is_language(code: str) -> bool:
    try:
        Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _language(code: str) -> Language:
    locale = Locale.parse(code)
    name = locale.get_language_name(locale) or code
    return Language(code, code.replace("_", "-"), name[:1].upper() + name[1:])
