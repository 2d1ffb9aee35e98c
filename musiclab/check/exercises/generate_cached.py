"""generate-cached: write with a KV cache, and get the same tokens as without."""

import torch

from musiclab.check.exercise import Exercise, normal
from musiclab.model.config import TransformerConfig
from musiclab.model.transformer import Transformer


class Counted(Transformer):
    """A small Transformer that counts the tokens that it has read."""

    read = 0

    def forward(self, ids, cache=None):
        """Read tokens as every Transformer does."""
        self.read += ids.shape[1]
        return super().forward(ids, cache)


def probes(rng):
    """Yield a model with random weights, a prompt, and how many tokens to write."""
    sizes = {"vocab_size": 13, "max_seq": 64, "d_model": 12, "n_heads": 2, "n_layers": 1}
    for batch, seq, n_new in ((1, 3, 4), (3, 5, 9), (2, 1, 12)):
        model = Counted(TransformerConfig(**sizes, dropout=0.0))
        with torch.no_grad():
            for weight in model.parameters():
                weight.copy_(normal(rng, *weight.shape))
            for block in model.stack.blocks:  # the past must matter more than the newest token
                block.attention.to_out.weight.mul_(4)
                block.feed_forward_norm.weight.mul_(0.5)
        prompt = torch.from_numpy(rng.integers(13, size=(batch, seq)))
        yield model.eval(), prompt, n_new


def use(answer, model, prompt, n_new):
    with torch.no_grad():
        ids = answer(model, prompt, n_new)
    if ids is None:
        return None
    # The newest token need not be read, but it does no harm.
    return {"ids": ids, "each token read once": model.read <= prompt.shape[1] + n_new}


def solution(model, prompt, n_new):
    cache = model.new_cache(batch=len(prompt), max_seq=prompt.shape[1] + n_new)
    ids, unread = prompt, prompt  # batch seq
    for _ in range(n_new):
        logits = model(unread, cache)[:, -1:]  # batch 1 vocab
        unread = logits.argmax(dim=-1)
        ids = torch.cat([ids, unread], dim=1)
    return ids


def grown(model, prompt, n_new, *, first=lambda prompt: prompt, room=None, unread=None):
    """Write like the solution, but for what is asked for."""
    cache = model.new_cache(len(prompt), room)
    ids, new = prompt, first(prompt)
    for _ in range(n_new):
        newest = model(new, cache)[:, -1:].argmax(dim=-1)
        ids = torch.cat([ids, newest], dim=1)
        new = unread(ids) if unread else newest
    return ids


def reference(model, prompt, n_new):
    return grown(model, prompt, n_new)


def without_cache(model, prompt, n_new):
    """Your tokens are right, but each is read again at every step: there is no cache at work.

    Give the cache to the model, and with it only what the model has not read yet.
    """
    ids = prompt
    for _ in range(n_new):
        ids = torch.cat([ids, model(ids)[:, -1:].argmax(dim=-1)], dim=1)
    return ids


def all_fed_again(model, prompt, n_new):
    """You feed all tokens again at every step, and the cache keeps them all: the past is doubled.

    The cache knows what it has read. Which tokens are new to it?
    """
    return grown(model, prompt, n_new, unread=lambda ids: ids)


def new_cache_each_step(model, prompt, n_new):
    """After the prompt the model forgets: each token is read alone, at position 0.

    Is a new cache made inside the loop, or is the cache missing in one of your calls?
    """
    ids, unread = prompt, prompt
    for _ in range(n_new):
        unread = model(unread)[:, -1:].argmax(dim=-1)
        ids = torch.cat([ids, unread], dim=1)
    return ids


def prompt_read_without_the_cache(model, prompt, n_new):
    """The prompt never reaches the cache: the first new token is right, then the past is gone.

    The call that reads the prompt needs the cache as well.
    """
    cache = model.new_cache(len(prompt))
    unread = model(prompt)[:, -1:].argmax(dim=-1)
    ids = torch.cat([prompt, unread], dim=1)
    for _ in range(n_new - 1):
        unread = model(unread, cache)[:, -1:].argmax(dim=-1)
        ids = torch.cat([ids, unread], dim=1)
    return ids


