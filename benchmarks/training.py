"""How many tokens a second are trained: forward, backward, clipping and AdamW, in bf16."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.peers import TOKENIZER, TorchLayers, hugging_face_gpt2, ours_by_frames, ours_flat
from benchmarks.timing import table, take_turns

BATCH, SEQ, STEPS = 16, 256, 3


def run(rounds: int) -> str:
    """Train all rivals in turn on random notes."""
    torch.manual_seed(0)
    ids = torch.randint(4, TOKENIZER.vocab_size, (BATCH, SEQ + 1))
    frames = torch.randint(4, TOKENIZER.vocab_size, (BATCH, SEQ + 1, 4))
    phases = (torch.arange(SEQ) % 16).expand(BATCH, SEQ)[..., None]

    def by_tokens(model: nn.Module) -> Tensor:
        scores = model(ids[:, :-1])
        return loss(getattr(scores, "logits", scores), ids[:, 1:])

    def by_frames(model: nn.Module) -> Tensor:
        return loss(model(frames[:, :-1], phases, frames[:, 1:]), frames[:, 1:])

    rivals = {
        "musiclab, flat": trainer(ours_flat(), by_tokens, BATCH * SEQ),
        "musiclab, by frames (4 notes a position)": trainer(
            ours_by_frames(), by_frames, 4 * BATCH * SEQ
        ),
        "Hugging Face GPT-2": trainer(hugging_face_gpt2(), by_tokens, BATCH * SEQ),
        "torch.nn.TransformerEncoder": trainer(TorchLayers(), by_tokens, BATCH * SEQ),
    }
    title = f"Training, {BATCH} x {SEQ} positions, dropout 0.1, {torch.get_num_threads()} threads"
    return table(title, "notes a second", take_turns(rivals, rounds), "musiclab, flat")


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute the mean cross-entropy."""
    return F.cross_entropy(logits.float().flatten(0, -2), targets.flatten())


def trainer(
    model: nn.Module, forward: Callable[[nn.Module], Tensor], notes: int
) -> Callable[[], float]:
    """Return a call that takes a few steps and returns how many notes were trained on."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    model.train()

    def steps() -> float:
        for _ in range(STEPS):
            with torch.autocast("cpu", torch.bfloat16):
                value = forward(model)
            optimiser.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        return notes * STEPS

    return steps
