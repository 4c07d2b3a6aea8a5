"""Khronos' glTF validator, from npm, installed below .cache/ by its lock file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...environments import ROOT, say
from .tool import MissingToolError

_HERE = Path(__file__).resolve().parent
_FILES = ("package.json", "package-lock.json")


class GltfValidator:
    """Needs node and npm, 18 or newer."""

    names = ("gltf-validator",)
    kind = "glb"

    def __init__(self, cache: Path = ROOT / ".cache" / "gltf-validator") -> None:
        self._cache = cache

    def prepare(self) -> dict[str, str]:
        """Install what the lock file says; the version by name. Raises MissingToolError."""
        lock = json.loads((_HERE / "npm" / "package-lock.json").read_text())
        version = lock["packages"]["node_modules/gltf-validator"]["version"]
        if not shutil.which("node") or not shutil.which("npm"):
            raise MissingToolError("node and npm are missing: sudo apt install nodejs npm")
        installed = self._cache / "node_modules" / "gltf-validator" / "package.json"
        if installed.is_file() and json.loads(installed.read_text())["version"] == version:
            return {self.names[0]: version}
        say(f"fetching gltf-validator {version} from npm")
        self._cache.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            shutil.copy(_HERE / "npm" / name, self._cache / name)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        answer = subprocess.run(command, cwd=self._cache, capture_output=True, text=True)
        if answer.returncode or not installed.is_file():
            raise MissingToolError(f"npm ci failed: {answer.stderr.strip()[-400:]}")
        return {self.names[0]: version}

    def judge(self, paths: Sequence[Path]) -> Iterator[tuple[Path, str, dict[str, Any]]]:
        """One process reads all files."""
        command = ["node", str(_HERE / "validate_gltf.cjs"), str(self._cache)]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "NODE_OPTIONS": ""},
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n".join(str(path) for path in paths) + "\n")
            process.stdin.close()
            for line in process.stdout:
                answer = json.loads(line)
                yield Path(answer["path"]), self.names[0], answer["facts"]
