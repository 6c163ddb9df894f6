"""The whole stack on this machine."""

from collections.abc import Callable

from chalicelib.config import LOCAL
from infra.deploy import rollout
from infra.deploy.target import Target
from infra.emulator import ministack
from infra.emulator.ministack import Options, Stopped
from infra.local import probe, standins
from infra.paths import LOCAL_HOME


def up(options: Options | None = None, *, fresh: bool = False, say: Callable[[str], None] = print) -> Target:
    """
    Start or refresh the local stage; running it again is safe and quick.

    `fresh` forgets what it knew first. Raises Problem.
    """
    options = options or Options()
    with ministack.alone(options.home, say):
        if fresh:
            ministack.stop(options.home, say)
            ministack.wipe(options.home)
        running = ministack.start(options, say)
        say(f"Local AWS: {running.endpoint}")
        target = Target(stage=LOCAL, endpoint=running.endpoint)
        rollout.deploy_resources(target, say=say)
        rollout.deploy_functions_stack(target, say=say)
        rollout.check(target, say=say)
        standins.connect(target, standins.start(options.home))
        say(f"Probe: {probe.probe(target)}")
        return target


def down(say: Callable[[str], None] = print) -> Stopped:
    """Stop it and keep its state, if it can be kept."""
    return ministack.stop(LOCAL_HOME, say)
