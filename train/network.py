"""The encoder in torch, as it is trained. `chalicelib/classify/encoder/network.py` is the same in numpy."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from train.corpus import HEADS

WIDTH, LAYERS, ATTENTION_HEADS, INNER = 384, 6, 12, 1536
EPSILON = 1e-12
DROPOUT = 0.1


class Layer(nn.Module):
    """One of BERT's: attention and a wider inner layer, each with what it was given added and normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.Linear(WIDTH, 3 * WIDTH)  # queries, keys and values
        self.mixed = nn.Linear(WIDTH, WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.outer_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, _ = x.shape
        split = self.attention(x).view(batch, length, 3, ATTENTION_HEADS, WIDTH // ATTENTION_HEADS)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        rate = DROPOUT if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=rate)
        mixed = mixed.transpose(1, 2).reshape(batch, length, WIDTH)
        x = self.attention_norm(x + self.dropout(self.mixed(mixed)))
        inner = functional.gelu(self.inner(x), approximate="tanh")  # numpy has no erf
        return self.outer_norm(x + self.dropout(self.outer(inner)))


class Encoder(nn.Module):
    """All heads on one encoder. A head is linear on the mean of the pieces, so each piece's share of it is exact."""

    def __init__(self, words: int, positions: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH)
        self.positions = nn.Embedding(positions, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.dropout = nn.Dropout(DROPOUT)
        self.heads = nn.ModuleDict({name: nn.Linear(WIDTH, len(classes)) for name, classes in HEADS.items()})

    def forward(self, ids: Tensor, real: Tensor) -> dict[str, Tensor]:
        """`real` is 1 for pieces and 0 for what fills a row up."""
        x = self.words(ids) + self.positions.weight[: ids.shape[1]]
        x = self.dropout(self.norm(x))
        mask = real[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, mask)
        pooled = (x * real[..., None]).sum(1) / real.sum(1, keepdim=True)
        pooled = self.dropout(pooled)
        return {name: head(pooled) for name, head in self.heads.items()}


def pretrained(folder: Path, positions: int) -> Encoder:
    """all-MiniLM-L6-v2 with fresh heads. The only segment is added to the words, for there is no other."""
    raw = load_file(folder / "model.safetensors")
    words = raw["embeddings.word_embeddings.weight"] + raw["embeddings.token_type_embeddings.weight"][0]
    model = Encoder(len(words), positions)
    state: dict[str, Tensor] = {
        "words.weight": words,
        "positions.weight": raw["embeddings.position_embeddings.weight"][:positions],
        "norm.weight": raw["embeddings.LayerNorm.weight"],
        "norm.bias": raw["embeddings.LayerNorm.bias"],
    }
    for number in range(LAYERS):
        state |= _layer(raw, number)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or any(not name.startswith("heads.") for name in missing):
        raise ValueError(f"these are not the weights of MiniLM-L6: {missing} {unexpected}")
    return model


def _layer(raw: Mapping[str, Tensor], number: int) -> dict[str, Tensor]:
    theirs, ours = f"encoder.layer.{number}.", f"layers.{number}."
    state = {}
    for kind in ("weight", "bias"):
        parts = [raw[f"{theirs}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
        state[f"{ours}attention.{kind}"] = torch.cat(parts)
        state[f"{ours}mixed.{kind}"] = raw[f"{theirs}attention.output.dense.{kind}"]
        state[f"{ours}attention_norm.{kind}"] = raw[f"{theirs}attention.output.LayerNorm.{kind}"]
        state[f"{ours}inner.{kind}"] = raw[f"{theirs}intermediate.dense.{kind}"]
        state[f"{ours}outer.{kind}"] = raw[f"{theirs}output.dense.{kind}"]
        state[f"{ours}outer_norm.{kind}"] = raw[f"{theirs}output.LayerNorm.{kind}"]
    return state
