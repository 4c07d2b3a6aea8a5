"""The parent's side: whatever a process at the other end of the pipe does becomes a clear error."""

import os
import re
import signal
import subprocess
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from fake_engine_queue import FAKE, PATIENCE, PYTHON, is_running, wait_until

from bozzetto.inference import client as client_module
from bozzetto.inference.client import WorkerClient
from bozzetto.inference.errors import OutOfMemoryError, WorkerError
from bozzetto.inference.protocol import PROTOCOL


def wait_for(condition, client=None):
    """Polls the client, if one is given, until the condition holds."""

    def poll():
        if client is not None:
            client.poll()
        return condition()

    wait_until(poll)


def wait_for_message(client, kind):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for message in client.poll():
            if message.type == kind:
                return message
        assert client.failure is None, client.failure
        time.sleep(0.002)
    raise AssertionError(f"no {kind}")


@pytest.fixture
def start():
    """Starts clients and stops them when the test ends."""
    clients = []

    def start_client(boot=FAKE, python=PYTHON, **options):
        client = WorkerClient(python, boot=boot, **options)
        clients.append(client)
        client.start()
        return client

    yield start_client
    for client in clients:
        client.stop()


@pytest.fixture
def start_script(start, tmp_path):
    """Starts a client whose worker is the given script."""

    def start_client(code):
        boot = tmp_path / "boot.py"
        boot.write_text(textwrap.dedent(code))
        return start(boot)

    return start_client


def test_ready_says_who_answers(start):
    client = start()
    wait_for(lambda: client.ready, client)
    assert client.ready["protocol"] == PROTOCOL
    assert client.ready["pid"] == client.pid
    assert client.alive
    client.stop()
    assert not client.alive


def test_ping_is_answered_during_a_computation(start):
    client = start()
    header = {"type": "generate", "id": 1, "settings": {}, "path": "x", "name": "loop:encode"}
    client.send(header)
    wait_for_message(client, "progress")
    client.send({"type": "ping"})
    wait_for_message(client, "pong")


def test_flood_of_progress_is_thinned(start):
    """A hundred thousand reports within a second or two would keep Blender busy reading."""
    client = start()
    client.send({"type": "generate", "id": 1, "settings": {}, "path": "x", "name": "flood:extract"})
    seen = []
    wait_until(lambda: seen.extend(client.poll()) or (seen and seen[-1].type == "result"))
    reports = [m.header for m in seen if m.type == "progress" and m.header["phase"] == "extract"]
    assert 2 <= len(reports) < 1000  # the first and the last at least; more on a slow machine
    assert (reports[0]["fraction"], reports[-1]["fraction"]) == (0.0, 1.0)


def test_release_is_answered(start):
    client = start()
    client.send({"type": "release"})
    wait_for_message(client, "released")
    assert client.alive


def test_heartbeats_come_by_themselves(start):
    client = start()
    wait_for_message(client, "heartbeat")
    wait_for_message(client, "heartbeat")


def test_stopped_worker_leaves_nothing(start):
    client = start()
    pid = client.pid
    wait_for(lambda: client.ready, client)
    client.stop()
    assert not Path(f"/proc/{pid}").exists()  # not even a zombie
    client.stop()  # again: nothing happens


def test_stop_ends_a_worker_that_does_not_listen(start_script):
    client = start_script("""
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("deaf", flush=True)
        time.sleep(3600)
    """)
    wait_for(lambda: client.failure, client)  # "deaf" is no message: now it surely is
    pid = client.pid
    client.stop(grace=0.1)
    assert not Path(f"/proc/{pid}").exists()


def test_stop_does_not_wait_for_a_full_pipe(start_script):
    client = start_script("import time; time.sleep(3600)")
    client.send({"type": "generate"}, {"pixels": np.zeros(50_000_000, np.uint8)})
    pid = client.pid
    client.stop(grace=0.1)
    assert not Path(f"/proc/{pid}").exists()


