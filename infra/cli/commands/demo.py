"""Play a bad morning at an airline on this machine, no AWS account needed."""

import click


@click.command()
@click.option("--once", is_flag=True, help="End after the summary; with 1 if any number is not the expected one.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    help="Simulated minutes a second; 0 is as fast as it goes. 3 unless you say otherwise, 0 with --once.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port of its local AWS; any unless you say.")
@click.option("--keep", is_flag=True, help="Leave the log of its local AWS below .local/demo.")
def command(once: bool, speed: float | None, port: int, keep: bool) -> None:
    """
    Play a morning of webhooks, late answers and pages through the real stack, then say what came of it.

    It has a local AWS of its own and never touches that of `earshot up`.
    """
    from infra.demo.show import Wishes, show

    chosen = speed if speed is not None else (0.0 if once else 3.0)
    show(Wishes(once=once, speed=chosen, port=port, keep=keep))