def only_the_last_of_the_prompt(model, prompt, n_new):
    """The model reads only the last token of the prompt, and never hears what came before it.

    At the first step the whole prompt is new to the cache.
    """
    return grown(model, prompt, n_new, first=lambda prompt: prompt[:, -1:])


def last_of_the_prompt_unread(model, prompt, n_new):
    """The last token of the prompt is never read: the model answers the one before it.

    What the model has not read yet, at the first step, is the whole prompt.
    """
    if prompt.shape[1] == 1:
        return reference(model, prompt, n_new)
    return grown(model, prompt, n_new, first=lambda prompt: prompt[:, :-1])


def prompt_read_twice(model, prompt, n_new):
    """The prompt goes into the cache twice: once before the loop, and once more inside it.

    After a first call the cache has read the prompt. What is unread then?
    """
    cache, ids, unread = model.new_cache(len(prompt)), prompt, prompt
    model(prompt, cache)
    for _ in range(n_new):
        unread = model(unread, cache)[:, -1:].argmax(dim=-1)
        ids = torch.cat([ids, unread], dim=1)
    return ids


def last_of_the_prompt_read_twice(model, prompt, n_new):
    """The last token of the prompt goes into the cache twice: with the prompt, and once more.

    The call that reads the prompt tells you already what follows it. Do you throw that away?
    """
    cache, ids, unread = model.new_cache(len(prompt)), prompt, prompt[:, -1:]
    model(prompt, cache)
    for _ in range(n_new):
        unread = model(unread, cache)[:, -1:].argmax(dim=-1)
        ids = torch.cat([ids, unread], dim=1)
    return ids


def newest_read_twice(model, prompt, n_new):
    """Each new token goes into the cache twice: two tokens are fed at a step, and one is old.

    Only the newest token is unread. Look at the slice that you feed.
    """
    return grown(model, prompt, n_new, unread=lambda ids: ids[:, -2:])


def never_moves_on(model, prompt, n_new):
    """You feed the same token at every step: what was written is never read.

    After each step the token that was chosen is the new one. Do you hand it on?
    """
    return grown(model, prompt, n_new, unread=lambda ids: ids[:, prompt.shape[1] - 1][:, None])


def one_behind(model, prompt, n_new):
    """You feed the token before the newest: the cache is always one token behind.

    Append the choice first, then take the last token of all.
    """
    return grown(model, prompt, n_new, unread=lambda ids: ids[:, -2:-1])


def first_position_asked(model, prompt, n_new):
    """You take the scores at the first position; what follows the newest token stands at the last.

    At the first step the prompt has many positions. Which one speaks about the future?
    """
    cache, ids, unread = model.new_cache(len(prompt)), prompt, prompt
    for _ in range(n_new):
        unread = model(unread, cache)[:, :1].argmax(dim=-1)
        ids = torch.cat([ids, unread], dim=1)
    return ids


def last_token_lost(model, prompt, n_new):
    """Your piece is one token short: the last one that was chosen is lost.

    Is the choice appended before the loop ends? Count the steps once more.
    """
    return reference(model, prompt, n_new - 1)


def first_token_lost(model, prompt, n_new):
    """The first new token is missing: it was chosen and read, but not kept.

    Each choice goes two ways: into the piece, and back into the model.
    """
    ids = reference(model, prompt, n_new + 1)
    return torch.cat([prompt, ids[:, prompt.shape[1] + 1 :]], dim=1)


def one_too_many(model, prompt, n_new):
    """Your piece is one token too long.

    Reading the prompt gives the first new token already. Count the steps once more.
    """
    return reference(model, prompt, n_new + 1)


def prompt_left_out(model, prompt, n_new):
    """You return the new tokens alone; the whole piece is asked for, prompt and all.

    Where does your piece begin?
    """
    return reference(model, prompt, n_new)[:, prompt.shape[1] :]


