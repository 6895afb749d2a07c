"""Tell admins of requests under data protection law that are due within a week, and of those that are late."""

from cop.core.access import SYSTEM
from cop.services import requests
from cop.web import unit_of_work


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        told = requests.remind(work)
    return f"{told} letters about requests under data protection law promised"
