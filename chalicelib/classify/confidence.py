"""How sure a rule may be of itself."""

import math
from typing import Final

_NEVER_SURER: Final = 0.95


def confidence(strength: float) -> float:
    """0.5 for no evidence at all (0), about 0.8 for one good sign (1), never above 0.95."""
    return round(min(1 - 0.5 * math.exp(-0.9 * max(strength, 0.0)), _NEVER_SURER), 3)
