"""The job queue with real worker processes, and what an artist sees when things go wrong."""

import os
import signal
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from bozzetto.inference import jobs
from bozzetto.inference.client import WorkerClient
from bozzetto.inference.errors import (
    Cancelled,
    OutOfMemoryError,
    SettingsError,
    WeightsError,
    WorkerError,
)
from bozzetto.inference.jobs import JobQueue, JobState, Limits
from bozzetto.inference.settings import GenerateSettings
from bozzetto.inference.types import PHASES, Source

FAKE = Path(__file__).with_name("fake_engine_boot.py")
SETTINGS = GenerateSettings()
WORKER_PHASES = PHASES[:-1]


def make_client():
    return WorkerClient(Path(sys.executable), boot=FAKE)


@pytest.fixture
def queue():
    with JobQueue(make_client) as queue:
        yield queue


def submit(queue, action="", **settings):
    return queue.submit(Source(path="picture.png", name=action), SETTINGS.changed(**settings))


def generate(queue, action="", **settings):
    return queue.wait(submit(queue, action, **settings), interval=0.002)


def step_until(queue, condition):
    """Pumps; returns the jobs that ended."""
    ended, deadline = [], time.monotonic() + 60.0
    while True:
        ended += queue.step()
        if condition():
            return ended
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.002)


def is_gone(pid):
    return not Path(f"/proc/{pid}").exists()


def test_worker_stays_warm(queue):
    assert queue.pid is None, "the worker starts on first use"
    first, second = generate(queue), generate(queue)
    assert first.info["pid"] == second.info["pid"] == queue.pid
    assert (first.info["jobs"], second.info["jobs"]) == (1, 2)


def test_mesh_and_seed_cross_the_pipe(queue):
    mesh = generate(queue, "big:1000", seed=7, category="lamp")
    rng = np.random.default_rng(7)
    assert np.array_equal(mesh.vertices, rng.random((1000, 3), np.float32))
    assert mesh.faces.dtype == np.int32
    assert mesh.faces.shape == (2000, 3)
    assert (mesh.name, mesh.category) == ("big:1000", "lamp")


