"""One area per feature; the application registers them all."""

from cop.blueprints import pages

ALL_AREAS = (pages.area,)
DEMO_AREAS = ()
