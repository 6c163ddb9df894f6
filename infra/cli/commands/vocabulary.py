"""Say by which words people call your places and products, so that complaints about each are found."""

from collections import Counter
from pathlib import Path

import click

from chalicelib.documents.vocabulary import read_toml
from chalicelib.domain.vocabulary import Vocabulary
from chalicelib.ports.documents import DocumentKind
from infra.cli.options import stage_option, user_name
from infra.cli.policy_group import file_argument
from infra.operate import documents


def _words(vocabulary: Vocabulary) -> list[str]:
    kinds = Counter(named.topic.kind.value for named in vocabulary.names)
    phrases = len(list(vocabulary.phrases))
    return [f"{kinds['place']} places and {kinds['product']} products, called by {phrases} names and words"]


FORM = documents.Form(
    kind=DocumentKind.VOCABULARY,
    command="earshot vocabulary",
    read=read_toml,
    words=_words,
    empty="There is no vocabulary yet: no place and no product is told from others.",
)


@click.group()
def command() -> None:
    """Places and products by the words that people use. docs/incidents.md shows the form of the file."""


@command.command()
@file_argument
def check(file: Path) -> None:
    """Read a vocabulary FILE and name every mistake with its line. Needs no AWS."""
    documents.check(FORM, file)


@command.command()
@stage_option()
@click.option("--toml", is_flag=True, help="The document itself, to edit and apply.")
def show(stage: str, toml: bool) -> None:
    """The vocabulary in force."""
    from infra.operate import records

    documents.show(FORM, records.documents(stage), stage, toml=toml)


@command.command()
@file_argument
@stage_option()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--by", callback=user_name, help="Who applies it. Your login unless given.")
def apply(file: Path, stage: str, yes: bool, by: str) -> None:
    """Bring FILE into force: mentions are compared with it from then on."""
    from infra.operate import records

    documents.apply(FORM, file, records.documents(stage), stage, by=by, yes=yes)
