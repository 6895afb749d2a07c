"""A real SMTP server for the demonstration: each message becomes a file, which /demo/mail shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

KEEP = 2_000


class Files:
    """Keeps messages as numbered files, so that they outlive the process and show in the order they came."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.next = max((int(path.stem) for path in folder.glob("*.eml") if path.stem.isdigit()), default=0) + 1

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  its API
        content = envelope.content or b""
        draft = self.folder / f"{self.next}.part"
        draft.write_bytes(content if isinstance(content, bytes) else content.encode())
        draft.rename(self.folder / f"{self.next}.eml")
        (self.folder / f"{self.next - KEEP}.eml").unlink(missing_ok=True)
        self.next += 1
        return "250 Message accepted for delivery"


@contextmanager
def server(port: int, folder: Path) -> Iterator[None]:
    controller = Controller(Files(folder), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
