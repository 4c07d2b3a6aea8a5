"""The worker's memory limit: kept by the system, told in words, and survived."""

import subprocess
import sys
from pathlib import Path

import pytest
from fake_engine_queue import PYTHON, generate, make_client
from fake_engine_weights import write_octahedron
from PIL import Image, ImageDraw

from bozzetto.inference import memory
from bozzetto.inference import pipeline as pipeline_module
from bozzetto.inference.client import WorkerClient
from bozzetto.inference.errors import OutOfMemoryError
from bozzetto.inference.jobs import JobQueue
from bozzetto.inference.messages import make_request, read_memory_limit
from bozzetto.inference.protocol import Message
from bozzetto.inference.settings import GenerateSettings
from bozzetto.inference.types import Source

ROOM = 200 << 20
LINUX = sys.platform == "linux"


def run(code):
    answer = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


@pytest.mark.skipif(not LINUX, reason="only Linux's kernel keeps the limit")
def test_system_refuses_what_is_above_the_limit_and_goes_on_below_it():
    words = run(
        "import numpy as np, torch\n"
        "from bozzetto.inference import memory, pipeline\n"
        f"memory.set_limit(memory.measure() + {ROOM})\n"
        "for take in (lambda: np.ones(1 << 30, np.uint8),\n"
        "             lambda: torch.ones(1 << 30, dtype=torch.uint8)):\n"
        "    try: take(); print('taken')\n"
        "    except MemoryError: print('refused')\n"
        "    except Exception as error: print(pipeline._is_out_of_memory(error))\n"
        "print(len(np.ones(1 << 20)))\n"
        "memory.set_limit(0)\n"
        "print(len(np.ones(1 << 30, np.uint8)))\n"
    )
    assert words == ["refused", "True", str(1 << 20), str(1 << 30)]


def test_need_is_refused_before_anything_is_taken(monkeypatch):
    monkeypatch.setattr(memory, "_tell_kernel", lambda limit: None)
    monkeypatch.setattr(memory, "_limit", 0)
    memory.require(1 << 50)  # without a limit nothing is refused
    memory.set_limit(memory.measure() + ROOM)
    memory.require(ROOM // 2)
    with pytest.raises(OutOfMemoryError, match="limit is") as caught:
        memory.require(2 * ROOM)
    assert "Memory Limit" in caught.value.fix
    with pytest.raises(OutOfMemoryError, match="less than"):
        memory.set_limit(1000)


def test_estimate_grows_like_the_surface():
    small, large = memory.estimate(128), memory.estimate(256)
    assert 2 < large / small < 4
    assert 600e6 < memory.estimate(512) < 1000e6


@pytest.mark.parametrize(
    "words",
    [
        "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Status Message: std::bad_alloc",
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes.",
        "Failed to allocate memory for requested buffer of size 1024",
    ],
)
def test_words_of_the_libraries_are_understood(words):
    assert pipeline_module._is_out_of_memory(Exception(words))
    assert not pipeline_module._is_out_of_memory(Exception("Invalid argument"))


@pytest.mark.parametrize("limit", [-5, 1.5, "many", None])
def test_nonsense_is_no_limit(limit):
    header, arrays = make_request(1, Source(name="x"), GenerateSettings(), memory_limit=7)
    assert read_memory_limit(Message(header, arrays)) == 7
    assert read_memory_limit(Message({**header, "memory_limit": limit}, arrays)) == 0


@pytest.mark.skipif(not LINUX, reason="only Linux's kernel keeps the limit")
def test_job_above_the_limit_fails_and_the_next_one_works():
    with JobQueue(make_client) as queue:
        assert generate(queue).info["pid"]
        queue.memory_limit = 2 << 30
        with pytest.raises(OutOfMemoryError):
            generate(queue, "large")
        assert generate(queue).info["jobs"] == 1, "a fresh worker"
        queue.memory_limit = 0
        generate(queue, "large")


@pytest.fixture
def picture(tmp_path):
    image = Image.new("RGBA", (200, 150))
    ImageDraw.Draw(image).ellipse((40, 30, 160, 120), fill=(220, 90, 30, 255))
    image.save(tmp_path / "picture.png")
    return Source(path=str(tmp_path / "picture.png"))


def test_detail_above_the_limit_is_refused_by_the_real_worker_and_less_works(picture, tmp_path):
    settings = GenerateSettings(
        engine="imnet", checkpoint=str(write_octahedron(tmp_path / "o.safetensors"))
    )
    with JobQueue(lambda: WorkerClient(Path(sys.executable))) as queue:
        queue.memory_limit = 900_000_000
        job = queue.submit(picture, settings.changed(resolution=512))
        with pytest.raises(OutOfMemoryError, match=r"limit is 0\.9 GB"):
            queue.wait(job)
        mesh = queue.wait(queue.submit(picture, settings.changed(resolution=64)))
        assert len(mesh.faces) > 500
