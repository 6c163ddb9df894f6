"""The functions read their stage when they are imported, as they do in the Lambda."""

import os

os.environ.setdefault("STAGE", "local")
