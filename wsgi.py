"""What gunicorn and other WSGI servers load."""

import os
import sys

from cop import create_app
from cop.core.settings import SettingsError
from cop.starting import settings_of_this_process
from cop.web.requests import log_to_standard_error

log_to_standard_error()
try:
    app = create_app(settings_of_this_process(os.environ))
except SettingsError as error:
    sys.exit(f"cop: {error}")
