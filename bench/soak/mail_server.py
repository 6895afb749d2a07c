"""``python -m bench.soak.mail_server PORT FOLDER EVERY``: keeps each message on disk before it says that it has it.

One message in EVERY is put off, as a busy server does; with 0 none is.
"""

import asyncio
import os
import sys
from pathlib import Path
from time import time_ns

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


class Files:
    """One file for each message, named by when it came: a server that is killed has lost nothing it answered for."""

    def __init__(self, folder: Path, every: int) -> None:
        self._folder, self._every, self._asked = folder, every, 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  its API
        assert isinstance(envelope.content, bytes)
        self._asked += 1
        if self._every and self._asked % self._every == 0:
            return "451 busy, try again later"
        draft = self._folder / f"{time_ns()}.part"
        with draft.open("wb") as file:
            file.write(envelope.content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(draft.with_suffix(".eml"))
        return "250 kept"


async def serve(port: int, folder: Path, every: int) -> None:
    files = Files(folder, every)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(files), HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
