"""The application of a command's process."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy

import click
from flask import Flask

from cop import create_app
from cop.starting import settings_of_this_process


def build() -> Flask:
    """The application of this process, with what Flask-Migrate needs to write migrations."""
    return create_app(settings_of_this_process(os.environ))


@contextmanager
def application() -> Iterator[Flask]:
    """The application of this process, within its context."""
    app = build()
    with app.app_context():
        yield app


def inside(command: click.Command) -> click.Command:
    """A command like this one, carried out inside the application's context."""
    inner: Callable[..., object] = command.callback or (lambda: None)

    def callback(**values: object) -> object:
        with application():
            return inner(**values)

    another = copy(command)
    another.callback = callback
    return another
