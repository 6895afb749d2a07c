from cop.core.access import PUBLIC
from cop.web import Area

area = Area("organisations", __name__)


@area.get("/members/", access=PUBLIC)
def members() -> str:
    return ""
