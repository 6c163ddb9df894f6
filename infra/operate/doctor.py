"""Look at a stage and say in words what is wrong."""

import json
import sys
from collections.abc import Iterable, Iterator

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.rollups import TableRollups
from chalicelib.config import APP, LOCAL, QUEUES
from chalicelib.ports.signs import Sign
from infra.deploy import gateway, queues, rollout, runtime, stacks
from infra.deploy.iam_policies import lambda_name
from infra.deploy.target import Target
from infra.operate import channels, subscriptions
from infra.operate.aws_errors import explain
from infra.operate.finding import Check, Finding, fail, ok, warn
from infra.paths import CHALICE
from infra.problem import Problem, next_command

HEADROOM = 10  # concurrent executions kept for api_handler and sla_watch


def examine(target: Target, checks: Iterable[Check] | None = None) -> Iterator[Finding]:
    """
    Every finding, in the order in which things are set up.

    A check that cannot be made is itself a finding; without an account no other can.
    """
    for check in CHECKS if checks is None else checks:
        try:
            yield from check(target)
        except (Problem, ClientError, BotoCoreError) as error:
            problem = error if isinstance(error, Problem) else explain(error)
            yield fail(f"{check.__name__.replace('_', ' ')} cannot be checked: {problem.message}", problem.next_step)
            if check is account:
                return


# --- the checks ------------------------------------------------------------------------------------------------------


def python(_target: Target) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if not runtime.is_supported():
        yield fail(f"Python {version} would become the functions' runtime", f"`make setup` with {runtime.in_words()}")
        return
    ends = f" ({runtime.ENDS[runtime.VERSION]})" if runtime.VERSION in runtime.ENDS else ""
    yield ok(f"Python {version}: a deployment from here makes the functions run on {runtime.NAME}{ends}")


def account(target: Target) -> Iterator[Finding]:
    identity = target.client("sts").get_caller_identity()
    where = target.endpoint or f"account {identity['Account']}, {target.region}"
    yield ok(f"AWS answers: {where} as {identity['Arn']}")


def resources_stack(target: Target) -> Iterator[Finding]:
    description = stacks.describe(target.client("cloudformation"), target.resources_stack)
    if description is None:
        yield fail("the resources stack does not exist", target.how_to_deploy)
        return
    status = description["StackStatus"]
    if status not in stacks.GOOD:
        yield fail(f"the resources stack is in state {status}", target.how_to_deploy)
    elif stacks.tags(description).get(stacks.HASH_TAG) != rollout.resources_stack(target.stage).fingerprint:
        yield warn("the resources stack was deployed from another infra/resources.yaml", target.how_to_deploy)
    else:
        yield ok("the resources stack is that of this checkout")


def functions(target: Target) -> Iterator[Finding]:
    deployed = dict(_runtimes(target))
    expected = expected_functions(target.stage)
    if missing := [name for name in expected if name not in deployed]:
        yield fail(f"missing functions: {', '.join(missing)}", target.how_to_deploy)
    elif others := sorted({deployed[name] for name in expected} - {runtime.NAME}):
        yield warn(
            f"functions run on {', '.join(others)}: the next deployment from here makes it {runtime.NAME}",
            f"{target.how_to_deploy}, or make .venv anew with that Python",
        )
    else:
        yield ok("every function is deployed")


def expected_functions(stage: str) -> list[str]:
    config = json.loads((CHALICE / "config.json").read_text())
    return [lambda_name(stage, name) for name in config["lambda_functions"]]


def _runtimes(target: Target) -> Iterator[tuple[str, str]]:
    """Each function's name and what it runs on."""
    for page in target.client("lambda").get_paginator("list_functions").paginate():
        yield from ((function["FunctionName"], function["Runtime"]) for function in page["Functions"])


def queue_mappings(target: Target) -> Iterator[Finding]:
    state = {mapping["queue"]: mapping["state"] for mapping in rollout.mappings(target)}
    silent = [name for name in QUEUES if state.get(target.settings.queue(name)) != "Enabled"]
    if silent:
        yield fail(f"no function reads from {', '.join(silent)}", f"{target.how_to_deploy}, or enable the mapping")
    else:
        yield ok("every queue has its reader")


def concurrency(target: Target) -> Iterator[Finding]:
    limits = target.client("lambda").get_account_settings()["AccountLimit"]
    limit = int(limits["ConcurrentExecutions"])
    used = [mapping["concurrency"] for mapping in rollout.mappings(target)]
    if None in used:
        yield fail("a worker has no maximum concurrency: a flood could starve the webhook", target.how_to_deploy)
    elif limit - sum(used) < HEADROOM:
        yield fail(
            f"workers may take {sum(used)} of the account's {limit} concurrent executions: the webhook and the sweep "
            f"need {HEADROOM}",
            "ask AWS for more (new accounts start with 10), or set EARSHOT_WORKER_CONCURRENCY in .chalice/config.json",
        )
    else:
        yield ok(f"workers take at most {sum(used)} of the account's {limit} concurrent executions")


