"""A message is a folder with a subject, a text and an HTML part, and a line in cop/mail/messages.py."""

import ast

from cop.mail import MESSAGES
from cop.mail.samples import ONLY_KEYS, SAMPLES
from tests.support.source import modules
from tests.support.templates import mail_folders

FILES = {"subject.txt", "text.txt", "html.html"}


def posted(tree: ast.Module) -> set[str]:
    """Names of messages that a module posts."""
    return {
        str(keyword.value.value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "template" and isinstance(keyword.value, ast.Constant)
    }


def test_every_message_has_its_three_parts() -> None:
    incomplete = {path.name: FILES ^ {file.name for file in path.iterdir()} for path in mail_folders()}
    assert {name: files for name, files in incomplete.items() if files} == {}


def test_every_folder_is_a_message_and_every_message_a_folder() -> None:
    assert {path.name for path in mail_folders()} == set(MESSAGES)


def test_every_message_that_is_posted_is_known() -> None:
    names = {name for _, tree in modules("cop", "scheduled") for name in posted(tree)}
    assert "sign_in" in names
    assert names <= set(MESSAGES)


def test_every_message_can_be_looked_at_before_it_is_sent_but_those_that_are_keys() -> None:
    """A new message needs a line in SAMPLES of cop/mail/samples.py: which records of a person it can be about."""
    assert set(SAMPLES) | ONLY_KEYS == set(MESSAGES)
    assert set(SAMPLES) & ONLY_KEYS == set()


def test_an_unknown_message_is_noticed() -> None:
    assert posted(ast.parse('outbox.post(work, key="k", to=person, template="forgotten")')) == {"forgotten"}
