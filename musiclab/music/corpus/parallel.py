"""Parse corpus files in several processes at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from musiclab.errors import ScoreError
from musiclab.music.guards import worker
from musiclab.music.serialise import to_dict


def parse_file(path: str, voices: str) -> dict[str, Any]:
    """Parse one corpus file, as written and with its repeats played.

    Returns:
        ``path`` and either ``written`` and ``expanded``, each a chorale as plain data, or
        ``error``, a sentence. ``expanded`` is None where it would be the same.
    """
    from music21 import common, converter

    from musiclab.music.from_score import written_and_expanded

    try:
        # forceSource: music21's own cache unpickles files of a folder that anyone can write to.
        score = converter.parse(Path(common.getCorpusFilePath()) / path, forceSource=True)
        written, expanded = written_and_expanded(score, voices=voices, source=path)
    except Exception as error:
        return {"path": path, "error": f"{type(error).__name__}: {error}"}
    again = None if written == expanded else to_dict(expanded)
    return {"path": path, "written": to_dict(written), "expanded": again}


def parse_all(requests: list[dict[str, str]], n_workers: int) -> Iterator[dict[str, Any]]:
    """Share calls of ``parse_file`` among processes; answers come in the order they are ready.

    Raises:
        ScoreError: If a process cannot be started or dies.
    """
    waiting: SimpleQueue[dict[str, str]] = SimpleQueue()
    for request in requests:
        waiting.put(request)
    answers: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
    with ThreadPoolExecutor(n_workers) as threads:
        jobs = [threads.submit(_drive_worker, waiting, answers) for _ in range(n_workers)]
        try:
            for _ in range(n_workers):
                yield from iter(answers.get, None)  # each process ends with a None
        finally:
            for _ in _taken(waiting):  # after Ctrl-C, let the others stop at their next request
                pass
    for job in jobs:
        job.result()


def _taken(waiting: "SimpleQueue[dict[str, str]]") -> Iterator[dict[str, str]]:
    """Take requests until none is left."""
    try:
        while True:
            yield waiting.get_nowait()
    except Empty:
        return


def _drive_worker(
    waiting: "SimpleQueue[dict[str, str]]", answers: "SimpleQueue[dict[str, Any] | None]"
) -> None:
    """Keep one process busy until no request is waiting."""
    try:
        with worker.start(f"{__name__}:parse_file") as process:
            for request in _taken(waiting):
                answer = worker.ask(process, request)
                if answer is None:
                    raise ScoreError(
                        f"the process that parses the corpus died at {request['path']}; "
                        "is there enough memory? Try again"
                    )
                answers.put(answer)
    except OSError as error:
        raise ScoreError(f"cannot start a process to parse the corpus: {error}") from error
    finally:
        answers.put(None)
