"""A small IMAP server of our own: one user, one folder, and the commands that reading it takes; and a whole one."""

import imaplib
import re
import socket
import socketserver
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

from cop.core.settings import ImapFolder
from tests.support.mailbox import free_port

USER, PASSWORD, FOLDER = "bounces@cop.example", 'se"cret\\', "Came back"

PATIENCE_SECONDS = 30


@dataclass
class Letter:
    raw: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class ImapServer:
    """``letters`` lie in the folder, by number from 1; ``hangs_up_at`` is a command at which the server goes away."""

    letters: list[Letter] = field(default_factory=list)
    hangs_up_at: str = ""
    port: int = 0
    said: list[str] = field(default_factory=list)

    def at(self, **other: Any) -> ImapFolder:
        """The setting that leads here."""
        known = {"host": "127.0.0.1", "port": self.port, "user": USER, "password": PASSWORD, "folder": FOLDER}
        return ImapFolder(**{**known, "tls": False, **other})

    def put(self, *raws: bytes) -> None:
        self.letters += [Letter(raw) for raw in raws]

    def answer(self, words: str) -> tuple[list[bytes], str]:
        """Lines without a tag, and how the command ended."""
        command, _, rest = words.partition(" ")
        if command == "UID":
            command, _, rest = rest.partition(" ")
        ends = {
            "LOGIN": rest == f"{USER} {_quoted(PASSWORD)}",
            "SELECT": rest == _quoted(FOLDER),
        }
        if not ends.get(command, True):
            return [], "NO"
        answers: dict[str, Callable[[], list[bytes]]] = {
            "CAPABILITY": lambda: [b"* CAPABILITY IMAP4rev1"],
            "LOGIN": list,
            "SELECT": lambda: [b"* %d EXISTS" % len(self.letters)],
            "SEARCH": self._unseen,
            "FETCH": lambda: self._fetch(rest),
            "STORE": lambda: self._store(rest),
            "LOGOUT": lambda: [b"* BYE"],
        }
        return (answers[command](), "OK") if command in answers else ([], "BAD")

    def _unseen(self) -> list[bytes]:
        numbered = enumerate(self.letters, start=1)
        names = [str(number) for number, letter in numbered if r"\Seen" not in letter.flags]
        return [f"* SEARCH {' '.join(names)}".encode()]

    def _store(self, rest: str) -> list[bytes]:
        self.letters[int(rest.split(maxsplit=1)[0]) - 1].flags |= set(re.findall(r"\\\w+", rest))
        return []

    def _fetch(self, rest: str) -> list[bytes]:
        found = re.fullmatch(r"(\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", rest)
        assert found, rest
        raw = self.letters[int(found[1]) - 1].raw[: int(found[2])]
        head = f"* {found[1]} FETCH (UID {found[1]} BODY[]<0> {{{len(raw)}}}\r\n".encode()
        return [head + raw + b")"]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    served = ImapServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            for line in self.rfile:
                tag, _, words = line.decode().strip().partition(" ")
                served.said.append(words)
                if served.hangs_up_at and served.hangs_up_at in words:
                    return
                lines, end = served.answer(words)
                for answer in lines:
                    self.wfile.write(answer + b"\r\n")
                self.wfile.write(f"{tag} {end} done\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        served.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def pymap_server() -> Iterator[ImapFolder]:
    """A server of another maker, pymap, with an empty folder; the setting that leads there."""
    port, started = free_port(), monotonic()
    place = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "admin"]
    command = [str(Path(sys.executable).parent / "pymap"), *place, "dict", "--demo-user", "replies"]
    server = subprocess.Popen([*command, "--demo-password", PASSWORD], stderr=subprocess.PIPE, text=True)  # noqa: S603
    try:
        while True:
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
                break
            assert server.poll() is None, server.communicate()[1]
            assert monotonic() - started < PATIENCE_SECONDS
            sleep(0.05)
        yield ImapFolder("127.0.0.1", port, "replies", PASSWORD, tls=False)
    finally:
        server.terminate()
        server.communicate()


def put(at: ImapFolder, *raws: bytes) -> None:
    """Lay mails into a folder, as a mail server does."""
    with imaplib.IMAP4(at.host, at.port, timeout=PATIENCE_SECONDS) as connection:
        connection.login(at.user, at.password)
        for raw in raws:
            kind, answer = connection.append(at.folder, "", "", raw)
            assert kind == "OK", answer


def flags_in(at: ImapFolder) -> list[str]:
    """What each mail of the folder is marked with, as the server words it."""
    with imaplib.IMAP4(at.host, at.port, timeout=PATIENCE_SECONDS) as connection:
        connection.login(at.user, at.password)
        connection.select(at.folder, readonly=True)
        _kind, lines = connection.uid("FETCH", "1:*", "(FLAGS)")
        return [" ".join(sorted(re.findall(r"\\(?:Seen|Flagged)", line.decode()))) for line in lines]
