"""How many notes a second are trained: forward, backward, clipping and AdamW, in bf16."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks import peers
from benchmarks.timing import table, take_turns
from musiclab.model.attention import fused_attention

BATCH, SEQ, STEPS = 16, 256, 3
OURS, BY_FRAMES = "musiclab, flat", "musiclab, by frames (4 notes a position)"


def run(rounds: int) -> str:
    """Train all rivals in turn on random notes."""
    title = f"Training, {setting()}, bf16, dropout {peers.SIZES['dropout']}"
    return table(title, "notes a second", take_turns(rivals(), rounds), OURS)


def rivals() -> dict[str, Callable[[], float]]:
    """Build all models, and for each a call that trains it."""
    ids = some_notes()
    frames = some_notes(4)
    phases = (torch.arange(SEQ) % 16).expand(BATCH, SEQ)[..., None]

    def by_frames(model: nn.Module) -> Tensor:
        return loss(model(frames[:, :-1], phases, frames[:, 1:]), frames[:, 1:])

    inside = peers.SIZES["dropout"]
    built = {
        "Hugging Face GPT-2, dropout in attention too": peers.hugging_face_gpt2(inside),
        "Hugging Face GPT-2, at its best without": peers.hugging_face_gpt2(),
        "x-transformers, dropout in attention too": peers.x_transformers(inside),
        "x-transformers, at its best without": peers.x_transformers(),
        "plain GPT as nanoGPT is": peers.plain_gpt(),
        "plain GPT, no dropout in attention": peers.plain_gpt(0.0),
        "torch.nn.TransformerEncoder": peers.TorchLayers(),
    }
    theirs = {name: trainer(model, next_note(ids)) for name, model in built.items()}
    ours = {
        OURS: trainer(peers.ours_flat(), next_note(ids)),
        BY_FRAMES: trainer(peers.ours_by_frames(), by_frames, notes=4 * BATCH * SEQ),
    }
    return ours | theirs


def setting() -> str:
    """Say what is trained on how many cores."""
    threads = torch.get_num_threads()
    return f"{BATCH} x {SEQ} positions, {threads} thread{'s' * (threads > 1)}"


def some_notes(*voices: int) -> Tensor:
    """Draw random notes, always the same: speed asks for no music."""
    chance = torch.Generator().manual_seed(0)
    shape = (BATCH, SEQ + 1, *voices)
    return torch.randint(4, peers.TOKENIZER.vocab_size, shape, generator=chance)


def next_note(ids: Tensor) -> Callable[[nn.Module], Tensor]:
    """Return the loss of any model over single notes."""

    def forward(model: nn.Module) -> Tensor:
        # Without this, Hugging Face would also fill a cache that nobody reads.
        told = {"use_cache": False} if hasattr(model, "generation_config") else {}
        scores = model(ids[:, :-1], **told)
        return loss(getattr(scores, "logits", scores), ids[:, 1:])

    return forward


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute the mean cross-entropy."""
    return F.cross_entropy(logits.float().flatten(0, -2), targets.flatten())


def trainer(
    model: nn.Module,
    forward: Callable[[nn.Module], Tensor],
    *,
    notes: int | None = None,
    precision: str = "bf16",
    clips: bool = True,
    moves: bool = True,
) -> Callable[[], float]:
    """Return a call that takes a few steps and returns how many notes were trained on.

    Args:
        model: Any.
        forward: Computes its loss.
        notes: In one batch; None for one a position.
        precision: "bf16" (autocast) or "fp32".
        clips: Shorten the gradient if it is long, as all training here does.
        moves: Let AdamW change the weights.
    """
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    model.train()

    def steps() -> float:
        with fused_attention(model):  # as the training loop does
            for _ in range(STEPS):
                with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                    value = forward(model)
                optimiser.zero_grad()
                value.backward()
                if clips:
                    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                if moves:
                    optimiser.step()
        return (notes or BATCH * SEQ) * STEPS

    return steps
