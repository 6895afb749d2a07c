"""A bounded place for pages that were drawn already."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock


@dataclass(frozen=True)
class Drawn:
    state: tuple[str, datetime]
    body: bytes
    tag: str


class Shelf:
    """The page drawn last for each address; the one that was asked for least lately makes room."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pages: OrderedDict[str, Drawn] = OrderedDict()
        self._lock = Lock()

    def find(self, address: str, state: tuple[str, datetime]) -> Drawn | None:
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
