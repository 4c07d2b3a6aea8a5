"""The job queue with real worker processes: what it promises when all goes well."""

import os
import signal
import subprocess
import time

import numpy as np
import pytest
from fake_engine_queue import (
    PYTHON,
    SETTINGS,
    WORKER_PHASES,
    generate,
    is_gone,
    make_client,
    step_until,
    submit,
)

from bozzetto.inference.errors import Cancelled, WeightsError, WorkerError
from bozzetto.inference.job import JobState
from bozzetto.inference.jobs import JobQueue, Limits
from bozzetto.inference.types import Source


@pytest.fixture
def queue():
    with JobQueue(make_client) as queue:
        yield queue


def test_blenders_side_imports_no_heavy_library():
    code = (
        "import sys, bozzetto.inference.jobs; print(*{name.split('.')[0] for name in sys.modules})"
    )
    modules = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "scipy", "skimage", "PIL", "safetensors", "bpy"}
    assert not heavy & set(modules.stdout.split())


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


def look(queue, action="", **settings):
    source = Source(path="picture.png", name=action)
    return queue.submit(source, SETTINGS.changed(**settings), task="cut")


def test_look_at_the_cut_needs_no_generation(queue):
    cut = queue.wait(look(queue, point=(0.2, 0.5), subject="point"))
    assert cut.rgba.shape == (6, 9, 4)
    assert (cut.rgba[..., 3] == 51).all()
    assert cut.confidence == 0.5
    assert cut.messages == ("It may be wrong.",)
    assert generate(queue).info["jobs"] == 1, "the look generated something"


@pytest.mark.parametrize("action", ["loop", "sleep"])
def test_look_at_the_cut_can_be_cancelled(queue, action):
    job = look(queue, action)
    step_until(queue, lambda: job.phase == "cut")
    queue.cancel(job)
    assert job.state is JobState.CANCELLED
    assert queue.wait(look(queue)).rgba.size


def test_look_at_the_cut_says_what_is_wrong(queue):
    with pytest.raises(WeightsError, match="gone"):
        queue.wait(look(queue, "weights"))
    with pytest.raises(WorkerError, match="a defect"):
        queue.wait(look(queue, "raise"))
    assert queue.wait(look(queue)).rgba.size


def test_failing_listener_cancels(queue):
    job = submit(queue, "loop")
    with pytest.raises(ZeroDivisionError):
        queue.wait(job, on_progress=lambda job: 1 / 0)
    assert job.state is JobState.CANCELLED
    generate(queue)


def test_release_ends_an_idle_worker(queue):
    assert not queue.active
    pid = generate(queue).info["pid"]
    queue.release()
    assert queue.pid is None
    step_until(queue, lambda: not queue.active)
    assert is_gone(pid)
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


def test_release_ends_a_worker_that_does_not_listen(queue):
    pid = generate(queue).info["pid"]
    os.kill(pid, signal.SIGSTOP)
    queue.release()
    step_until(queue, lambda: not queue.active)
    assert is_gone(pid)


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
