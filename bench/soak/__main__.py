"""``python -m bench.soak``: processes die under load, again and again, and every promise is looked at."""

import sys

from bench.soak.run import main

sys.exit(main())
