"""A ``FrameTransformer`` made ready to write: the three calls that ``FrameSteps`` needs."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.model.frames import FrameTransformer
from musiclab.model.kv_cache import KVCache
from musiclab.model.parallels import KINDS, apart, motion
from musiclab.model.past import Past
from musiclab.model.profiles import OCTAVE
from musiclab.sampling.fast_past import FastPast
from musiclab.sampling.fast_stack import (
    FastStack,
    Matrix,
    Reading,
    Row,
    centred,
    feed_forward_weights,
    reading,
    times,
)


class VoiceWeights(NamedTuple):
    """What writing one voice needs."""

    start: Matrix
    start_bias: Row
    to_scores: Reading  # of tokens; then of relations, of parallels, of steps of the scale


class FastFrames:
    """Look back, run the trunk over one more frame, score voice after voice.

    Args:
        model: Whose weights are taken as they are now.
        frames: Length of the piece.
    """

    def __init__(self, model: FrameTransformer, frames: int) -> None:
        self.model, config, head = model, model.config, model.head
        self.look_back = FastPast(model, frames)
        self.stack = FastStack(model.stack, frames)
        self.embed, self.first = centred(model.embed.table.weight), model.embed.first.numpy()
        self.embed_profiles = None
        if model.embed_profiles is not None:
            self.embed_profiles = centred(model.embed_profiles.weight.T)
        self.voices = [_voice(model, voice) for voice in range(config.n_voices)]
        self.chosen = centred(head.chosen.table.weight)
        self.first_chosen = head.chosen.first.numpy()
        self.feed_forward = feed_forward_weights(head.around_feed_forward, head.feed_forward)
        self.vocab_size, self.n_relations = config.vocab_size, config.n_relations
        self.relations = model.relations.numpy()
        anchors = np.arange(config.n_anchors + config.n_voices)[:, None]
        self.first_relation = config.vocab_size + config.n_relations * anchors
        self.parallels = None
        if config.parallels:
            self.parallels = apart(model.pitches).numpy(), motion(model.pitches).numpy()
        self.n_profiled = config.n_profiles * OCTAVE
        if config.n_profiles:  # a class more for tokens without a pitch: it scores 0
            pitches = model.pitches.numpy()
            self.classes = np.where(pitches < 0, OCTAVE, pitches % OCTAVE)

    def trunk(
        self,
        previous: Int[Tensor, "batch seq voice"],
        conditions: Int[Tensor, "batch seq condition"],
        cache: KVCache,
        past: Past,
    ) -> Float[Tensor, "batch unread d_model"]:
        """Summarise the past before each frame that the cache has not read."""
        if previous.shape[1] > cache.length + 1:  # a prompt
            return self.model.trunk(previous, conditions, cache, past)
        rows = np.concatenate([past.columns.numpy()[:, 0], conditions.numpy()[:, -1]], axis=1)
        x = np.add.reduce(self.embed.take(rows + self.first, axis=0), axis=1)
        if self.embed_profiles is not None:
            x += times(past.seen_by_voices.numpy().reshape(len(x), -1), self.embed_profiles)
        return torch.from_numpy(self.stack(x, cache))[:, None]

    def next_voice(
        self,
        hidden: Float[Tensor, "batch d_model"],
        past: Past,
        chosen: Int[Tensor, "batch n_chosen"],
    ) -> Float[Tensor, "batch vocab"]:
        """Score the next voice of one frame."""
        above = chosen.numpy()
        voice = above.shape[1]
        weights = self.voices[voice]
        x = times(hidden.numpy(), weights.start)
        x += weights.start_bias
        if voice:
            rows = above + self.first_chosen[:voice]
            x += np.add.reduce(self.chosen.take(rows, axis=0), axis=1)
        x += self.feed_forward(x)
        scores = weights.to_scores(x)
        logits = scores[:, : self.vocab_size]
        if self.n_relations:
            anchors = np.concatenate([past.anchors.numpy()[:, -1, voice], above], axis=1)
            logits += self._by_relation(scores, anchors)
        if self.parallels is not None and voice:
            before = past.anchors.numpy()[:, -1, : voice + 1, 0]
            last = scores.shape[1] - self.n_profiled
            logits += self._by_parallels(scores[:, last - KINDS : last], before, above)
        if self.n_profiled:
            logits += self._by_class(scores[:, -self.n_profiled :], past.profiles.numpy()[:, -1])
        return torch.from_numpy(logits)

    def _by_relation(
        self, scores: Float[np.ndarray, "batch score"], anchors: Int[np.ndarray, "batch anchor"]
    ) -> Float[np.ndarray, "batch vocab"]:
        """Add up, for each token, the scores of its relations to the anchors."""
        n_pieces, n_anchors = anchors.shape
        columns = self.relations.take(anchors, axis=0) + self.first_relation[:n_anchors]
        if n_pieces > 1:
            columns += scores.shape[1] * np.arange(n_pieces)[:, None, None]
        return np.add.reduce(scores.take(columns), axis=1)

    def _by_parallels(
        self,
        scores: Float[np.ndarray, "batch kind"],
        before: Int[np.ndarray, "batch voice"],
        above: Int[np.ndarray, "batch n_above"],
    ) -> Float[np.ndarray, "batch vocab"] | float:
        """Score, for each token, running parallel with the voices above."""
        intervals, ways = self.parallels
        own = before[:, -1:]
        was, went = intervals[before[:, :-1], own], ways[before[:, :-1], above]
        may_run = (was > 0) & (went != 0)
        if not may_run.any():
            return 0.0
        runs = (ways[own] == went[..., None]) & (intervals[above] == was[..., None])
        weights = np.where(may_run, np.take_along_axis(scores, np.maximum(was, 1) - 1, axis=1), 0)
        return np.matmul(weights[:, None], runs.astype(scores.dtype))[:, 0]

    def _by_class(
        self,
        scores: Float[np.ndarray, "batch profile"],
        profiles: Float[np.ndarray, "batch class memory step"],
    ) -> Float[np.ndarray, "batch vocab"]:
        """Weigh, for each token, the profiles as they are seen from its pitch class."""
        of_classes = np.zeros((len(scores), OCTAVE + 1), dtype=scores.dtype)
        seen = profiles.reshape(len(scores), OCTAVE, self.n_profiled)
        of_classes[:, :OCTAVE] = np.matmul(seen, scores[:, :, None])[..., 0]
        return of_classes[:, self.classes]


def _voice(model: FrameTransformer, voice: int) -> VoiceWeights:
    head = model.head
    scoring = [head.to_logits.weight]
    if model.config.n_relations:
        scoring.append(head.to_relations[voice].weight)
    if model.config.parallels and voice:
        scoring.append(head.to_parallels[voice - 1].weight)
    if model.config.n_profiles:
        scoring.append(head.to_profiles[voice].weight)
    start = head.starts[voice]
    return VoiceWeights(
        centred(start.weight.T), centred(start.bias), reading(head.norm, torch.cat(scoring))
    )