def test_write_to_a_dead_worker_does_not_end_blender(tmp_path):
    """Blender 4.3 leaves SIGPIPE at its default, which ends the process."""
    boot = tmp_path / "boot.py"
    boot.write_text("import time; time.sleep(60)")
    code = f"""
        import signal, time
        import numpy as np
        from pathlib import Path
        from bozzetto.inference.client import WorkerClient

        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        client = WorkerClient(Path({str(PYTHON)!r}), boot=Path({str(boot)!r}))
        client.start()
        client.send({{"type": "generate"}}, {{"pixels": np.zeros(1 << 20, np.uint8)}})
        client.kill()  # the pipe is full: the rest meets nobody
        while not client.reap():
            time.sleep(0.01)
        print("alive")
    """
    answer = subprocess.run(
        [PYTHON, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=PATIENCE
    )
    assert (answer.returncode, answer.stdout) == (0, "alive\n"), answer.stderr


def test_children_of_the_worker_are_ended_with_it(start_script):
    client = start_script("""
        import subprocess, sys, time
        child = subprocess.Popen(["sleep", "3600"])
        print(child.pid, file=sys.stderr, flush=True)
        time.sleep(3600)
    """)
    wait_for(lambda: re.match(r"\d+\n", client.stderr_tail), client)
    child = int(client.stderr_tail)
    client.stop(grace=0.1)
    wait_for(lambda: not is_running(child))


def test_missing_interpreter_is_named(tmp_path):
    client = WorkerClient(tmp_path / "no" / "python")
    with pytest.raises(WorkerError, match=r"no/python.*cannot be started") as caught:
        client.start()
    assert "preferences" in caught.value.fix
    client.stop()


def test_file_that_is_no_interpreter_is_named(tmp_path):
    python = tmp_path / "python"
    python.write_bytes(b"\x00 nothing to run")
    python.chmod(0o755)
    with pytest.raises(WorkerError, match="cannot be started"):
        WorkerClient(python).start()


def test_interpreter_without_torch_is_named_with_the_fix(start, tmp_path):
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    client = start(boot=None, python=tmp_path / "bare" / "bin" / "python")
    wait_for(lambda: client.failure, client)
    assert isinstance(client.failure, WorkerError)
    assert re.search(r"bare/bin/python.* lacks numpy, torch", client.failure.message)
    assert "preferences" in client.failure.fix
    assert not client.alive


def test_library_that_does_not_load_is_named(start_script):
    client = start_script(f"""
        import importlib.util
        spec = importlib.util.spec_from_file_location("fake", {str(FAKE)!r})
        fake = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(fake)
        def make():
            raise ImportError("libcudart.so.12: cannot open shared object file", name="torch")
        fake.worker.run(make)
    """)
    wait_for(lambda: client.failure, client)
    assert "lacks torch (libcudart.so.12: cannot open" in client.failure.message


def test_other_protocol_is_refused(start_script):
    client = start_script("""
        import json, struct, sys, time
        header = json.dumps({"type": "ready", "protocol": 99, "missing": []}).encode()
        sys.stdout.buffer.write(struct.pack("<I", len(header)) + header)
        sys.stdout.buffer.flush()
        time.sleep(3600)
    """)
    wait_for(lambda: client.failure, client)
    assert "protocol 99" in client.failure.message
    assert "Reinstall" in client.failure.fix


def test_garbage_on_the_pipe_is_refused(start_script):
    client = start_script("""
        import sys, time
        print("Welcome to the machine learning library!" * 10_000, flush=True)
        time.sleep(3600)
    """)
    wait_for(lambda: client.failure, client)
    assert type(client.failure) is WorkerError
    assert not client.alive


def test_garbage_sent_to_the_worker_ends_it_with_a_reason(start):
    client = start()
    wait_for(lambda: client.ready, client)
    client._writer.put([b"\xff\xff\xff\xff garbage"])
    wait_for(lambda: client.failure, client)
    assert "header claims 4294967295 bytes" in client.failure.message
    wait_for(lambda: not is_running(client.pid))


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("import os; os.kill(os.getpid(), 9)", OutOfMemoryError, "SIGKILL"),
        ("import os; os.kill(os.getpid(), 11)", WorkerError, "SIGSEGV"),
        ("import os; os.kill(os.getpid(), 40)", WorkerError, "signal 40"),
        ("raise SystemExit(5)", WorkerError, "exit status 5"),
        ("pass", WorkerError, "exit status 0"),
        ("import nothing_like_this", WorkerError, "No module named 'nothing_like_this'"),
        ("raise MemoryError", OutOfMemoryError, "memory ran out"),
        (
            "import os, sys; sys.stderr.write('terminate called after throwing an instance of "
            "std::bad_alloc'); sys.stderr.flush(); os.abort()",
            OutOfMemoryError,
            "SIGABRT",
        ),
        ("import os; os.write(1, b'\\x40\\0\\0\\0{'); os._exit(3)", WorkerError, "exit status 3"),
    ],
    ids=["kill", "segv", "unnamed", "status", "quiet", "import", "memory", "alloc", "half"],
)
def test_end_of_the_process_is_explained(start_script, code, kind, words):
    client = start_script(code)
    wait_for(lambda: client.failure, client)
    assert type(client.failure) is kind
    assert words in client.failure.message
    assert client.failure.fix


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (0xC0000005, WorkerError, "access violation"),
        (0xC0000017, OutOfMemoryError, "no memory"),
        (0xC0000135, WorkerError, "DLL"),
    ],
)
def test_exit_codes_of_windows_are_explained(status, kind, words):
    error = client_module._explain_exit(status, "")
    assert type(error) is kind
    assert words in error.message


