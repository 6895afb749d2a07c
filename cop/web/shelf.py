"""A bounded place for pages that were drawn already."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

State = tuple[str, datetime]


@dataclass(frozen=True)
class Drawn:
    """The bytes of a page or feed, its strong ETag, and the state of the database and the clock that it shows."""

    state: State
    tag: str
    body: bytes
    changed_at: datetime | None = None


class Shelf:
    """The page drawn last for each address; the one that was asked for least lately makes room."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pages: OrderedDict[str, Drawn] = OrderedDict()
        self._lock = Lock()

    def find(self, address: str, state: State) -> Drawn | None:
        with self._lock:
            found = self._pages.get(address)
            if found is None or found.state != state:
                return None
            self._pages.move_to_end(address)
            return found

    def keep(self, address: str, drawn: Drawn) -> Drawn:
        with self._lock:
            self._pages[address] = drawn
            self._pages.move_to_end(address)
            if len(self._pages) > self._size:
                self._pages.popitem(last=False)
        return drawn