def edge(target: Target) -> Iterator[Finding]:
    """What API Gateway and Lambda are told beside the functions themselves."""
    found = list(gateway.faults(target))
    for fault in found:
        yield warn(fault, target.how_to_deploy)
    if not found:
        lacking = "; the local AWS writes no access log and no traces" if target.endpoint else ", with an access log"
        yield ok(f"the API takes at most {gateway.RATE} requests a second{lacking}")


def budget(target: Target) -> Iterator[Finding]:
    if target.endpoint:
        yield ok("no budget is kept on the local AWS: nothing costs anything")
        return
    budgets, account = target.client("budgets"), target.client("sts").get_caller_identity()["Account"]
    try:
        found = budgets.describe_budget(AccountId=account, BudgetName=f"{APP}-{target.stage}")["Budget"]
    except budgets.exceptions.NotFoundException:
        yield warn("nobody hears what the account costs", f"{target.how_to_deploy[:-1]} --budget 50`")
        return
    limit, spent = found["BudgetLimit"]["Amount"], found.get("CalculatedSpend", {}).get("ActualSpend", {}).get("Amount")
    yield ok(
        f"operators hear when the account costs more than 80 % of {limit} USD a month; so far {spent or 'unknown'}"
    )


def secrets(target: Target) -> Iterator[Finding]:
    held = {(one.channel, one.kind): one.names for one in channels.held(target)}
    names = sorted({channel for channel, _ in held})
    if not names:
        yield warn("no channel is set up", next_command("secrets set x.main secrets --use verify", target.stage))
    for channel in names:
        yield from _channel(target, channel, held)


def _channel(target: Target, channel: str, held: dict[tuple[str, str], tuple[str, ...]]) -> Iterator[Finding]:
    platform = channels.platform_of(channel)
    gaps = [(use, channels.missing(platform, use, held.get((channel, use), ()))) for use in channels.USES]
    for use, missing in gaps:
        account = " --account ID" if use == "send" else ""
        step = next_command(f"secrets set {channel} {' '.join(missing)} --use {use}{account}", target.stage)
        if missing and use == "verify":
            yield fail(f"{channel} cannot verify webhooks: {', '.join(missing)} not set", step)
        elif missing:
            yield warn(f"{channel} cannot answer: {', '.join(missing)} not set", step)
    if (channel, "channels") not in held:
        yield warn(
            f"{channel} does not know its accounts", next_command(f"channels set {channel} --account ID", target.stage)
        )
    elif not any(missing for _, missing in gaps):
        yield ok(f"{channel} has its secrets and accounts")


def platforms(target: Target) -> Iterator[Finding]:
    """What each platform itself says of its channels: token, permissions, subscriptions."""
    from infra.operate import platform_setup

    for channel in sorted({one.channel for one in channels.held(target)}):
        yield from platform_setup.health(target, channel)


def alerts(target: Target) -> Iterator[Finding]:
    """Every group that a ladder calls has somebody who hears its pages, by the filters as they are."""
    silent = subscriptions.unheard_groups(target)
    for one in silent:
        yield _deaf(target, subscriptions.in_words(one), one.group)
    if not silent:
        yield ok("every group of the ladders has a subscription that hears its pages")
    yield from _subscriptions(target, subscriptions.alerts_topic(target))


def assignees(target: Target) -> Iterator[Finding]:
    """The team hears every warning anyhow; whoever has the case should hear it too."""
    silent = subscriptions.without_address(target)
    for name in silent:
        text = f"{name} has open cases and is not told when a promise in them breaks soon; only the team is"
        yield warn(text, subscriptions.how_to_reach(target.stage, name))
    if not silent:
        yield ok("everybody who has an open case is told before a promise in it breaks")


def operations(target: Target) -> Iterator[Finding]:
    topic = subscriptions.operations_topic(target)
    if any(one.hears({}) for one in subscriptions.subscribed(target, topic)):
        yield ok("alarms about Earshot itself are heard")
    else:
        yield _deaf(target, "nobody hears alarms about Earshot itself", subscriptions.OPERATIONS)
    yield from _subscriptions(target, topic)


def _deaf(target: Target, text: str, group: str) -> Finding:
    step = subscriptions.how_to_subscribe(target.stage, group)
    return warn(text, step) if target.stage == LOCAL else fail(text, step)


