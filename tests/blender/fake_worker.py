"""Starts a real worker with a pipeline that does what a picture's name asks for: no torch.

"sleep", "loop", "kill" and "weights" happen in the phase encode; anything else gives a torus that
depends on the settings alone.
"""

import argparse
import importlib.util
import io
import os
import signal
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("boot", ROOT / "inference" / "worker_boot.py")
boot = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(boot)
boot.alias_package(ROOT)

from bozzetto.inference import errors, types, worker  # noqa: E402


def make_torus(around=96, along=48):
    """A standing, lopsided torus in metres: on the floor, over the origin."""
    u, v = np.meshgrid(np.arange(around), np.arange(along), indexing="ij")
    a, b = 2 * np.pi * u / around, 2 * np.pi * v / along
    radius = 0.4 + 0.1 * np.cos(b)
    points = np.stack(
        [radius * np.cos(a), 0.1 * np.sin(b) * (1.5 + np.cos(a)), radius * np.sin(a)], axis=-1
    ).reshape(-1, 3)
    ahead, right = (u + 1) % around, (v + 1) % along
    corners = [x.ravel() for x in (u * along + v, ahead * along + v, ahead * along + right)]
    other = [x.ravel() for x in (u * along + v, ahead * along + right, u * along + right)]
    faces = np.concatenate([np.stack(corners, -1), np.stack(other, -1)])[:, ::-1]
    low, high = points.min(0), points.max(0)
    points -= np.append((low + high)[:2] / 2, low[2])
    return points.astype(np.float32), np.ascontiguousarray(faces, np.int32)


# As `inference.view.describe_view` gives it: from the front right, looking down.
VIEW = {
    "eye": [1.2, -3.0, 1.6],
    "axes": [[0.9285, 0.3714, 0.0], [-0.1268, 0.3170, 0.9399], [0.3491, -0.8727, 0.3414]],
    "half_size": [0.25, 0.25],
    "centre": [0.02, -0.01],
}
VIEW["axes"][2] = [-0.3491, 0.8727, -0.3414]


def make_colour(vertices):
    """An orange square, seen from the front."""
    rgba = np.full((64, 64, 4), (200, 100, 50, 255), np.uint8)
    axes = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
    return types.ColourSource(rgba, types.Pinhole((0.0, -3.0, 0.5), axes, 0.25, (0.0, 0.0)), 0.0)


class FakePipeline:
    def describe(self):
        return {"torch": "none", "device": "cpu"}

    def generate(self, source, settings, *, progress, cancel):
        for phase in types.PHASES[:-1]:
            progress(phase, 0.0)
            if phase == "encode":
                self.act(source.name, cancel)
            progress(phase, 1.0)
        vertices, faces = make_torus()
        if settings.size:
            vertices *= settings.size / (vertices.max(0) - vertices.min(0)).max()
        info = {
            "engine": settings.engine,
            "weights_hash": "fake",
            "seed": settings.seed,
            "settings": settings.to_dict(),
            "timings": {"encode": 0.5},
            "messages": ["The cut is uncertain."] if source.name == "doubt" else [],
            "picture": {"size": [96, 96], "orientation": 1, "crop": [0.0, 0.0, 96.0]},
            "view": VIEW if settings.engine == "pixel" else None,
            "shelf": os.environ.get("BOZZETTO_WEIGHTS", ""),
        }
        category = "chair" if settings.category == "automatic" else settings.category
        thumbnail = np.full((64, 64, 4), (200, 100, 50, 255), np.uint8)
        colour = make_colour(vertices) if source.name.startswith("painted") else None
        return types.BaseMesh(vertices, faces, source.name, category, info, thumbnail, colour)

    def cut(self, source, settings, *, progress, cancel):
        """The left half of a grey picture, or what stands around the point."""
        progress("cut", 0.0)
        self.act(source.name, cancel)
        rgba = np.full((60, 80, 4), 128, np.uint8)
        middle = 0.25 if settings.subject != "point" else settings.point[0]
        across = (np.arange(80) + 0.5) / 80
        rgba[..., 3] = np.where(abs(across - middle) < 0.25, 255, 0)
        doubt = ("The cut may be wrong.",) if source.name == "doubt" else ()
        return types.CutPreview(rgba, 0.4 if doubt else 1.0, doubt)

    def coat(self, request, *, progress, cancel):
        """Every face its own cell of a grid; orange, and the vertices by their height."""
        progress("unwrap", 0.0)
        progress("bake", 0.5)
        mesh = request.mesh
        if request.delight == 1.0:
            raise errors.OutOfMemoryError("There is not enough memory.")
        across = int(np.ceil(np.sqrt(len(mesh.sizes))))
        polygon = np.repeat(np.arange(len(mesh.sizes)), mesh.sizes)
        corner = np.arange(len(mesh.corners)) - np.repeat(mesh.starts, mesh.sizes)
        place = np.array([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)])[corner]
        cell = np.stack([polygon % across, polygon // across], -1)
        uv = ((cell + place) / across).astype(np.float32)
        height = mesh.vertices[:, 2] / mesh.vertices[:, 2].max()
        colours = np.full((len(height), 4), 255, np.uint8)
        colours[:, 0] = np.round(height * 255)
        stream = io.BytesIO()
        Image.new("RGB", (request.side,) * 2, (200, 100, 50)).save(stream, "PNG")
        report = {"side": request.side, "seconds": {"unwrap": 0.1, "bake": 0.2}}
        return types.PackedCoating(uv, stream.getvalue(), colours, report)

    def release(self):
        pass

    def act(self, action, cancel):
        if action == "sleep":  # deaf to cancel
            time.sleep(3600)
        elif action == "loop":
            while True:
                cancel.check()
                time.sleep(0.001)
        elif action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif action == "weights":
            raise errors.WeightsError("The weights are gone.", "Fetch them again.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent-signal", action="store_true")
    worker.run(FakePipeline, parent_signal=parser.parse_args().parent_signal)
