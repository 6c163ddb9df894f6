"""Where things lie in a checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INFRA = ROOT / "infra"
TEMPLATE = INFRA / "resources.yaml"
CHALICE = ROOT / ".chalice"
LOCAL_HOME = ROOT / ".local"  # the local AWS's state, logs and builds; `earshot up --fresh` empties it
EMULATOR = ROOT / ".emulator"
