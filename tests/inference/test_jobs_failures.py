"""What an artist sees when a worker crashes, hangs, runs out of memory or talks nonsense."""

import os
import signal
import textwrap
import time

import numpy as np
import pytest
from fake_engine_queue import (
    FAKE,
    PYTHON,
    SETTINGS,
    WORKER_PHASES,
    generate,
    is_gone,
    make_client,
    step_until,
    submit,
)

from bozzetto.inference import jobs
from bozzetto.inference.client import WorkerClient
from bozzetto.inference.errors import (
    OutOfMemoryError,
    SettingsError,
    WeightsError,
    WorkerError,
)
from bozzetto.inference.job import JobState
from bozzetto.inference.jobs import JobQueue, Limits
from bozzetto.inference.types import Source


@pytest.fixture
def queue():
    with JobQueue(make_client) as queue:
        yield queue


@pytest.mark.parametrize("phase", WORKER_PHASES)
def test_worker_killed_in_a_phase(queue, phase):
    job = submit(queue, f"loop:{phase}")
    step_until(queue, lambda: job.phase == phase)
    os.kill(queue.pid, signal.SIGKILL)
    with pytest.raises(OutOfMemoryError, match="SIGKILL") as caught:
        queue.wait(job)
    assert caught.value.fix
    assert job.state is JobState.FAILED
    assert job.mesh is None
    assert len(generate(queue).vertices) == 8


def test_worker_killed_while_it_starts(queue):
    job = submit(queue)
    queue.step()
    os.kill(queue.pid, signal.SIGKILL)
    with pytest.raises(OutOfMemoryError):
        queue.wait(job)
    generate(queue)


def test_worker_killed_while_idle_is_nobodys_loss(queue):
    pid = generate(queue).info["pid"]
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)  # and nobody pumps
    second = generate(queue).info["pid"]
    assert second != pid
    os.kill(second, signal.SIGKILL)
    step_until(queue, lambda: queue.pid is None)
    generate(queue)


def test_worker_killed_while_a_cancelled_job_drains(queue):
    job = submit(queue, "sleep")
    step_until(queue, lambda: job.phase == "encode")
    queue.cancel(job)
    os.kill(queue.pid, signal.SIGKILL)
    generate(queue)


@pytest.mark.parametrize(
    ("action", "kind", "words"),
    [
        ("exit", WorkerError, "exit status 7"),
        ("abort", WorkerError, "SIGABRT"),
        ("raise", WorkerError, "ZeroDivisionError: a defect"),
        ("nan", WorkerError, "not JSON"),
        ("memory", OutOfMemoryError, "memory"),
        ("limit", OutOfMemoryError, "memory"),
        ("weights", WeightsError, "The weights are gone."),
    ],
)
@pytest.mark.parametrize("phase", ["load", "finish"])
def test_error_is_told_and_the_next_job_works(queue, action, kind, words, phase):
    job = submit(queue, f"{action}:{phase}")
    with pytest.raises(kind, match=words) as caught:
        queue.wait(job)
    assert type(caught.value) is kind
    assert caught.value.fix
    assert job.state is JobState.FAILED
    generate(queue)


def test_fix_of_an_error_crosses_the_pipe(queue):
    with pytest.raises(WeightsError) as caught:
        generate(queue, "weights")
    assert caught.value.fix == "Fetch them again."


def test_defect_brings_its_traceback(queue):
    with pytest.raises(WorkerError) as caught:
        generate(queue, "raise")
    assert 'raise ZeroDivisionError("a defect")' in caught.value.__notes__[0]


def test_errors_keep_the_worker(queue):
    pid = generate(queue).info["pid"]
    for action in ("raise", "weights", "memory"):
        with pytest.raises((WorkerError, WeightsError)):
            generate(queue, action)
    info = generate(queue).info
    assert info["pid"] == pid
    assert info["releases"] == 1, "after a shortage of memory the models are dropped"


def test_settings_of_another_version_are_refused_by_the_worker(queue):
    job = submit(queue)
    object.__setattr__(job.settings, "version", 99)
    with pytest.raises(SettingsError, match="99"):
        queue.wait(job)


def test_hang_that_keeps_the_interpreter_is_noticed(queue):
    queue.limits = Limits(silence=1.5)
    job = submit(queue, "spin")
    step_until(queue, lambda: job.phase == "encode")
    pid = queue.pid
    with pytest.raises(WorkerError, match="did not answer for 2 seconds"):
        queue.wait(job)
    generate(queue)
    step_until(queue, lambda: is_gone(pid))


