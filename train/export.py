"""From trained weights to the file that ships: 8 bits a weight, a scale a row, and no head that nobody asks."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from train.network import Encoder

LEFT_OUT: Final = ("heads.irony.",)
PLAIN: Final = ("bias", "norm.weight")


def export(model: Encoder, file: Path) -> None:
    """Write what `chalicelib.classify.encoder.network` reads."""
    arrays: dict[str, Any] = {}
    for name, value in model.state_dict().items():
        if name.startswith(LEFT_OUT):
            continue
        if name.endswith(PLAIN):
            arrays[name] = value.numpy().astype(np.float32)
        else:
            arrays[name], arrays[f"{name}.scale"] = quantised(value)
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, **arrays)


def quantised(weight: Tensor) -> tuple[Any, Any]:
    """Whole numbers from -127 to 127 and what to multiply each row with."""
    scale = weight.abs().amax(dim=1).clamp(min=1e-8) / 127
    whole = torch.round(weight / scale[:, None]).to(torch.int8)
    return whole.numpy(), scale.numpy().astype(np.float32)
