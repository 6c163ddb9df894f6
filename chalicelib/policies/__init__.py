"""What Earshot ships with: promises, and what makes a case urgent. Both documents explain themselves."""

from importlib.resources import files


def default_toml() -> str:
    """The text of `default.toml`: the promises."""
    return _text("default.toml")


def priority_toml() -> str:
    """The text of `priority.toml`: who is answered first."""
    return _text("priority.toml")


def _text(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
