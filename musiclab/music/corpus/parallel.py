"""Parse corpus files in separate Python processes.

The workers are plain ``python -m musiclab.music.corpus.parallel`` processes that read one request a
line and answer with one line of JSON. Unlike multiprocessing they never import the caller's main
script a second time, so that a script needs no ``if __name__ == "__main__"`` guard, and nothing
is forked, so that threads of a notebook cannot hang them.
"""

import gc
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from musiclab.errors import ScoreError
from musiclab.music.serialise import to_json


def parse_file(request: dict[str, str]) -> dict[str, Any]:
    """Parse one corpus file, as written and with its repeats played.

    Args:
        request: ``path`` within the music21 corpus and ``voices``, how to lay it out.

    Returns:
        ``path`` and either ``written`` and ``expanded``, each a chorale as JSON, or
        ``error``, a sentence. ``expanded`` is None where it would be the same.
    """
    from music21 import common, converter

    from musiclab.music.from_score import written_and_expanded

    path, voices = request["path"], request["voices"]
    try:
        # forceSource: music21's own cache unpickles files of a folder that anyone can write to.
        score = converter.parse(Path(common.getCorpusFilePath()) / path, forceSource=True)
        both = written_and_expanded(score, voices=voices, source=path)
    except Exception as error:
        return {"path": path, "error": f"{type(error).__name__}: {error}"}
    written, expanded = both
    again = None if written == expanded else to_json(expanded)
    return {"path": path, "written": to_json(written), "expanded": again}


def answer_requests() -> None:
    """Answer requests from standard input until it ends."""
    warnings.simplefilter("ignore")  # what music21 has to say of its own files
    import music21  # noqa: F401  (before the freeze)

    gc.disable()  # scores are full of cycles; collecting them as we go doubles the time
    gc.freeze()
    for number, line in enumerate(sys.stdin):
        answer = parse_file(json.loads(line))
        print(json.dumps(answer), flush=True)
        if number % 50 == 49:
            gc.collect()


def parse_all(requests: list[dict[str, str]], n_workers: int) -> Iterator[dict[str, Any]]:
    """Share requests among worker processes; answers come in the order they are ready.

    Raises:
        ScoreError: If a worker process cannot be started or dies.
    """
    waiting: SimpleQueue[dict[str, str]] = SimpleQueue()
    for request in requests:
        waiting.put(request)
    with ThreadPoolExecutor(n_workers) as threads:
        answers: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        jobs = [threads.submit(_drive_worker, waiting, answers) for _ in range(n_workers)]
        try:
            finished = 0
            while finished < n_workers:
                answer = answers.get()
                if answer is None:
                    finished += 1
                else:
                    yield answer
        finally:
            _empty(waiting)  # after Ctrl-C, let the workers stop at their next request
    for job in as_completed(jobs):
        job.result()


def _empty(queue: "SimpleQueue[Any]") -> None:
    try:
        while True:
            queue.get_nowait()
    except Empty:
        pass


def _drive_worker(
    waiting: "SimpleQueue[dict[str, str]]", answers: "SimpleQueue[dict[str, Any] | None]"
) -> None:
    """Keep one worker process busy until no request is waiting."""
    here = [str(Path(folder or ".").resolve()) for folder in sys.path]
    # One thread of arithmetic a process: the processes are the parallelism.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(here), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", "musiclab.music.corpus.parallel"]
    try:
        worker = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        with worker:
            assert worker.stdin and worker.stdout  # both are pipes
            while True:
                try:
                    request = waiting.get_nowait()
                except Empty:
                    break
                worker.stdin.write(json.dumps(request) + "\n")
                worker.stdin.flush()
                line = worker.stdout.readline()
                if not line:
                    raise ScoreError(
                        f"the process that parses the corpus died at {request['path']}; "
                        "is there enough memory? Try again"
                    )
                answers.put(json.loads(line))
            worker.stdin.close()
    except OSError as error:
        raise ScoreError(f"cannot start a process to parse the corpus: {error}") from error
    finally:
        answers.put(None)


if __name__ == "__main__":
    answer_requests()
