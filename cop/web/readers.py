"""Whether somebody opens a page, or a program looks at it: ahead of them, or for a list of its own."""

import re

from flask import request

PROGRAMS = re.compile(r"bot\b|crawl|spider|slurp|scan|preview|externalhit|monitor|curl/|wget/|python", re.IGNORECASE)
"""What the programs call themselves that open links in mails and on pages. Those that hide are counted."""


def is_somebody() -> bool:
    """Whether this request counts as a look of a person's; HEAD only asks whether something is there."""
    headers = request.headers
    ahead = "prefetch" in headers.get("Sec-Purpose", headers.get("Purpose", ""))
    in_passing = headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
    return request.method == "GET" and not (ahead or in_passing or PROGRAMS.search(request.user_agent.string))