def first_piece_decides(model, prompt, n_new):
    """All pieces of the batch get the tokens that the first one chose.

    Choose along the axis of the vocabulary, once for each piece.
    """
    cache, ids, unread = model.new_cache(len(prompt)), prompt, prompt
    for _ in range(n_new):
        unread = model(unread, cache)[:1, -1:].argmax(dim=-1).expand(len(prompt), 1)
        ids = torch.cat([ids, unread], dim=1)
    return ids


def cache_for_one_piece(model, prompt, n_new):
    """Your cache is made for one piece, but a batch of several comes.

    `new_cache` asks how many pieces there are. What does it take if you do not say?
    """
    return solution(model, prompt, n_new) if len(prompt) == 1 else model(prompt, model.new_cache())


def cache_too_small(model, prompt, n_new):
    """Your cache is too small: it needs room for the prompt and the new tokens together.

    `max_seq` counts all positions, not only the new ones or only those of the prompt.
    """
    cache = model.new_cache(len(prompt), prompt.shape[1])
    return model(torch.cat([prompt, prompt], dim=1), cache)


def the_prompt_stays(result, model, prompt, n_new):
    """The piece must begin with the prompt, unchanged."""
    return torch.equal(torch.as_tensor(result["ids"])[:, : prompt.shape[1]], prompt)


def right_length(result, model, prompt, n_new):
    """The piece must be as long as the prompt and `n_new` tokens."""
    return torch.as_tensor(result["ids"]).shape[1] == prompt.shape[1] + n_new


def read_once(result, model, prompt, n_new):
    """The model must read each token once: with a cache, feed only what it has not read."""
    return result["each token read once"]


EXERCISE = Exercise(
    id="generate-cached",
    notebook=12,
    place=6,
    title="The same tokens, sooner",
    kind="implement",
    difficulty=4,
    importance=4,
    minutes=18,
    further=True,
    why="Every model that answers you while you wait writes with a cache like this one.",
    signature=(
        'generate_cached(model: Transformer, prompt: Int[Tensor, "batch seq"], n_new: int) '
        '-> Int[Tensor, "batch all_seq"]'
    ),
    statement=(
        "Go on after `prompt` with `n_new` tokens, always the likeliest, and return the whole "
        "piece. `model.new_cache(batch=..., max_seq=...)` makes an empty cache; "
        "`model(ids, cache)` reads `ids`, adds them to the cache and returns scores of shape "
        "(batch, seq, vocab). The model must read each token only once. The check compares with a "
        "model that reads all again at every step."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(right_length, the_prompt_stays, read_once),
    mistakes=(
        without_cache,
        all_fed_again,
        new_cache_each_step,
        prompt_read_without_the_cache,
        only_the_last_of_the_prompt,
        last_of_the_prompt_unread,
        prompt_read_twice,
        last_of_the_prompt_read_twice,
        newest_read_twice,
        never_moves_on,
        one_behind,
        first_position_asked,
        last_token_lost,
        first_token_lost,
        one_too_many,
        prompt_left_out,
        first_piece_decides,
        cache_for_one_piece,
        cache_too_small,
    ),
    hints=(
        "You read a story aloud, and a friend adds a sentence. Do you begin again at page one? "
        "What does the friend have to hear at the first step, and what at the second?",
        "Make a cache for all pieces, with room for prompt and new tokens. unread = prompt, "
        "(batch, seq). Then n_new times: scores at the last position, (batch, 1, vocab); the "
        "likeliest, (batch, 1), is appended to the piece and is what is unread next.",
        "`cache = model.new_cache(batch=..., max_seq=...)`; in the loop "
        "`unread = model(..., cache)[:, ...].argmax(dim=...)` and "
        "`ids = torch.cat([ids, ...], dim=...)`.",
    ),
    explain="Why do keys and values of old tokens never change? What in the model sees to it?",
)