def test_stopped_process_is_noticed(queue):
    pid = generate(queue).info["pid"]
    os.kill(pid, signal.SIGSTOP)
    queue.limits = Limits(silence=0.3)
    with pytest.raises(WorkerError, match="did not answer"):
        generate(queue)
    queue.limits = Limits()
    generate(queue)
    step_until(queue, lambda: is_gone(pid))


def test_computation_without_progress_is_noticed(queue):
    queue.limits = Limits(stall=0.5)
    with pytest.raises(WorkerError, match="got no further"):
        generate(queue, "sleep")
    queue.limits = Limits()
    generate(queue)


def test_slow_computation_that_gets_on_is_left_alone(queue):
    """Neither progress messages nor the questions after cancel let it look stalled."""
    queue.limits = Limits(stall=1.5)
    for action in ("crawl", "loop"):
        job = submit(queue, action)
        step_until(queue, lambda job=job: job.seconds > 2.5 or job.finished)
        assert job.state is JobState.RUNNING, job.error
        queue.cancel(job)


def test_worker_that_never_gets_ready_is_noticed(tmp_path):
    boot = tmp_path / "boot.py"
    boot.write_text("import time; time.sleep(3600)")
    client = WorkerClient(PYTHON, boot=boot)
    with JobQueue(lambda: client, Limits(start=0.2)) as queue:
        with pytest.raises(WorkerError, match="not ready"):
            generate(queue)
        assert queue.pid is None


def test_window_that_was_blocked_does_not_kill_the_worker(queue, monkeypatch):
    job = submit(queue, "loop")
    step_until(queue, lambda: job.phase == "encode")
    now = time.monotonic()
    with monkeypatch.context() as context:  # an hour during which nobody pumped
        context.setattr(jobs.time, "monotonic", lambda: now + 3600.0)
        queue.step()
        queue.step()
    assert job.state is JobState.RUNNING


def test_step_never_blocks_on_a_stopped_worker(queue):
    """Not even with a picture that does not fit into the pipe."""
    pid = generate(queue).info["pid"]
    os.kill(pid, signal.SIGSTOP)
    source = Source(pixels=np.zeros((2000, 2000, 4), np.float32))
    job = queue.submit(source, SETTINGS)
    start = time.process_time()
    for _ in range(20):
        queue.step()
    assert job.state is JobState.RUNNING
    queue.cancel(job)
    assert time.process_time() - start < 1.0
    os.kill(pid, signal.SIGCONT)
    generate(queue)


def test_stray_prints_do_not_reach_the_pipe(queue, capfd):
    generate(queue, "print")
    tail = queue._client.stderr_tail
    for words in ("a stray print", "a stray write", "a stray puts", "a stray child"):
        assert words in tail
    assert capfd.readouterr().out == ""


def test_failed_start_is_the_jobs_error():
    def no_runtime():
        raise WorkerError("There is no runtime.", "Set it up.")

    with JobQueue(no_runtime) as queue:
        first, second = submit(queue), submit(queue)
        assert step_until(queue, lambda: not queue.busy) == [first, second]
        assert first.state is second.state is JobState.FAILED
        assert first.error.message == "There is no runtime."


def test_nonsense_from_the_worker_is_an_error(tmp_path):
    boot = tmp_path / "boot.py"
    boot.write_text(
        textwrap.dedent(f"""
        import importlib.util, sys, time
        import numpy as np
        spec = importlib.util.spec_from_file_location("fake", {str(FAKE)!r})
        fake = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(fake)
        from bozzetto.inference.protocol import PROTOCOL, write_message
        out = sys.stdout.buffer
        write_message(out, {{"type": "ready", "protocol": PROTOCOL, "missing": []}})
        mesh = {{"name": "x", "category": "", "info": {{}}}}
        arrays = {{"vertices": np.zeros((3, 3), np.float32),
                  "faces": np.array([[0, 1, 3]], np.int32)}}
        time.sleep(0.5)
        write_message(out, {{"type": "result", "id": 1, "mesh": mesh}}, arrays)
        time.sleep(3600)
    """)
    )
    with (
        JobQueue(lambda: WorkerClient(PYTHON, boot=boot)) as queue,
        pytest.raises(WorkerError, match="vertices that do not exist"),
    ):
        generate(queue)
