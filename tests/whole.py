"""Whether each case is run: with WHOLE=1 in the environment, for hours; a share of them without."""

import os

WHOLE = os.environ.get("WHOLE") == "1"
