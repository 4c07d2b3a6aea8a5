"""The learned matting: U^2-Net's small variant says which pixels stand out.

Qin et al., "U^2-Net: Going Deeper with Nested U-Structure for Salient Object Detection", Pattern
Recognition 106 (2020), the network U^2-Net-dagger ("u2netp") in the ONNX format, run by onnxruntime
on the processor. It belongs to the worker: Blender's process never imports this module.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ..errors import WeightsError

if TYPE_CHECKING:
    import onnxruntime

FOLDER = Path(__file__).resolve().parents[2] / "vendor" / "matting"
RECORD = "u2netp.json"
SIDE = 320
"""Pixels of the square that the network sees; a picture is stretched to it."""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""ImageNet's, of the picture divided by its brightest value: what the network was trained on."""
MIN_PEAK = 0.3
"""Where no pixel is more salient than this, stretching the answer would make an object of noise."""

Window = tuple[float, float, float, float]
"""(left, top, right, bottom) in a picture's pixels."""


class Matting:
    """The network, loaded on first use and kept until `release`.

    folder: holds the record (file, bytes, sha256) and the file it names. threads: of the processor;
    the answer does not depend on their number.
    """

    def __init__(self, folder: Path = FOLDER, *, threads: int = 1) -> None:
        self.folder = folder
        self.threads = threads
        self._session: onnxruntime.InferenceSession | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether the network holds memory."""
        return self._session is not None

    def release(self) -> None:
        """Give the network's memory back; the next use loads it again."""
        self._session = None

    def predict(self, rgb: np.ndarray, window: Window | None = None) -> np.ndarray:
        """How much each pixel stands out, as float32 [h, w] in [0, 1].

        rgb: float32 [h, w, 3], sRGB-encoded, in [0, 1]. window: the part of the picture that the
        network sees; outside of it the answer is 0. The answer is smooth: `SIDE` samples along
        each side of the window, interpolated. All 0 where nothing in the window stands out.

        Raises WeightsError when the network cannot be used.
        """
        height, width = rgb.shape[:2]
        left, top, right, bottom = _whole_pixels(window or (0, 0, width, height), width, height)
        part = rgb[top:bottom, left:right]
        out = np.zeros((height, width), np.float32)
        matte = Image.fromarray(self._run(part)).resize(
            (right - left, bottom - top), Image.Resampling.BICUBIC
        )
        out[top:bottom, left:right] = np.clip(np.asarray(matte), 0.0, 1.0)
        return out

    def load(self) -> None:
        """Make the network ready. Raises WeightsError: missing, damaged, or no onnxruntime."""
        if self._session is not None:
            return
        data = _read_checked(self.folder)
        try:
            import onnxruntime
        except ImportError as error:
            raise WeightsError(
                f"The worker's Python lacks onnxruntime ({error}).",
                "Install the extension's vendor/requirements.txt into that Python again.",
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        # An arena would keep the largest picture's memory for ever.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                data, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises classes of its own, by no common name
            raise WeightsError(f"The matting network cannot be started ({error}).") from error

    def _run(self, rgb: np.ndarray) -> np.ndarray:
        """Float32 [SIDE, SIDE] in [0, 1] of a picture stretched to the network's square."""
        self.load()
        assert self._session is not None
        planes = [
            np.asarray(
                Image.fromarray(np.ascontiguousarray(rgb[..., channel], np.float32)).resize(
                    (SIDE, SIDE), Image.Resampling.BILINEAR
                )
            )
            for channel in range(3)
        ]
        square = np.stack(planes)
        square = square / max(float(square.max()), 1e-6)
        shape = (3, 1, 1)
        square = (square - np.reshape(MEAN, shape)) / np.reshape(DEVIATION, shape)
        # The first output is the fusion of the others (section 3.2 of the paper).
        name = self._session.get_outputs()[0].name
        feed = {self._session.get_inputs()[0].name: square[None].astype(np.float32)}
        saliency = self._session.run([name], feed)[0][0, 0]
        low, high = float(saliency.min()), float(saliency.max())
        if not high > MIN_PEAK:  # also nan
            return np.zeros((SIDE, SIDE), np.float32)
        return ((saliency - low) / (high - low)).astype(np.float32)


def _read_checked(folder: Path) -> bytes:
    """The network's bytes, which must be those of the record. Raises WeightsError."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        data = (folder / record["file"]).read_bytes()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"The matting network cannot be read ({error}).", "Reinstall the extension."
        ) from error
    if hashlib.sha256(data).hexdigest() != record.get("sha256"):
        raise WeightsError(
            "The matting network is damaged: its checksum is wrong.", "Reinstall the extension."
        )
    return data


def _whole_pixels(window: Window, width: int, height: int) -> tuple[int, int, int, int]:
    left, top = max(0, int(np.floor(window[0]))), max(0, int(np.floor(window[1])))
    right, bottom = min(width, int(np.ceil(window[2]))), min(height, int(np.ceil(window[3])))
    return left, top, max(right, left + 1), max(bottom, top + 1)
