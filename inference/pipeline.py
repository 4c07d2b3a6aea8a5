"""The whole way of a picture in the worker process: picture, cutout, field, surface, base mesh.

torch and everything built on it is imported when a `Pipeline` is made, not with this module.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import memory
from .errors import BozzettoError, EmptyFieldError, OutOfMemoryError
from .settings import AUTOMATIC, GenerateSettings
from .store.installed import find_checkpoint
from .types import (
    BaseMesh,
    Cancel,
    Candidate,
    CoatRequest,
    Cutout,
    CutPreview,
    Engine,
    PackedCoating,
    Picture,
    Progress,
    Source,
)
from .view import describe_view

if TYPE_CHECKING:
    from .pictures.cutting import Isolated

_STAGES = (
    ".pictures.image",
    ".pictures.cutting",
    ".engines.imnet.engine",
    ".engines.pixel.engine",
    ".engines.triposr.engine",
    ".surface.finish",
    ".surface.join",
    ".surface.reduce",
    ".texture.coat",
)


class Pipeline:
    """Generates meshes and keeps the last engine warm.

    The same picture, settings, weights and machine give the same mesh bit for bit: deterministic
    algorithms where torch has them, a fixed number of threads, every draw from a seeded generator.

    Raises ImportError when a library is missing.
    """

    def __init__(self) -> None:
        # cuBLAS reads it when it starts; without it some products are not reproducible.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        import torch

        for stage in _STAGES:  # now, while nobody waits for a mesh yet
            importlib.import_module(stage, __package__)
        self._torch = torch
        # As use_deterministic_algorithms(True, warn_only=True), which would import torch's compiler
        # too and double the time that a worker takes to start.
        torch.set_deterministic_debug_mode("warn")
        torch.backends.cudnn.benchmark = False
        if "OMP_NUM_THREADS" not in os.environ:  # whoever sets it means it
            torch.set_num_threads(count_physical_cores() or torch.get_num_threads())
        from .pictures.matting import Matting

        self._matting = Matting(threads=torch.get_num_threads())
        self._engine: Engine | None = None
        self._engine_key: tuple[Any, ...] = ()

    def describe(self) -> dict[str, str]:
        """torch: its version. device: what "automatic" means here."""
        from .engines.devices import choose_device

        device, _ = choose_device(AUTOMATIC)
        return {"torch": str(self._torch.__version__), "device": str(device)}

    def generate(
        self, source: Source, settings: GenerateSettings, *, progress: Progress, cancel: Cancel
    ) -> BaseMesh:
        """One picture to one mesh; its info says how it came about.

        info: engine, category (class of the object), weights_hash, seed, settings, device, threads,
        timings (seconds by phase), peak_memory (bytes, of the process so far; where the system
        tells), cut (confidence), picture (size, orientation, crop: of the working picture), view
        (see `describe_view`; None: the engine estimates no camera), extraction (its report),
        messages (for the artist), and what `finish_surface` adds.

        Raises PictureError, SettingsError, WeightsError, EmptyFieldError, OutOfMemoryError,
        Cancelled.
        """
        with _naming_lack_of_memory(settings, "mesh"):
            return self._generate(source, settings, progress, cancel)

    def cut(
        self, source: Source, settings: GenerateSettings, *, progress: Progress, cancel: Cancel
    ) -> CutPreview:
        """What of the picture `generate` would take, without generating. No engine is loaded.

        Raises PictureError, OutOfMemoryError, Cancelled.
        """
        from .pictures.cutting import crop_square, preview_cut
        from .pictures.image import load_picture

        phases = _Phases(progress, cancel)
        with _naming_lack_of_memory(settings, "picture"):
            with phases.measure("load"):
                picture = load_picture(source)
            with phases.measure("cut"):
                isolated = self._isolate(picture, settings, cancel)
                crop_square(isolated, picture.name, side=8)  # refuses what generate refuses
                return preview_cut(picture, isolated)

    def coat(self, request: CoatRequest, *, progress: Progress, cancel: Cancel) -> PackedCoating:
        """UVs, texture and vertex colours of a shaped mesh. No engine is loaded.

        Raises OutOfMemoryError, Cancelled.
        """
        from .texture.coat import coat_mesh

        with _naming_lack_of_memory(GenerateSettings(), "texture"):
            return coat_mesh(request, progress=progress, cancel=cancel)

    def release(self) -> None:
        """Drop the models and give their memory back to the system."""
        self._engine, self._engine_key = None, ()
        self._matting.release()
        gc.collect()
        if self._torch.cuda.is_available():
            self._torch.cuda.empty_cache()
        if self._torch.backends.mps.is_available():
            self._torch.mps.empty_cache()
        # glibc keeps freed memory for itself until it is asked; other C libraries have no such call
        if platform.libc_ver()[0] == "glibc":
            ctypes.CDLL(None).malloc_trim(0)

    def _generate(
        self, source: Source, settings: GenerateSettings, progress: Progress, cancel: Cancel
    ) -> BaseMesh:
        from .pictures.cutting import crop_square, make_thumbnail
        from .pictures.image import load_picture
        from .surface.finish import finish_surface
        from .surface.join import extract_shape
        from .surface.reduce import reduce_mesh
        from .texture.source import find_colour_source

        phases = _Phases(progress, cancel)
        with phases.measure("load"):
            picture = load_picture(source)
            engine = self._load_engine(settings)
        with phases.measure("cut"):
            isolated = self._isolate(picture, settings, cancel)
            cutout = crop_square(isolated, picture.name)
        with phases.measure("encode"):
            candidates = engine.encode(
                cutout,
                settings,
                generator=self._torch.Generator().manual_seed(settings.seed),
                progress=progress,
                cancel=cancel,
            )
            if not candidates:
                raise EmptyFieldError("Nothing was recognised in the picture.")
            best = candidates[0]
        with phases.measure("extract"):
            memory.require(memory.estimate(settings.resolution))
            surface, field = extract_shape(
                best.field, settings.resolution, progress=progress, cancel=cancel
            )
        with phases.measure("finish"):
            mesh = finish_surface(
                surface,
                field,
                diagonal=best.diagonal,
                size=settings.size,
                name=cutout.name,
                category=best.category,
                progress=progress,
                cancel=cancel,
            )
            cancel.check()
            cell, resolution = surface.report["cell"], settings.resolution
            reduced = reduce_mesh(mesh, resolution=resolution, cell=cell)
            colour = find_colour_source(mesh, best, isolated)
        info = {
            "engine": settings.engine,
            "category": mesh.category,
            "weights_hash": engine.weights_hash,
            "seed": settings.seed,
            "settings": settings.to_dict(),
            "device": str(best.field.device),
            "threads": self._torch.get_num_threads(),
            "timings": phases.seconds,
            "peak_memory": _measure_peak_memory(),
            "cut": {"confidence": float(cutout.confidence)},
            "picture": {
                "size": [int(length) for length in cutout.source_size],
                "orientation": picture.orientation,
                "crop": [float(edge) for edge in cutout.crop],
            },
            "view": _describe_view(best, cutout, mesh),
            "extraction": surface.report,
            **mesh.info,
            "messages": [
                *getattr(engine, "messages", ()),
                *cutout.messages,
                *mesh.info.get("messages", ()),
            ],
        }
        return replace(
            mesh, info=info, thumbnail=make_thumbnail(cutout), colour=colour, reduced=reduced
        )

    def _isolate(self, picture: Picture, settings: GenerateSettings, cancel: Cancel) -> Isolated:
        from .pictures.cutting import isolate

        return isolate(
            picture,
            background=settings.background,
            subject=settings.subject,
            point=settings.point,
            matting=self._matting,
            cancel=cancel,
        )

    def _load_engine(self, settings: GenerateSettings) -> Engine:
        from .engines import create_engine

        checkpoint = find_checkpoint(settings.engine, settings.checkpoint)
        chosen = {"checkpoint": checkpoint, "device": settings.device}
        key = (settings.engine, *chosen.values(), _stamp_file(checkpoint))
        if self._engine is None or key != self._engine_key:
            self._engine = None  # the old one goes first: two at once may not fit
            self._engine = create_engine(settings.engine, **chosen)
            self._engine_key = key
        return self._engine


def _describe_view(candidate: Candidate, cutout: Cutout, mesh: BaseMesh) -> dict[str, Any] | None:
    if candidate.pinhole is None:
        return None
    placement = mesh.info["placement"]
    return describe_view(
        candidate.pinhole,
        crop=cutout.crop,
        size=cutout.source_size,
        scale=placement["scale"],
        ground=placement["ground"],
    )


@contextlib.contextmanager
def _naming_lack_of_memory(settings: GenerateSettings, thing: str) -> Iterator[None]:
    """The libraries' ways of saying that memory ran out become an OutOfMemoryError."""
    try:
        yield
    except MemoryError as error:
        raise OutOfMemoryError(_tell_shortage(thing), _tell_fix()) from error
    except Exception as error:  # onnxruntime's have no common base but this
        if isinstance(error, BozzettoError) or not _is_out_of_memory(error):
            raise
        raise OutOfMemoryError(_tell_shortage(thing, settings.device), _tell_fix()) from error


