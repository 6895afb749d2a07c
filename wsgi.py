"""What gunicorn and other WSGI servers load."""

import gc
import os
import sys

gc.disable()  # what is loaded stays loaded: to look through it again and again is a third of the start

from cop import create_app  # noqa: E402
from cop.core.settings import SettingsError  # noqa: E402
from cop.starting import settings_of_this_process  # noqa: E402
from cop.web.requests import log_to_standard_error  # noqa: E402

log_to_standard_error()
try:
    app = create_app(settings_of_this_process(os.environ), migrates=False)
except SettingsError as error:
    sys.exit(f"cop: {error}")
gc.freeze()
gc.enable()
