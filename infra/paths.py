"""Where things lie in a checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INFRA = ROOT / "infra"
TEMPLATE = INFRA / "resources.yaml"
CHALICE = ROOT / ".chalice"
LOCAL_HOME = ROOT / ".local"  # the local AWS's state, logs and builds; `earshot up --fresh` empties it
EMULATOR = ROOT / ".emulator"
# Every list that pip installs from, with hashes; `make lock` makes each from the `.in` file beside it, in this order.
LOCKS = tuple(
    ROOT / f"{name}.txt"
    for name in (
        "requirements",
        "requirements-signing",
        "requirements-dev",
        "infra/emulator-requirements",
        "infra/layer/requirements",
        "train/requirements",
    )
)