class _Phases:
    """Marks the phases of one generation and measures them."""

    def __init__(self, progress: Progress, cancel: Cancel) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._cancel = cancel

    @contextlib.contextmanager
    def measure(self, phase: str) -> Iterator[None]:
        self._cancel.check()
        self._progress(phase, 0.0)
        start = time.monotonic()
        yield
        self.seconds[phase] = round(time.monotonic() - start, 4)
        self._progress(phase, 1.0)


def count_physical_cores() -> int | None:
    """Cores that this process may use, a core with two threads counted once; None: not known.

    Reads Linux's /sys/devices/system/cpu; elsewhere torch's own default is as good.
    """
    if sys.platform != "linux":
        return None
    cores = set()
    for processor in os.sched_getaffinity(0):
        siblings = Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
        try:
            cores.add(siblings.read_text().strip())
        except OSError:  # some containers hide it
            return None
    return len(cores)


def _stamp_file(path: str) -> tuple[int, int] | None:
    """What changes when a file is replaced; None: no such file, which the engine will report."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


def _is_out_of_memory(error: Exception) -> bool:
    """Whether a library says that memory ran out: torch on a GPU by class, others by words."""
    text = str(error).lower()
    return type(error).__name__ == "OutOfMemoryError" or any(
        words in text
        for words in (
            "out of memory",
            "allocate memory",
            "not enough memory",
            "bad_alloc",
            "bad allocation",
        )
    )


def _tell_shortage(thing: str, device: str = "") -> str:
    where = f" on the device {device!r}" if device else ""
    limit = memory.find_limit()
    told = f" The worker may take {round(limit / 1e9, 2):g} GB." if limit else ""
    return f"There is not enough memory{where} for this {thing}.{told}"


def _tell_fix() -> str:
    return memory.fix_limit() if memory.find_limit() else ""


def _measure_peak_memory() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