def _subscriptions(target: Target, topic: str) -> Iterator[Finding]:
    for one in subscriptions.subscribed(target, topic):
        for fault in subscriptions.faults(one):
            yield warn(f"{subscriptions.name_of(one)}: {fault}", "docs/deploying.md, section 'Who is told'")


def dead_letters(target: Target) -> Iterator[Finding]:
    urls, sqs = target.resources().queues, target.client("sqs")
    waiting = {name: queues.depth(sqs, urls[f"{name}-dead"]) for name in QUEUES}
    for name, count in waiting.items():
        if count:
            yield warn(
                f"{count} dead letters of {name}",
                f"read them, then `earshot replay --queue {name} --stage {target.stage}`",
            )
    pages = queues.depth(sqs, _url(urls["inbound-dead"], target.settings.queue("pages-dead")))
    if pages:
        yield warn(f"{pages} pages that a subscriber did not take", "docs/runbook.md, section 'pages-dead-letters'")
    if not pages and not any(waiting.values()):
        yield ok("no dead letters")


def _url(other: str, name: str) -> str:
    """The URL of a queue, by that of another one of the same account and region."""
    return f"{other.rpartition('/')[0]}/{name}"


def quarantine(target: Target) -> Iterator[Finding]:
    from infra.operate import records

    count = len(records.quarantine(target).waiting())
    if count:
        yield warn(
            f"{count} requests that could not be read wait in quarantine",
            f"mend the connector, then `earshot replay --quarantine --stage {target.stage}`",
        )
    else:
        yield ok("quarantine is empty")


def signs(target: Target) -> Iterator[Finding]:
    """Whether a channel says what contradicts another; that the platform tested a channel is no fault."""
    from infra.operate import records

    disbelieved = [one for one in records.signs(target).left() if one.sign is Sign.DISBELIEVED]
    for one in disbelieved:
        yield warn(f"{one.channel}: {channels.in_words(one)}", channels.DISBELIEVED_STEP)
    if not disbelieved:
        yield ok("no channel says what contradicts what is known")


def promises(target: Target) -> Iterator[Finding]:
    from datetime import UTC, datetime

    from infra.operate import records
    from infra.operate.policy import health, stage

    yield from health.findings(stage.on_table(records.table(target)), target.stage, datetime.now(UTC))


def sweep(target: Target) -> Iterator[Finding]:
    lacking = {
        "sla_watch": "nobody watches the promises",
        "incident_watch": "nobody watches for incidents",
        "listen": "nobody asks platforms for what they do not tell",
    }
    for name, what in lacking.items():
        if _is_scheduled(target, name):
            yield ok(f"{name} runs every minute")
        else:
            yield fail(f"{what}: the rule of {name} is off or missing", target.how_to_deploy)


def roll_ups(target: Target) -> Iterator[Finding]:
    if not _is_scheduled(target, "report"):
        yield warn("nobody rolls days up: the rule of report is off or missing", target.how_to_deploy)
        return
    from infra.operate import records

    done = TableRollups(records.table(target)).done()
    if done:
        yield ok(f"report runs every hour; days are rolled up to {min(done.values())}")
    else:
        yield ok("report runs every hour; no day has been rolled up yet")


def _is_scheduled(target: Target, function: str) -> bool:
    events, name = target.client("events"), f"{APP}-{target.stage}-{function}"
    arn = target.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    rules = events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]
    return any(events.describe_rule(Name=rule)["State"] == "ENABLED" for rule in rules)


def engine(target: Target) -> Iterator[Finding]:
    """Whether the engine that is set answers us, and whether the functions may ask it."""
    from infra.operate import engine as engines

    settings = engines.read(target)
    if not settings.is_outside:
        yield ok(f"labels are refined by: {settings.choice}")
        return
    name = settings.choice.value
    error = engines.reached(target, settings)
    if error:
        step = f"`earshot engine try TEXT --stage {target.stage}`; docs/engines.md, section 'When it does not answer'"
        yield fail(f"{name} does not label texts: {type(error).__name__}, {error}", step)
    else:
        yield ok(f"{name} answers")
    lacking = engines.missing_rights(target, settings)
    if lacking:
        yield fail(f"the functions may not ask {name}: {', '.join(lacking)}", target.how_to_deploy)


CHECKS: tuple[Check, ...] = (
    python,
    account,
    resources_stack,
    functions,
    queue_mappings,
    concurrency,
    edge,
    budget,
    sweep,
    roll_ups,
    promises,
    secrets,
    platforms,
    alerts,
    assignees,
    operations,
    dead_letters,
    quarantine,
    signs,
    engine,
)
