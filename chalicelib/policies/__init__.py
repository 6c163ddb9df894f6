"""The promises that Earshot ships with. `default.toml` explains itself; copy it, edit it, and apply the copy."""

from importlib.resources import files


def default_toml() -> str:
    """The text of `default.toml`."""
    return files(__name__).joinpath("default.toml").read_text(encoding="utf-8")