def test_every_kind_of_source_crosses_the_pipe(queue, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    info = queue.wait(queue.submit(Source(path="a b/Stühl 椅子.png"), SETTINGS)).info
    assert info["path"] == str(tmp_path / "a b/Stühl 椅子.png"), "relative to the caller"
    undecodable = os.fsdecode(b"/pictures/\xff.png")
    assert queue.wait(queue.submit(Source(path=undecodable), SETTINGS)).info["path"] == undecodable
    info = queue.wait(queue.submit(Source(encoded=b"\x89PNG"), SETTINGS)).info
    assert (info["encoded"], info["path"]) == ("89504e47", "")
    pixels = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    info = queue.wait(queue.submit(Source(pixels=pixels[::-1]), SETTINGS)).info
    assert info["pixels"] == pixels[::-1].tolist()


def test_jobs_run_in_order_one_at_a_time(queue):
    names = [submit(queue, f"big:{n}") for n in (5, 6, 7)]
    assert all(job.state is JobState.QUEUED for job in names)
    running = []

    def all_done():
        running.append(sum(job.state is JobState.RUNNING for job in names))
        return not queue.busy

    assert step_until(queue, all_done) == names
    assert max(running) == 1
    assert [len(job.mesh.vertices) for job in names] == [5, 6, 7]


def test_progress_goes_forward_through_the_phases(queue):
    generate(queue)  # the next one is warm and has durations to go by
    for slow in ("cut", "extract"):
        job = submit(queue, f"crawl:{slow}")
        seen = []

        def note(job, seen=seen, slow=slow):
            if job.state is JobState.RUNNING:
                seen.append((job.phase, job.fraction, job.message))
            if job.phase == slow and job.seconds > 0.4:
                queue.cancel(job)

        with pytest.raises(Cancelled):
            queue.wait(job, on_progress=note)
        phases = [WORKER_PHASES.index(phase) for phase, _, _ in seen]
        fractions = [fraction for _, fraction, _ in seen]
        assert phases == sorted(phases)
        assert fractions == sorted(fractions)
        assert 0.0 <= fractions[0] <= fractions[-1] < 1.0
        assert len(set(fractions)) > 3, "it moves"
        assert all(message for _, _, message in seen)


def test_finished_job_is_complete(queue):
    job = submit(queue)
    assert (job.fraction, job.seconds, job.seconds_left) == (0.0, 0.0, None)
    queue.wait(job)
    assert (job.state, job.fraction, job.error) == (JobState.DONE, 1.0, None)
    seconds = job.seconds
    assert seconds > 0.0
    time.sleep(0.01)
    assert job.seconds == seconds
    assert job.seconds_left is None


def test_second_run_knows_how_long_it_takes(queue):
    generate(queue)
    job = submit(queue, "crawl")
    step_until(queue, lambda: job.phase == "encode")
    assert 0.0 <= job.seconds_left < 60.0


def test_cancel_is_at_once_and_keeps_the_worker(queue):
    job = submit(queue, "loop")
    step_until(queue, lambda: job.phase == "encode")
    pid = queue.pid
    queue.cancel(job)
    assert job.state is JobState.CANCELLED
    assert isinstance(job.error, Cancelled)
    assert queue.step() == [job]
    mesh = generate(queue)
    assert mesh.info["pid"] == pid
    assert job.state is JobState.CANCELLED, "later messages change nothing"
    assert job.mesh is None
    queue.cancel(job)  # again: nothing happens
    assert queue.step() == []


@pytest.mark.parametrize("action", ["sleep", "spin", "deaf"])
def test_job_that_ignores_cancel_is_killed(queue, action):
    job = submit(queue, action)
    step_until(queue, lambda: job.phase == "encode")
    pid = queue.pid
    start = time.monotonic()
    queue.cancel(job)
    assert generate(queue).info["pid"] != pid
    assert time.monotonic() - start > queue.limits.cancel
    step_until(queue, lambda: is_gone(pid))


def test_waiting_job_can_be_cancelled(queue):
    running, waiting, last = submit(queue, "loop"), submit(queue), submit(queue)
    step_until(queue, lambda: running.phase == "encode")
    queue.cancel(waiting)
    assert waiting.state is JobState.CANCELLED
    assert running.state is JobState.RUNNING
    queue.cancel(running)
    queue.wait(last)
    assert set(queue.step()) == {running, waiting}


def test_cancel_while_the_worker_starts_keeps_it(queue):
    job = submit(queue)
    queue.step()
    assert job.state is JobState.RUNNING
    pid = queue.pid
    queue.cancel(job)
    assert generate(queue).info == {**generate(queue).info, "pid": pid, "jobs": 1}


def test_interrupt_cancels(queue):
    job = submit(queue, "loop")

    def interrupt(job):
        if job.phase == "encode":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        queue.wait(job, on_progress=interrupt)
    assert job.state is JobState.CANCELLED
    generate(queue)


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
    queue.limits = Limits(stall=1.2)
    for action in ("crawl", "loop"):
        job = submit(queue, action)
        step_until(queue, lambda job=job: job.seconds > 3.0 or job.finished)
        assert job.state is JobState.RUNNING, job.error
        queue.cancel(job)


def test_worker_that_never_gets_ready_is_noticed(tmp_path):
    boot = tmp_path / "boot.py"
    boot.write_text("import time; time.sleep(3600)")
    client = WorkerClient(Path(sys.executable), boot=boot)
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


def test_release_ends_an_idle_worker(queue):
    pid = generate(queue).info["pid"]
    queue.release()
    assert queue.pid is None
    step_until(queue, lambda: is_gone(pid))
    assert generate(queue).info["pid"] != pid


def test_release_waits_for_the_jobs(queue):
    first, second = submit(queue, "big:9"), submit(queue)
    queue.step()
    pid = queue.pid
    queue.release()
    assert queue.wait(first).info["pid"] == queue.wait(second).info["pid"] == pid
    step_until(queue, lambda: queue.pid is None and is_gone(pid))
    generate(queue)
    queue.step()
    assert queue.pid is not None, "release is for once"


def test_idle_worker_goes_by_itself(queue):
    queue.limits = Limits(idle=0.2)
    pid = generate(queue).info["pid"]
    assert queue.pid == pid
    step_until(queue, lambda: queue.pid is None and is_gone(pid))
    generate(queue)


def test_close_leaves_no_process():
    queue = JobQueue(make_client)
    running, waiting = submit(queue, "spin"), submit(queue)
    step_until(queue, lambda: running.phase == "encode")
    pid = queue.pid
    queue.close()
    assert is_gone(pid)
    assert running.state is waiting.state is JobState.CANCELLED
    with pytest.raises(WorkerError, match="closed"):
        submit(queue)
    with pytest.raises(Cancelled):
        queue.wait(waiting)
    queue.close()  # again: nothing happens


def test_two_queues_at_once(queue):
    with JobQueue(make_client) as other:
        mine, theirs = submit(queue, "loop"), submit(other, "loop")
        while not mine.phase == theirs.phase == "encode":
            queue.step()
            other.step()
        assert queue.pid != other.pid
        other.close()
        queue.cancel(mine)
        assert generate(queue).info["jobs"] == 2


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
        JobQueue(lambda: WorkerClient(Path(sys.executable), boot=boot)) as queue,
        pytest.raises(WorkerError, match="vertices that do not exist"),
    ):
        generate(queue)


def test_twenty_jobs_leave_nothing_behind(queue):
    def count_own_files():
        return len(os.listdir("/proc/self/fd"))

    files = {generate(queue).info["files"] for _ in range(3)}
    own = count_own_files()
    files |= {generate(queue).info["files"] for _ in range(20)}
    assert len(files) == 1
    assert count_own_files() == own


def test_job_of_another_queue_is_refused(queue):
    with JobQueue(make_client) as other, pytest.raises(ValueError, match="another queue"):
        queue.wait(submit(other))
