"""Every sentence can be translated, nothing is inline, and there is no template that nobody uses."""

import re

import pytest
from flask import Flask
from jinja2 import Environment

from cop.web.templating import STATIC
from tests.support import templates
from tests.support.source import modules, texts

PAGES = templates.names(".html")
PLAIN = templates.names(".txt")


@pytest.fixture(scope="session")
def jinja(worker_app: Flask) -> Environment:
    return worker_app.jinja_env


def test_there_are_templates() -> None:
    assert "base.html" in PAGES


@pytest.mark.parametrize("name", PAGES + PLAIN)
def test_a_template_compiles(name: str, jinja: Environment) -> None:
    assert jinja.get_template(name).name == name


@pytest.mark.parametrize("name", PAGES + PLAIN)
def test_every_sentence_is_marked_for_translation(name: str, jinja: Environment) -> None:
    assert templates.untranslated(jinja, templates.read(name), is_html=name.endswith(".html")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        "<p>{{ name }} is here</p>",
        "{% trans %}One{% endtrans %}<p>Two</p>",
        '<img src="a.png" alt="A map">',
        '<a href="/" aria-label="Home"></a>',
        '<input placeholder="Name">',
        "<p><code>cop</code> is here</p>",
        '<p>{{ "Hello there" }}</p>',
        '{{ back(address, "Back") }}',
        '{{ govukButton({"text": "Save"}) }}',
        '{% set label = "Name" %}',
        "<p>&eacute;</p>",
        "{% if a %}<b>Yes</b>{% endif %}",
    ],
)
def test_a_sentence_without_translation_is_noticed(source: str, jinja: Environment) -> None:
    assert templates.untranslated(jinja, source)


@pytest.mark.parametrize(
    "source",
    [
        "<p>{% trans %}Hello{% endtrans %}</p>",
        "<p>{% trans count=n %}One{% pluralize %}{{ count }} more{% endtrans %} · 12</p>",
        '<p class="govuk-body">{{ _("Hello") }}</p>',
        '<a href="{{ url_for("a.b") }}"{% if here == "a" %} aria-current="page"{% endif %}>{{ name }}</a>',
        '{{ govukButton({"text": _("Save"), "classes": "govuk-button--secondary"}) }}',
        '{# A comment #}<script src="app.js"></script>',
        "<p><code>cop</code></p>",
        '<p>{{ message["Subject"] }}</p>',
        '<img src="a.png" alt=""><img src="b.png" alt="{{ _("A map") }}">',
    ],
)
def test_a_translated_sentence_is_fine(source: str, jinja: Environment) -> None:
    assert templates.untranslated(jinja, source) == []


@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("mail/")])
def test_no_script_or_style_stands_in_a_page(name: str, jinja: Environment) -> None:
    """Mail is left out: no policy holds there, and clients know no other style than this."""
    assert templates.inline(jinja, templates.read(name)) == []


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("mail/")])
def test_no_script_stands_in_a_mail(name: str, jinja: Environment) -> None:
    assert [
        fault for fault in templates.inline(jinja, templates.read(name)) if not fault.endswith(("style=", "<style>"))
    ] == []


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<style>p { color: red }</style>",
        '<p style="color: red">',
        '<p {% if a %}style="color: {{ b }}"{% endif %}>',
        '<button onclick="go()">',
        '<a href="javascript:go()">',
    ],
)
def test_what_is_inline_is_noticed(source: str, jinja: Environment) -> None:
    assert templates.inline(jinja, source)


def test_every_template_is_used(jinja: Environment) -> None:
    names = PAGES + PLAIN
    asked = [
        *(pattern for name in names for pattern in templates.referred_to(jinja, templates.read(name))),
        *(pattern for _, tree in modules("cop", "scheduled") for pattern in texts(tree) if _names_a_template(pattern)),
    ]
    assert [name for name in names if not any(pattern.fullmatch(name) for pattern in asked)] == []


def test_every_template_that_is_asked_for_exists() -> None:
    names = PAGES + PLAIN
    asked = {
        (path, pattern.pattern)
        for path, tree in modules("cop", "scheduled")
        for pattern in texts(tree)
        if _names_a_template(pattern)
    }
    assert [where for where in asked if not any(re.fullmatch(where[1], name) for name in names)] == []


def _names_a_template(pattern: re.Pattern[str]) -> bool:
    """Whether it looks like the name of a template of ours, and not of the design system's."""
    return not pattern.pattern.startswith("govuk") and bool(
        re.fullmatch(r"[^\s:/][^\s:]*/[^\s:]*\\\.(html|txt)", pattern.pattern)
    )


def test_every_address_in_a_template_leads_somewhere(app: Flask, jinja: Environment) -> None:
    wrong = [
        f"{name} line {line}: {endpoint}"
        for name in PAGES + PLAIN
        for line, endpoint in templates.addresses(jinja, templates.read(name))
        if not any(
            known == endpoint or (endpoint[0] == "." and known.endswith(endpoint)) for known in app.view_functions
        )
    ]
    assert wrong == []


def test_every_static_file_in_a_template_exists(jinja: Environment) -> None:
    asked = {file for name in PAGES for file in templates.static_files(jinja, templates.read(name))}
    assert "app.js" in asked
    assert {file for file in asked if not (STATIC / file).exists()} == set()
