"""The whole stack on this machine."""

from collections.abc import Callable

from chalicelib.config import LOCAL
from infra import deploy, emulator, probe
from infra.emulator import Options, Stopped
from infra.paths import LOCAL_HOME
from infra.standins import local as standins
from infra.target import Target


def up(options: Options | None = None, *, fresh: bool = False, say: Callable[[str], None] = print) -> Target:
    """
    Start or refresh the local stage; running it again is safe and quick.

    `fresh` forgets what it knew first. Raises Problem.
    """
    options = options or Options()
    with emulator.alone(options.home, say):
        if fresh:
            emulator.stop(options.home, say)
            emulator.wipe(options.home)
        running = emulator.start(options, say)
        say(f"Local AWS: {running.endpoint}")
        target = Target(stage=LOCAL, endpoint=running.endpoint)
        deploy.deploy_resources(target, say=say)
        deploy.deploy_functions_stack(target, say=say)
        deploy.check(target, say=say)
        standins.connect(target, standins.start(options.home))
        say(f"Probe: {probe.probe(target)}")
        return target


def down(say: Callable[[str], None] = print) -> Stopped:
    """Stop it and keep its state, if it can be kept."""
    return emulator.stop(LOCAL_HOME, say)
