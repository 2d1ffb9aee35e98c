"""The training loop: step, log, validate, save; stop and resume at any time."""

import math
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from copy import deepcopy
from typing import Any

from torch import nn
from tqdm.auto import tqdm

from musiclab.errors import SettingError
from musiclab.model.attention import fused_attention
from musiclab.training import distributed
from musiclab.training.batches import ChoraleBatches
from musiclab.training.config import TrainingConfig
from musiclab.training.history import History
from musiclab.training.loss import mean_nll
from musiclab.training.optimiser import build_optimiser, update_average
from musiclab.training.run_folder.restored import Interrupt, own_randomness, threads
from musiclab.training.run_folder.run_folder import Progress, RunFolder
from musiclab.training.step import StepFigures, diverged, take_step

Callback = Callable[["Trainer"], object]


class Trainer:
    """Train a model; stop and resume at any step with the same result.

    Args:
        model: Called as ``model(*batch.inputs)``; trained in place.
        batches: What it learns from.
        config: The settings.
        valid: What it is measured on; the best weights are kept.
        folder: Where the state, the best checkpoint and the log are kept; None keeps nothing.
        device: "auto" takes a GPU if there is one.
        on_step: Called with the trainer after each step; it may draw random numbers.
        on_validate: Called with the trainer after each validation, to let ``trainer.average``
            (the averaged weights, which are the ones kept) compose, say.
        show_progress: Show a bar.
        notes: Words for the checkpoint.
    """

    def __init__(
        self,
        model: nn.Module,
        batches: ChoraleBatches,
        config: TrainingConfig,
        *,
        valid: ChoraleBatches | None = None,
        folder: str | os.PathLike[str] | None = None,
        device: str = "auto",
        on_step: Callback | None = None,
        on_validate: Callback | None = None,
        show_progress: bool = True,
        notes: str = "",
    ) -> None:
        self.device = distributed.our_device(device)
        self.model = model.to(self.device)
        self.average = deepcopy(model).eval().requires_grad_(False)
        self.optimiser = build_optimiser(model, config)
        self.batches, self.valid, self.config = batches, valid, config
        self.on_step, self.on_validate = on_step, on_validate
        self.show_progress = show_progress
        self.progress, self.history = Progress(), History()
        self._folder = None if folder is None else RunFolder(folder, batches, config, notes)
        self._between_steps = True  # False while the weights are changing

    @property
    def step(self) -> int:
        """How many steps are done."""
        return self.progress.step

    def run(self, *, resume: bool = False) -> History:
        """Train until all steps are done, the minutes are over, or Ctrl-C.

        Args:
            resume: Go on from what ``folder`` holds.

        Raises:
            SettingError: If the loss is not finite, another training holds the folder, or a step
                was interrupted and nothing had been saved.
            CheckpointError: If saving fails, or there is nothing fitting to resume.
        """
        with ExitStack() as around:
            around.enter_context(distributed.group(self.device))
            if self._folder is not None:
                around.enter_context(self._folder.hold(resume=resume))
            around.enter_context(threads(self.config.threads))
            around.enter_context(own_randomness(self.device))
            around.enter_context(fused_attention(self.model))
            around.enter_context(fused_attention(self.average))
            interrupt = around.enter_context(Interrupt())
            self._begin(resume)
            sizes = {"initial": self.step, "total": self.config.steps}
            hidden = not self.show_progress or distributed.rank() > 0
            bar = around.enter_context(tqdm(desc="training", disable=hidden, **sizes))
            try:
                self._loop(interrupt, bar)
            except KeyboardInterrupt:
                if distributed.n_processes() > 1:
                    raise  # all processes save together, and the others are elsewhere
                self._stop("Interrupted")
        return self.history

    def _begin(self, resume: bool) -> None:
        """Start anew, or restore what was saved."""
        torn = distributed.anyone(not self._between_steps)  # a second Ctrl-C came during a step
        if self._folder is None and (resume or torn):
            why = "a step that was torn" if torn else "resume=True"
            raise SettingError(f"{why} needs the folder to go on from; rebuild model and trainer")
        if self._folder is not None:
            if resume or torn:
                self.progress = self._folder.load(self.model, self.average, self.optimiser)
                self._between_steps = True
            elif self._folder.saved is None:
                self._folder.begin()
            self.history = self._folder.open_log(self.progress)
        self.history.interrupted = False
        distributed.same_everywhere(self.model.state_dict().values())
        distributed.same_everywhere(self.average.state_dict().values())
        self._earlier, self._began = self.progress.seconds, time.monotonic()

    def _session(self) -> float:
        """Seconds since ``run`` began."""
        return time.monotonic() - self._began

    def _loop(self, interrupt: Interrupt, bar: tqdm) -> None:
        """Validate and save before each step, to catch up on what an interruption prevented."""
        if self.step == 0:
            self._save()  # find out now, not in an hour, whether saving works
        while True:
            if self._due(self.config.validate_every) and self.progress.validated < self.step:
                self._validate(interrupt)
            if self._due(self.config.save_every):
                self._save()
            if self.step >= self.config.steps:
                return
            if distributed.anyone(interrupt.asked):
                return self._stop("Interrupted")
            if distributed.anyone(self._session() > 60 * (self.config.minutes or math.inf)):
                return self._stop("Time is over")
            figures = self._take_step()
            bar.update()
            bar.set_postfix(loss=f"{figures.loss:.3f}", refresh=False)

    def _take_step(self) -> StepFigures:
        began, number = time.monotonic(), self.step
        batch, pad_id = self.batches.batch(number), self.batches.pad_id
        self._between_steps = False
        try:
            figures = take_step(self.model, self.optimiser, batch, pad_id, number, self.config)
        except SettingError:  # the loss was not finite, and the weights were left alone
            self._between_steps = True
            self._save()
            raise
        update_average(self.average, self.model, number, self.config.ema_decay)
        self.progress.step = number + 1
        self.progress.recent += (figures.loss,)
        if self._due(self.config.log_every):
            speed = figures.targets / (time.monotonic() - began)
            recent, self.progress.recent = self.progress.recent, ()
            self.history.add_step(
                self.step,
                seconds=self._earlier + self._session(),
                learning_rate=figures.learning_rate,
                loss=sum(recent) / len(recent),
                gradient_norm=figures.gradient_norm,
                speed=speed,
            )
        self._between_steps = True
        self._call(self.on_step)
        return figures

    def _validate(self, interrupt: Interrupt) -> None:
        if self.valid is not None:
            # Several processes would have to agree on stopping, so they finish first.
            alone = distributed.n_processes() == 1
            batches = interrupt.watch(self.valid) if alone else self.valid
            loss = mean_nll(self.average, batches, self.valid.pad_id)
            if not math.isfinite(loss):
                self._save()
                raise diverged("the loss on the validation pieces", loss, self.step, self.config)
            if loss < self.progress.best:
                if self._folder is not None:
                    self._folder.save_model(self.average, self.step, {"valid": loss})
                self.progress.best = loss  # only once the file is there
            self.history.add_valid(self.step, loss)
        self.progress.validated = self.step
        self._call(self.on_validate)

    def _call(self, callback: Callback | None) -> None:
        if callback is not None and distributed.rank() == 0:
            callback(self)

    def _save(self) -> None:
        """Write what is not yet saved; without validation, the newest weights are the best."""
        if self._folder is None or self._folder.saved == self.progress.point:
            return
        if self.valid is None:
            self._folder.save_model(self.average, self.step, {})
        self.history.flush()
        self.progress.seconds = round(self._earlier + self._session(), 1)
        self._folder.save(self.model, self.average, self.optimiser, self.progress)

    def _stop(self, why: str) -> None:
        """Save between two steps; during one, the last save remains."""
        self.history.interrupted = why == "Interrupted"
        if self._between_steps:
            self._save()
        if distributed.rank() > 0:
            return
        how = "" if self._folder is None else f" {self._folder.how_to_resume()}"
        tqdm.write(f"{why} after step {self.step} of {self.config.steps}.{how}")

    def _due(self, every: int) -> bool:
        return self.step > 0 and (self.step % every == 0 or self.step == self.config.steps)


def train(
    model: nn.Module,
    batches: ChoraleBatches,
    config: TrainingConfig,
    *,
    resume: bool = False,
    **options: Any,
) -> History:
    """Train a model and return what happened; options as for ``Trainer``.

    Example:
        >>> import numpy as np
        >>> from musiclab.model import Transformer, TransformerConfig
        >>> from musiclab.music.chorale import Chorale
        >>> from musiclab.tokens import GridTokenizer
        >>> from musiclab.training import TokenBatches
        >>> tokenizer = GridTokenizer(layout="notes")
        >>> sizes = {"vocab_size": tokenizer.vocab_size, "d_model": 8, "n_heads": 2, "n_layers": 1}
        >>> model = Transformer(TransformerConfig(**sizes))
        >>> batches = TokenBatches([Chorale(pitches=np.array([[72, 67, 64, 48]]))], tokenizer)
        >>> config = TrainingConfig(steps=9, log_every=1, warmup=0, peak=0.01)
        >>> history = train(model, batches, config, show_progress=False)
        >>> history.losses[-1] < history.losses[0]
        True
    """
    return Trainer(model, batches, config, **options).run(resume=resume)