def test_last_words_are_kept_for_the_report(start_script):
    client = start_script("""
        import sys
        sys.stderr.write("x" * 200_000 + "\\nthe very end")
        sys.exit(1)
    """)
    wait_for(lambda: client.failure, client)
    assert client.stderr_tail.endswith("the very end")
    assert len(client.stderr_tail) == client_module.TAIL
    assert "the very end" in client.failure.__notes__[0]


def test_environment_is_clean_and_can_be_added_to(start_script, monkeypatch, start, tmp_path):
    monkeypatch.setenv("PYTHONPATH", "/somewhere/else")
    monkeypatch.setenv("PYTHONSTARTUP", "x")
    boot = tmp_path / "boot.py"
    boot.write_text(
        "import os, sys\n"
        "print([n for n in os.environ if n.startswith('PYTHON')], os.environ['EXTRA'],"
        " os.getcwd() == os.path.dirname(sys.executable), os.getsid(0) == os.getpid(),"
        " sys.flags.isolated, file=sys.stderr)\n"
    )
    client = start(boot, environment={"EXTRA": "yes"})
    wait_for(lambda: client.failure, client)
    assert client.stderr_tail == "[] yes True True 1\n"


def test_twenty_starts_leave_no_files_and_threads(start):
    def count():
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    start().stop()
    before = count()
    for _ in range(20):
        client = start()
        client.send({"type": "ping"})
        wait_for_message(client, "pong")
        client.stop()
    assert count() == before


def test_there_is_no_thread_beside_blender_s(start):
    """Blender up to 5.0 crashes when one is awake while a script's operator runs (see `pipes`)."""
    before = threading.active_count()
    client = start()
    wait_for_message(client, "heartbeat")
    assert threading.active_count() == before


def test_what_no_pipe_holds_arrives_in_few_polls(start_script):
    client = start_script("""
        import sys
        from pathlib import Path
        import numpy as np
        from bozzetto.inference.protocol import read_message, write_message
        while (message := read_message(sys.stdin.buffer)) is not None:
            write_message(sys.stdout.buffer, {"type": "echo"}, message.arrays)
    """)
    numbers = np.random.default_rng(0).integers(0, 2**31, 10_000_000).astype(np.int32)
    client.send({"type": "x"}, {"numbers": numbers})
    polls, deadline = 0, time.monotonic() + PATIENCE
    while not (messages := client.poll()):
        assert client.failure is None, client.failure
        assert time.monotonic() < deadline
        polls += client._reader.fileno() >= 0 and client._assembler.under_way
        time.sleep(0.02)
    assert np.array_equal(messages[0].arrays["numbers"], numbers)
    assert polls < 40, "a pipe of 1 MiB alone would take 40"
    client.stop()


def test_stop_at_any_moment_of_the_start(start):
    for delay in (0.0, 0.01, 0.03, 0.06):
        client = start()
        pid = client.pid
        time.sleep(delay)
        client.stop()
        assert not Path(f"/proc/{pid}").exists()


def test_console_interrupt_does_not_reach_the_worker(start):
    client = start()
    wait_for(lambda: client.ready, client)
    os.kill(client.pid, signal.SIGINT)
    client.send({"type": "ping"})
    wait_for_message(client, "pong")
