"""What a run leaves behind: results as JSON, and a line for every look at the test split."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TEST_LOG = "test_runs.jsonl"


def describe_code() -> dict[str, Any]:
    """The git commit that ran, and whether the tree had changes; empty outside a checkout."""
    commit = _git("rev-parse", "HEAD")
    return {"commit": commit, "changed": bool(_git("status", "--porcelain", "-uno"))}


def write_results(folder: Path, facts: dict[str, Any], rows: list[dict[str, Any]]) -> Path:
    """`results.json` of a run: facts, and every row."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    path.write_text(json.dumps({**facts, "rows": rows}, indent=1), encoding="utf-8")
    return path


def log_test_run(cache: Path, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Add a line about a run on the test split, which is for published cards only.

    Returns the earlier runs of the same pack and engines' weights.
    """
    path = cache / TEST_LOG
    earlier = []
    if path.exists():
        runs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        same = ("pack", "engines")
        earlier = [run for run in runs if all(run.get(key) == facts.get(key) for key in same)]
    line = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **facts}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return earlier


def _git(*arguments: str) -> str:
    try:
        answer = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()
