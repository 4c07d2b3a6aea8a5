"""PrusaSlicer, Debian's: what it repairs when it reads an .stl, and whether it slices it."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .tool import MissingToolError

EXECUTABLE = "prusa-slicer"
PRINT_SIZE = 60
"""Millimetres of the cube that a print is scaled into."""
_COARSE = (
    "--layer-height=0.4", "--first-layer-height=0.4", "--perimeters=1", "--fill-density=0",
    "--top-solid-layers=0", "--bottom-solid-layers=0", "--skirts=0", "--nozzle-diameter=0.4",
    "--raft-layers=1",
)  # fmt: skip
_LIMIT = 300.0  # seconds for a file
_REPAIRS = (
    "open_edges", "edges_fixed", "degenerate_facets", "facets_removed", "facets_reversed",
    "backwards_edges",
)  # fmt: skip
"""What `--info` prints of a file where it is not 0 (TriangleMesh.cpp, Model.cpp of version 2.5)."""
_WARNING = re.compile(
    r"warning|error|repair|open edge|non-manifold|empty layer|no extrusions|self-intersect"
    r"|could not|not be (?:printed|sliced)|nothing to",
    re.IGNORECASE,
)
_TRACE = re.compile(r"^\[\d{4}-\d\d-\d\d .*\[(?:trace|debug|info)\]")


class Slicer:
    """`--info` for every file."""

    names: tuple[str, ...] = ("prusa-slicer",)
    kind = "stl"

    def __init__(self, executable: str = EXECUTABLE) -> None:
        self._executable = executable

    def prepare(self) -> dict[str, str]:
        """The version by name. Raises MissingToolError."""
        if not shutil.which(self._executable):
            raise MissingToolError(
                f"{self._executable} is missing: sudo apt install --no-install-recommends "
                "prusa-slicer"
            )
        found = re.search(r"PrusaSlicer-(\S+)", self._run("--help"))
        if not found:
            raise MissingToolError(f"{self._executable} does not run.")
        return dict.fromkeys(self.names, found.group(1))

    def judge(self, paths: Sequence[Path]) -> Iterator[tuple[Path, str, dict[str, Any]]]:
        """A process for each file."""
        for path in paths:
            yield path, self.names[0], self._judge(path)

    def _judge(self, path: Path) -> dict[str, Any]:
        return read_info(self._run("--info", str(path)))

    def _run(self, *arguments: str) -> str:
        try:
            answer = subprocess.run(
                [self._executable, *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=_LIMIT,
            )
        except subprocess.TimeoutExpired:
            return f"error: took more than {_LIMIT:.0f} s"
        return answer.stdout


class Slicing(Slicer):
    """G-code, with a coarse profile: walls alone, 0.4 mm, `PRINT_SIZE` high.

    On a raft: without one PrusaSlicer refuses what touches the bed in a point, which is no fault of
    the mesh.
    """

    names = ("prusa-slicing",)

    def prepare(self) -> dict[str, str]:
        """The version, and what stands for the profile. Raises MissingToolError."""
        profile = zlib.crc32(" ".join((*_COARSE, str(PRINT_SIZE))).encode())
        return {name: f"{value} profile {profile:08x}" for name, value in super().prepare().items()}

    def _judge(self, path: Path) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="bozzetto-slicing-") as folder:
            target = Path(folder) / "print.gcode"
            size = f"--scale-to-fit={PRINT_SIZE},{PRINT_SIZE},{PRINT_SIZE}"
            text = self._run("--export-gcode", size, *_COARSE, "--output", str(target), str(path))
            lines = target.read_text(errors="replace") if target.is_file() else ""
        extruded = sum(line.startswith("G1 ") and " E" in line for line in lines.splitlines())
        return {"sliced": extruded > 0, "moves": extruded, "messages": find_messages(text)}


def read_info(text: str) -> dict[str, Any]:
    """Facts of what `--info` prints; {"error"} where it printed no facts."""
    values = dict(re.findall(r"^(\w+) = +(\S+)", text, re.MULTILINE))
    if "manifold" not in values:
        return {"error": "; ".join(find_messages(text)) or "it does not read the file"}
    return {
        "manifold": values["manifold"] == "yes",
        "repairs": {name: int(values.get(name, 0)) for name in _REPAIRS},
        "facets": int(values["number_of_facets"]),
        "parts": int(values["number_of_parts"]),
        "volume": float(values["volume"]),
    }


def find_messages(text: str) -> list[str]:
    """Lines that warn or complain, without those of its log that tell of progress."""
    return [
        line.strip()
        for line in text.splitlines()
        if not _TRACE.match(line) and _WARNING.search(line)
    ]
