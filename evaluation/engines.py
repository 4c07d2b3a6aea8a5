"""Runs engines as a user gets them: the worker's own pipeline, picture in, finished mesh out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..inference.errors import BozzettoError
from ..inference.pictures.cutting import cut_out
from ..inference.pictures.image import load_picture, resample
from ..inference.pictures.matting import Matting
from ..inference.pipeline import Pipeline
from ..inference.settings import GenerateSettings
from ..inference.surface.join import extract_shape
from ..inference.texture.camera import render_sight
from ..inference.types import BaseMesh, Cancel, Candidate, Cutout, Engine, Source, no_progress
from .truth import save_arrays

ROOT = Path(__file__).resolve().parents[1]
CODE = ROOT / "inference"
MATTING_RECORD = ROOT / "vendor" / "matting" / "u2netp.json"
OPAQUE = 128  # alpha from which a pixel is the object's


@dataclass(frozen=True)
class Generated:
    """What an engine delivered for a picture.

    vertices, faces: the finished mesh as the artist gets it, None where the generation failed.
    raw_vertices, raw_faces: the surface before finishing, object space, where it was asked for.
    estimate: (azimuth, elevation) the engine believes the camera has, or None.
    facts: error, category, timings, own_outline (see there) and the like; plain types.
    """

    vertices: np.ndarray | None
    faces: np.ndarray | None
    raw_vertices: np.ndarray | None
    raw_faces: np.ndarray | None
    estimate: tuple[float, float] | None
    facts: dict[str, Any]


class _Recorder:
    """An engine that remembers its last candidates."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.candidates: list[Candidate] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def encode(self, *arguments: Any, **options: Any) -> list[Candidate]:
        self.candidates = self.engine.encode(*arguments, **options)
        return self.candidates


class _RecordingPipeline(Pipeline):
    """The worker's pipeline, whose engine can be asked what it read in the picture."""

    recorder: _Recorder | None = None

    def _load_engine(self, settings: GenerateSettings) -> Engine:
        engine = super()._load_engine(settings)
        if self.recorder is None or self.recorder.engine is not engine:
            self.recorder = _Recorder(engine)
        return self.recorder


class EngineRunner:
    """One engine with its default settings, its results kept in a folder.

    A kept result counts for the same picture, settings, weights and code of `inference/` only.
    """

    def __init__(self, name: str, cache: Path) -> None:
        self.name = name
        self.settings = GenerateSettings(engine=name)
        self.pipeline = _RecordingPipeline()
        self.weights_hash: str = self.pipeline._load_engine(self.settings).weights_hash
        self._cache = cache / "predictions" / name
        digest = hashlib.md5(self.weights_hash.encode())
        digest.update(json.dumps(self.settings.to_dict(), sort_keys=True).encode())
        for file in (*sorted(CODE.rglob("*.py")), MATTING_RECORD):
            digest.update(file.read_bytes())
        self._key = digest.hexdigest()

    def run(self, picture: Path, *, raw: bool = False) -> Generated:
        """The mesh of a picture file. raw: the surface before finishing too (extracted again)."""
        digest = hashlib.md5(self._key.encode() + picture.read_bytes()).hexdigest()
        path = self._cache / f"{digest}.npz"
        if path.exists():
            found = _read(path)
            if found.raw_vertices is not None or not raw or found.vertices is None:
                return found
        made = self._generate(picture, raw)
        _write(path, made)
        return made

    def _generate(self, picture: Path, raw: bool) -> Generated:
        try:
            mesh = self.pipeline.generate(
                Source(path=str(picture)), self.settings, progress=no_progress, cancel=Cancel()
            )
        except BozzettoError as error:
            facts = {"error": f"{type(error).__name__}: {error}"}
            return Generated(None, None, None, None, None, facts)
        assert self.pipeline.recorder is not None
        best = self.pipeline.recorder.candidates[0]
        surface = extract_shape(best.field, self.settings.resolution)[0] if raw else None
        estimate = None
        if best.camera is not None:
            estimate = (float(best.camera.azimuth), float(best.camera.elevation))
        facts = {
            "category": mesh.category,
            "timings": mesh.info["timings"],
            "confidence": mesh.info["cut"]["confidence"],
            "hausdorff_voxels": mesh.info["mesh"]["hausdorff_voxels"],
            "volume_change": mesh.info["mesh"]["volume_change"],
            "messages": mesh.info["messages"],
            "own_outline": own_outline(mesh),
        }
        return Generated(
            mesh.usual.vertices,
            mesh.usual.faces,
            None if surface is None else surface.vertices,
            None if surface is None else surface.faces,
            estimate,
            facts,
        )


def own_outline(mesh: BaseMesh) -> float | None:
    """IoU of the mesh's outline with the cut-out's, seen by the camera that the colours come from:
    the engine's own, or, where it has none, the one that fits best. It tells whether the mesh is
    true to the picture, whatever pose and size it got. None where no camera is known."""
    if mesh.colour is None:
        return None
    opaque = mesh.colour.rgba[..., 3] >= OPAQUE
    usual = mesh.usual
    seen = render_sight(mesh.colour.pinhole, usual.vertices, usual.faces, opaque.shape[0]).covered
    either = np.count_nonzero(seen | opaque)
    return np.count_nonzero(seen & opaque) / either if either else 0.0


def cut_picture(picture: Path) -> Cutout | None:
    """The picture cut out as the pipeline cuts it; None where nothing stands out."""
    try:
        return cut_out(load_picture(Source(path=str(picture))), matting=_shared_matting())
    except BozzettoError:
        return None


@lru_cache(maxsize=1)
def _shared_matting() -> Matting:
    """One for all pictures: loading it takes as long as using it."""
    return Matting(threads=torch.get_num_threads())


def matting_iou(cutout: Cutout, true_alpha: np.ndarray) -> float:
    """IoU of the cut's alpha with the true one, float [h, w] of the source picture, both at 0.5."""
    left, top, extent = cutout.crop
    side = cutout.rgba.shape[0]
    rgba = np.repeat(true_alpha[..., None].astype(np.float32), 4, axis=2)
    truth = resample(rgba, (left, top, left + extent, top + extent), (side, side))[..., 3] > 0.5
    found = cutout.rgba[..., 3] > 0.5
    # what lies outside the crop counts as missed, at the scale of the cut
    shown = float(truth.sum())
    whole = float((true_alpha > 0.5).sum()) * (side / extent) ** 2
    either = float((truth | found).sum()) + max(whole - shown, 0.0)
    return float((truth & found).sum()) / either if either else 0.0


def _write(path: Path, made: Generated) -> None:
    arrays = {
        name: getattr(made, name)
        for name in ("vertices", "faces", "raw_vertices", "raw_faces")
        if getattr(made, name) is not None
    }
    facts = {"facts": made.facts, "estimate": made.estimate}
    save_arrays(path, text=np.array(json.dumps(facts)), **arrays)


def _read(path: Path) -> Generated:
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files if name != "text"}
        facts = json.loads(str(stored["text"]))
    estimate = None if facts["estimate"] is None else tuple(facts["estimate"])
    names = ("vertices", "faces", "raw_vertices", "raw_faces")
    return Generated(*(arrays.get(name) for name in names), estimate, facts["facts"])
