"""The real pipeline, in process and in its worker, with a small checkpoint whose field is known."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from fake_engine_weights import write_octahedron
from PIL import Image, ImageDraw

from bozzetto.inference import pipeline as pipeline_module
from bozzetto.inference.client import WorkerClient
from bozzetto.inference.errors import (
    Cancelled,
    EmptyFieldError,
    OutOfMemoryError,
    PictureError,
    WeightsError,
)
from bozzetto.inference.job import JobState
from bozzetto.inference.jobs import JobQueue
from bozzetto.inference.pipeline import Pipeline
from bozzetto.inference.settings import GenerateSettings
from bozzetto.inference.types import PHASES, Cancel, Source, no_progress

PHASES = PHASES[:-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Has picture.png, other.png, and octahedron.safetensors."""
    folder = tmp_path_factory.mktemp("pipeline")
    write_octahedron(folder / "octahedron.safetensors")
    for name, colour in (("picture", (220, 90, 30, 255)), ("other", (10, 20, 60, 255))):
        image = Image.new("RGBA", (200, 150))
        ImageDraw.Draw(image).ellipse((40, 30, 160, 120), fill=colour)
        image.save(folder / f"{name}.png")
    return folder


@pytest.fixture
def settings(folder):
    return GenerateSettings(
        engine="imnet", checkpoint=str(folder / "octahedron.safetensors"), resolution=64
    )


@pytest.fixture(scope="module")
def pipeline():
    """Process-wide settings of torch are put back, for the tests of others."""
    threads = torch.get_num_threads()
    yield Pipeline()
    torch.set_deterministic_debug_mode("default")
    torch.set_num_threads(threads)


@pytest.fixture
def queue():
    with JobQueue(lambda: WorkerClient(Path(sys.executable))) as queue:
        yield queue


def generate(pipeline, source, settings, progress=no_progress, cancel=None):
    return pipeline.generate(source, settings, progress=progress, cancel=cancel or Cancel())


def test_picture_becomes_a_described_mesh(pipeline, folder, settings):
    seen = []
    mesh = generate(
        pipeline,
        Source(path=str(folder / "picture.png")),
        settings.changed(seed=5, size=2.0),
        lambda phase, fraction: seen.append((phase, fraction)),
    )
    assert mesh.name == "picture"
    assert mesh.category == "lamp"
    assert mesh.info["mesh"]["watertight"]
    for each in (mesh, mesh.reduced):
        low, high = each.vertices.min(0), each.vertices.max(0)
        assert np.allclose(high - low, 2.0, atol=0.05), "an octahedron, its longest side 2 m"
        assert low[2] == pytest.approx(0.0, abs=1e-6)
    info = json.loads(json.dumps(mesh.info, allow_nan=False))
    assert info["engine"] == "imnet"
    assert len(info["weights_hash"]) == 64
    assert info["category"] == mesh.category
    assert info["seed"] == 5
    assert GenerateSettings.from_dict(info["settings"]) == settings.changed(seed=5, size=2.0)
    assert info["device"] == "cpu"
    assert info["threads"] >= 1
    assert info["cut"] == {"confidence": 1.0}
    assert info["extraction"]["resolution"] == 64
    assert info["peak_memory"] > 1e8
    assert info["messages"] == []
    assert tuple(info["timings"]) == PHASES
    assert all(seconds >= 0.0 for seconds in info["timings"].values())
    order = [PHASES.index(phase) for phase, _ in seen]
    assert order == sorted(order)
    for phase in PHASES:
        fractions = [fraction for name, fraction in seen if name == phase]
        assert fractions == sorted(fractions)
        assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def test_look_at_the_cut_shows_what_generate_would_take(pipeline, folder, settings):
    seen = []
    preview = pipeline.cut(
        Source(path=str(folder / "picture.png")),
        settings.changed(checkpoint="nowhere.safetensors"),  # no engine is loaded for it
        progress=lambda phase, fraction: seen.append(phase),
        cancel=Cancel(),
    )
    with Image.open(folder / "picture.png") as image:
        truth = np.asarray(image)
    assert preview.rgba.shape == truth.shape
    assert np.abs(preview.rgba[..., 3].astype(int) - truth[..., 3]).max() <= 2
    inside = truth[..., 3] == 255
    assert np.abs(preview.rgba[inside].astype(int) - truth[inside]).max() <= 1
    assert preview.confidence == 1.0
    assert set(seen) == {"load", "cut"}


