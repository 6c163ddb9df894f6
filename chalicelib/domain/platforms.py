"""What people call the platforms: in alerts, on pages and in what commands print."""

from collections.abc import Mapping
from typing import Final

_NAMES: Final[Mapping[str, str]] = {
    "facebook": "Facebook",
    "google_business": "Google",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "whatsapp": "WhatsApp",
    "x": "X",
    "youtube": "YouTube",
}


def name_of(platform: str) -> str:
    """Such as "WhatsApp" for "whatsapp"; for one that nobody has named here, its id in words."""
    return _NAMES.get(platform) or platform.replace("_", " ").title() or "Unknown"
