"""One job at a time beside the page, and one that can be stopped."""

import threading

import pytest

from musiclab.show.studio import worker as module
from musiclab.show.studio.worker import Stopped, Worker


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_job_is_done_elsewhere_and_awaited():
    worker, seen = Worker(), []
    assert worker.start(lambda: seen.append(threading.current_thread()))
    worker.wait()
    assert seen != [threading.current_thread()] and not worker.busy


def test_while_one_job_is_done_no_other_begins(clock):
    worker, gate, done = Worker(), threading.Event(), []
    assert worker.start(lambda: gate.wait(30) and done.append("first"))
    clock[0] += 10
    assert worker.busy and not worker.start(lambda: done.append("second"))
    gate.set()
    worker.wait()
    assert done == ["first"]
    assert worker.start(lambda: done.append("third"))
    worker.wait()
    assert done == ["first", "third"]


def test_the_second_press_of_a_double_click_begins_nothing(clock):
    worker, done = Worker(), []
    for pause in (0.0, 0.2, 0.1, 0.2):
        clock[0] += pause
        worker.start(lambda: done.append(clock[0]))
        worker.wait()
    assert done == [100.0, 100.5]


def test_stop_ends_the_job_and_not_the_next_one(clock):
    worker, begun, ends = Worker(), threading.Event(), []

    def endless():
        try:
            while True:
                begun.set()
                worker.go_on(1, 2)  # as on_frame is called
        except Stopped:
            ends.append("stopped")

    worker.start(endless)
    assert begun.wait(30)
    worker.go_on()  # of another thread: nobody has stopped that
    worker.stop()
    worker.wait()
    worker.go_on()
    clock[0] += 1
    worker.start(lambda: (worker.go_on(), ends.append("done")))
    worker.wait()
    assert ends == ["stopped", "done"]
