"""Say who is paged, see who hears what, send a test."""

import re
from typing import TYPE_CHECKING

import click

from chalicelib.domain.watch import PageKind
from infra.cli.options import stage_option
from infra.problem import Problem

if TYPE_CHECKING:
    from infra.deploy.target import Target
    from infra.operate.subscriptions import Endpoint

_KINDS = [kind.value for kind in PageKind]
_HTTP = ("http", "https")


def _kinds(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    kinds = tuple(kind.strip() for kind in (value or "").split(",") if kind.strip())
    if unknown := [kind for kind in kinds if kind not in _KINDS]:
        raise click.BadParameter(f"no kind {', '.join(unknown)}; there are {', '.join(_KINDS)}")
    return kinds


@click.group()
def command() -> None:
    """Who hears pages. A group is what a ladder calls, such as on-call; "operations" is for troubles of Earshot."""


@command.command()
@click.option("--group", "groups", multiple=True, help="Hear this group. May be repeated.")
@click.option("--agent", metavar="USER", help="Hear the warnings about cases that this user has.")
@click.option("--sms", multiple=True, metavar="NUMBER", help="A phone, such as +15550100.")
@click.option("--mail", multiple=True, metavar="ADDRESS", help="A mail address.")
@click.option("--https", multiple=True, metavar="URL", help="A web hook; on the local stage also http://.")
@click.option("--queue", multiple=True, metavar="ARN", help="An SQS queue, which must let SNS send.")
@click.option("--lambda", "function", multiple=True, metavar="ARN", help="A function, which must let SNS invoke it.")
@click.option(
    "--kind", "kinds", callback=_kinds, help="Only these, with commas: warning, breach, notice. All if unset."
)
@stage_option()
def subscribe(
    groups: tuple[str, ...],
    agent: str | None,
    sms: tuple[str, ...],
    mail: tuple[str, ...],
    https: tuple[str, ...],
    queue: tuple[str, ...],
    function: tuple[str, ...],
    kinds: tuple[str, ...],
    stage: str,
) -> None:
    """
    Let phones, mail addresses and machines hear these groups, and only these, or what concerns one user's cases.

    Who is subscribed already hears what is named now instead. What a subscriber does not take goes to the queue
    earshot-<stage>-pages-dead. Mail addresses confirm: see `earshot pages confirm`.
    """
    from infra.deploy import target
    from infra.operate import subscriptions

    by_protocol = {"sms": sms, "email": mail, "https": https, "sqs": queue, "lambda": function}
    endpoints = [_endpoint(protocol, address) for protocol, given in by_protocol.items() for address in given]
    if not groups and not agent:
        raise click.UsageError("name at least one of --group and --agent")
    if not endpoints:
        raise click.UsageError("name at least one of --sms, --mail, --https, --queue and --lambda")
    where = target.for_stage(stage)
    for endpoint in endpoints:
        for sentence in subscriptions.subscribe(where, endpoint, groups, kinds, agent):
            click.echo(sentence)
    if mail:
        click.echo(
            "Do not follow the link in the mail: whoever gets a page could end the subscription. Copy it, and\n"
            f"`earshot pages confirm LINK --stage {stage}`"
        )


def _endpoint(protocol: str, address: str) -> "Endpoint":
    from infra.operate.subscriptions import Endpoint

    if protocol in _HTTP and address.startswith("http://"):
        protocol = "http"
    return Endpoint(protocol=protocol, address=address)


@command.command()
@click.argument("token", metavar="TOKEN-OR-LINK")
@stage_option()
def confirm(token: str, stage: str) -> None:
    """
    Confirm a mail subscription so that only this account can end it.

    Confirmed by its link alone, anybody who gets a mail can end it, and mail scanners that follow links do.
    """
    from infra.deploy import target
    from infra.operate import subscriptions

    click.echo(f"Confirmed: {subscriptions.confirm(target.for_stage(stage), token)}")


@command.command("list")
@stage_option()
def list_(stage: str) -> None:
    """Who hears what, what may go wrong with it, and whom nobody hears. Ends with 1 when a group is not heard."""
    from infra.deploy import target
    from infra.operate import subscriptions

    where = target.for_stage(stage)
    _show("Pages", where, subscriptions.alerts_topic(where))
    _show("Operations", where, subscriptions.operations_topic(where))
    silent = subscriptions.unheard_groups(where)
    for one in silent:
        click.echo(f"{click.style('FAIL', fg='red')} {subscriptions.in_words(one)}")
    if silent:
        raise Problem("Pages go to nobody.", subscriptions.how_to_subscribe(where.stage, silent[0].group))


def _show(title: str, where: "Target", topic: str) -> None:
    from infra.operate import subscriptions

    click.echo(f"{title}:")
    known = subscriptions.subscribed(where, topic)
    for one in known:
        click.echo(f"  {subscriptions.name_of(one)}: {subscriptions.hears(one)}")
        for fault in subscriptions.faults(one):
            click.echo(f"      {fault}")
    if not known:
        click.echo("  nobody")


@command.command()
@click.option("--group", required=True, help="Whom to page, such as on-call.")
@click.option("--kind", type=click.Choice(_KINDS), default="breach", show_default=True, help="As what kind of page.")
@click.option("--channel", help="As if about this channel; the first one if unset.")
@click.option("--agent", metavar="USER", help="As if this user had the case.")
@stage_option()
def test(group: str, kind: str, channel: str | None, agent: str | None, stage: str) -> None:
    """Send a page that says it is a test. Ends with 1 when nobody hears it."""
    from infra.deploy import target
    from infra.operate import subscriptions

    where = target.for_stage(stage)
    heard = subscriptions.send_test(where, group, PageKind(kind), channel, agent)
    if not heard:
        raise Problem(f"Sent, and nobody hears {group}.", subscriptions.how_to_subscribe(where.stage, group))
    for one in heard:
        click.echo(f"Sent to {subscriptions.name_of(one)}.")


@command.group()
def forward() -> None:
    """Pages on to PagerDuty and to chat (Amazon Q Developer)."""


@forward.command("set")
@click.option("--group", "groups", multiple=True, help="Forward pages for this group. May be repeated.")
@click.option("--pagerduty/--no-pagerduty", default=None, help="Open incidents; asks for the integration's key.")
@click.option("--chat/--no-chat", default=None, help="Tell the topic earshot-<stage>-chat, warnings too.")
@stage_option()
def set_(groups: tuple[str, ...], pagerduty: bool | None, chat: bool | None, stage: str) -> None:
    """Say what is forwarded and where to. What is not named stays as it is."""
    from infra.deploy import target
    from infra.operate import forwarding

    if not groups and pagerduty is None and chat is None:
        raise click.UsageError("name at least one of --group, --pagerduty and --chat")
    changes: dict[str, str | bool | None] = {} if chat is None else {forwarding.CHAT: chat}
    if pagerduty is not None:
        changes[forwarding.KEY] = _routing_key() if pagerduty else None
    for sentence in forwarding.change(target.for_stage(stage), changes, groups):
        click.echo(sentence)


def _routing_key() -> str:
    key: str = click.prompt("Integration key (Events API v2)", hide_input=True, err=True).strip()
    if not re.fullmatch(r"[A-Za-z0-9]{32}", key):
        raise click.UsageError("an integration key has 32 letters and digits")
    return key


@forward.command()
@stage_option()
def show(stage: str) -> None:
    """What is forwarded and where to; never the key."""
    from infra.deploy import target
    from infra.operate import forwarding, subscriptions

    where = target.for_stage(stage)
    held, heard = forwarding.read(where), forwarding.subscription(where)
    click.echo(f"PagerDuty: {'yes' if held.get(forwarding.KEY) else 'no'}")
    click.echo(f"Chat: {forwarding.chat_topic(where) if held.get(forwarding.CHAT) else 'no'}")
    click.echo(f"Hears: {subscriptions.hears(heard) if heard else 'nothing'}")
