"""Asks the worker's Python about weights and follows what it says, without ever waiting for it."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Generator
from pathlib import Path
from typing import Any

from ..errors import BozzettoError, RuntimeDamagedError, WeightsError, error_from_kind
from ..runtime.processes import CHILD
from ..runtime.talker import Talker

_KEPT_LINES = 40


def ask(
    python: Path, *arguments: str, subject: str, seconds: float = 0.0, child: Path = CHILD
) -> Generator[dict[str, Any], None, dict[str, Any]]:
    """Run a verb of child.py: yields the last thing that it said of itself, returns its answer.

    What it says is JSON, a line each; a line with "phase" is no answer yet. subject: what is worked
    on, for messages. seconds: after which it is ended; 0: never. Closing the generator kills it.

    Raises the error that the answer names; RuntimeDamagedError where the Python does not start;
    WeightsError where it ends without an answer, or not in time.
    """
    try:
        talker = Talker(python, *arguments, child=child)
    except OSError as error:
        raise RuntimeDamagedError(f"The worker's Python does not start: {error}.") from error
    said: dict[str, Any] = {}
    answer: dict[str, Any] | None = None
    others: deque[str] = deque(maxlen=_KEPT_LINES)
    deadline = time.monotonic() + seconds if seconds else None
    late = False
    try:
        while (lines := talker.read()) is not None:
            for line in lines:
                told = _read_json(line)
                if told is None:
                    others.append(line)
                elif "phase" in told:
                    said = told
                else:
                    answer = told
            late = deadline is not None and time.monotonic() > deadline
            if late:
                break
            yield said
    finally:
        talker.close()
    if answer is None or late:
        raise _explain_silence(subject, talker.status, seconds if late else 0.0, others)
    if "error" in answer:
        raise _read_error(answer["error"])
    return answer


def _explain_silence(
    subject: str, status: int | None, seconds: float, lines: deque[str]
) -> WeightsError:
    if seconds:
        how = f" within {seconds:.0f} seconds"
    elif status is not None and status < 0:
        how = f": its process was ended from outside (signal {-status})"
    else:
        how = ""
    error = WeightsError(
        f"{subject} could not be checked{how}.",
        "Try again. It may be made to do harm, or memory ran out: if it happens again, choose "
        "another file, or Verify the worker's Python.",
    )
    error.add_note("\n".join(lines))
    return error


def _read_json(line: str) -> dict[str, Any] | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _read_error(data: Any) -> BozzettoError:
    data = data if isinstance(data, dict) else {}
    words = (str(data.get(key, "")) for key in ("kind", "message", "fix"))
    return error_from_kind(*words)