def test_look_at_the_cut_keeps_the_picture_around_the_object(pipeline, settings):
    pixels = np.full((120, 160, 4), 1.0, np.float32)
    pixels[..., :3] = (0.2, 0.4, 0.8)
    pixels[30:90, 20:60, :3] = (0.9, 0.3, 0.1)
    pixels[40:80, 110:130, :3] = (0.9, 0.8, 0.1)
    source = Source(pixels=pixels, name="two")
    options = {"progress": no_progress, "cancel": Cancel()}
    remove = settings.changed(subject="point", point=(0.75, 0.5))
    preview = pipeline.cut(source, remove, **options)
    alpha = preview.rgba[..., 3] > 128
    assert alpha[45:75, 112:128].mean() > 0.9, "the object at the point"
    assert alpha[:, :90].mean() < 0.05, "the other one is not taken"
    assert tuple(preview.rgba[5, 5, :3]) == (51, 102, 204)
    with pytest.raises(PictureError):
        pipeline.cut(source, settings.changed(subject="point", point=(0.5, 0.05)), **options)


def test_thumbnail_is_the_cut_object(pipeline, folder, settings):
    mesh = generate(pipeline, Source(path=str(folder / "picture.png")), settings)
    assert mesh.thumbnail.shape == (64, 64, 4)
    assert tuple(mesh.thumbnail[32, 32]) == (220, 90, 30, 255)
    assert mesh.thumbnail[0, 0, 3] == 0
    assert mesh.info["picture"]["size"] == [200, 150]
    assert mesh.info["view"] is None, "imnet estimates no camera"


def test_messages_for_the_artist_are_collected(pipeline, folder, settings):
    source = Source(path=str(folder / "picture.png"))
    mesh = generate(pipeline, source, settings.changed(device="cuda:7"))
    assert mesh.info["device"] == "cpu"
    assert any("cuda:7" in message for message in mesh.info["messages"])


def test_engine_stays_warm_until_its_file_changes(pipeline, folder, settings, tmp_path):
    checkpoint = tmp_path / "copy.safetensors"
    checkpoint.write_bytes((folder / "octahedron.safetensors").read_bytes())
    settings = settings.changed(checkpoint=str(checkpoint))
    source = Source(path=str(folder / "picture.png"))
    generate(pipeline, source, settings)
    engine = pipeline._engine
    generate(pipeline, Source(path=str(folder / "other.png")), settings.changed(seed=1))
    assert pipeline._engine is engine
    write_octahedron(checkpoint, category="bed", seed=1)
    assert generate(pipeline, source, settings).category == "bed"
    pipeline.release()
    assert pipeline._engine is None
    generate(pipeline, source, settings)


@pytest.mark.parametrize("phase", PHASES)
def test_cancel_in_a_phase(pipeline, folder, settings, phase):
    cancel = Cancel()

    def progress(now, fraction):
        if now == phase:
            cancel.set()

    with pytest.raises(Cancelled):
        generate(pipeline, Source(path=str(folder / "picture.png")), settings, progress, cancel)


def test_errors_of_the_stages_pass_through(pipeline, folder, settings):
    picture = Source(path=str(folder / "picture.png"))
    with pytest.raises(PictureError):
        generate(pipeline, Source(path=str(folder / "none.png")), settings)
    with pytest.raises(WeightsError, match="none"):
        generate(pipeline, picture, settings.changed(checkpoint=str(folder / "none.safetensors")))


def test_engine_that_sees_nothing_is_an_empty_field(pipeline, folder, settings, monkeypatch):
    picture = Source(path=str(folder / "picture.png"))
    generate(pipeline, picture, settings)
    monkeypatch.setattr(pipeline._engine, "encode", lambda *a, **k: [], raising=True)
    with pytest.raises(EmptyFieldError):
        generate(pipeline, picture, settings)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate "
            "memory: you tried to allocate 4 bytes. Error code 12 (Cannot allocate memory)"
        ),
    ],
    ids=["python", "cuda", "cpu"],
)
def test_shortage_of_memory_is_recognised(pipeline, folder, settings, monkeypatch, error):
    def fail(*arguments, **options):
        raise error

    picture = Source(path=str(folder / "picture.png"))
    generate(pipeline, picture, settings)
    monkeypatch.setattr(pipeline._engine, "encode", fail)
    with pytest.raises(OutOfMemoryError) as caught:
        generate(pipeline, picture, settings)
    assert caught.value.__cause__ is error


