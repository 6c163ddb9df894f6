"""One file a command; see `infra.cli.main`."""
