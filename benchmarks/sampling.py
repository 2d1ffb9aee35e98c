"""How many notes a second are written, one piece at a time and sixteen at once."""

from collections.abc import Callable

import torch

from benchmarks.peers import TOKENIZER, TorchLayers, hugging_face_gpt2, ours_by_frames, ours_flat
from benchmarks.timing import table, take_turns
from musiclab.sampling.decoding import generate
from musiclab.tokens import GridTokenizer

FRAMES = 64  # 4 bars
NOTES = 4 * FRAMES


def run(rounds: int) -> str:
    """Let all rivals write in turn."""
    parts = []
    for batch in (1, 16):
        rivals = {
            "musiclab, flat, cached": ours(ours_flat(), batch),
            "musiclab, by frames, cached": ours(ours_by_frames(), batch),
            "Hugging Face GPT-2, cached generate": hugging_face(batch),
            "torch.nn.TransformerEncoder, no cache": torch_layers(batch),
        }
        threads = torch.get_num_threads()
        title = f"Sampling, {batch} at once, {FRAMES} frames, {threads} threads"
        speeds = take_turns(rivals, rounds)
        parts.append(table(title, "notes a second", speeds, "musiclab, by frames, cached"))
    return "\n\n".join(parts)


def ours(model: torch.nn.Module, batch: int, frames: int = FRAMES) -> Callable[[], float]:
    """Write with musiclab's own loop: grammar, temperature and all."""
    flat = not hasattr(model, "trunk")
    tokenizer = GridTokenizer(layout="notes") if flat else TOKENIZER
    conditions = None if flat else (torch.arange(frames) % 16)[:, None]
    model.eval()

    def write() -> float:
        chance = torch.Generator().manual_seed(0)
        told = {} if conditions is None else {"conditions": conditions}
        for _ in generate(model, tokenizer, frames=frames, generator=chance, batch=batch, **told):
            pass
        return 4 * frames * batch

    return write


def hugging_face(batch: int, notes: int = NOTES) -> Callable[[], float]:
    """Write with ``generate`` as its documentation shows it."""
    model = hugging_face_gpt2().eval()
    start = torch.full((batch, 1), TOKENIZER.start_id)

    def write() -> float:
        with torch.inference_mode():
            model.generate(
                start,
                attention_mask=torch.ones_like(start),
                do_sample=True,
                min_new_tokens=notes,
                max_new_tokens=notes,
                use_cache=True,
            )
        return notes * batch

    return write


def torch_layers(batch: int) -> Callable[[], float]:
    """Write by reading the whole row again for every note."""
    model = TorchLayers().eval()

    def write() -> float:
        ids = torch.full((batch, 1), TOKENIZER.start_id)
        with torch.inference_mode():
            for _ in range(NOTES):
                chances = model(ids)[:, -1].softmax(dim=-1)
                ids = torch.cat([ids, chances.multinomial(1)], dim=1)
        return NOTES * batch

    return write