def test_torch_says_what_we_look_for_when_memory_runs_out():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert pipeline_module._is_out_of_memory(caught.value)


def test_other_defects_are_not_taken_for_a_shortage(pipeline, folder, settings, monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    picture = Source(path=str(folder / "picture.png"))
    generate(pipeline, picture, settings)
    monkeypatch.setattr(pipeline._engine, "encode", fail)
    with pytest.raises(RuntimeError, match="mat1"):
        generate(pipeline, picture, settings)


def test_algorithms_are_deterministic_and_the_compiler_stays_away():
    code = (
        "import sys, torch; from bozzetto.inference.pipeline import Pipeline; Pipeline();"
        "print(torch.are_deterministic_algorithms_enabled(), 'torch._inductor' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["True", "False"]


def test_physical_cores_are_counted():
    cores = pipeline_module.count_physical_cores()
    if cores is None:
        assert sys.platform != "linux" or not Path("/sys/devices/system/cpu/cpu0/topology").exists()
    else:
        assert 1 <= cores <= len(os.sched_getaffinity(0))


RELEASE = """
import ctypes, os
from pathlib import Path
from bozzetto.inference.pipeline import Pipeline

def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")

pipeline = Pipeline()
pipeline.release()
before = resident()
pipeline._engine = [ctypes.create_string_buffer(100_000) for _ in range(1000)]  # 100 MB
for buffer in pipeline._engine:
    ctypes.memset(buffer, 1, len(buffer))
held = resident()
del buffer
pipeline.release()
print(held - before, resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's process files")
def test_release_gives_memory_back():
    # In a process of its own: what other tests left on the heap may keep pages of any process.
    result = subprocess.run(
        [sys.executable, "-c", RELEASE], capture_output=True, text=True, check=True
    )
    held, kept = map(int, result.stdout.split())
    assert held > 80e6
    assert kept < 30e6


def test_same_mesh_bit_for_bit_cold_warm_and_in_process(queue, pipeline, folder, settings):
    source = Source(path=str(folder / "picture.png"))
    other = Source(path=str(folder / "other.png"))
    cold = queue.wait(queue.submit(source, settings))
    between = queue.wait(queue.submit(other, settings.changed(seed=9)))
    warm = queue.wait(queue.submit(source, settings))
    pid = queue.pid
    queue.release()
    again = queue.wait(queue.submit(source, settings))
    assert queue.pid != pid
    inside = generate(pipeline, source, settings)
    for mesh in (warm, again, inside):
        assert mesh.vertices.tobytes() == cold.vertices.tobytes()
        assert mesh.faces.tobytes() == cold.faces.tobytes()
        assert mesh.name == cold.name
        assert mesh.reduced.vertices.tobytes() == cold.reduced.vertices.tobytes()
        assert mesh.reduced.faces.tobytes() == cold.reduced.faces.tobytes()
        assert mesh.reduced.report == cold.reduced.report
        assert len(mesh.reduced.faces) < len(mesh.faces)
    assert between.vertices.tobytes() != cold.vertices.tobytes(), "the picture matters"
    assert cold.info["timings"].keys() == set(PHASES)


def test_path_and_packed_picture_give_the_same_mesh(pipeline, folder, settings):
    path = folder / "picture.png"
    one = generate(pipeline, Source(path=str(path)), settings)
    two = generate(pipeline, Source(encoded=path.read_bytes(), name="picture"), settings)
    assert one.vertices.tobytes() == two.vertices.tobytes()
    assert one.name == two.name


def test_real_job_is_cancelled_in_the_middle(queue, folder, settings):
    source = Source(path=str(folder / "picture.png"))
    queue.wait(queue.submit(source, settings))
    pid = queue.pid
    job = queue.submit(source, settings.changed(resolution=512))
    deadline = time.monotonic() + 60.0
    while job.phase != "extract":
        queue.step()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    queue.cancel(job)
    assert job.state is JobState.CANCELLED
    queue.limits = type(queue.limits)(cancel=30.0)  # on a busy machine too: no kill
    mesh = queue.wait(queue.submit(source, settings))
    assert queue.pid == pid
    assert mesh.info["mesh"]["watertight"]
