"""What the words of pip, of the system and of libraries mean, and what helps."""

from __future__ import annotations

import errno
import re

from ..errors import RuntimeSetUpError
from .processes import Answer

_LOCK_FIX = (
    "Close other Blenders, let the virus scanner leave the folder out or wait for it, "
    "and set up again."
)
# What pip prints: pattern, what happened, what helps. The first that matches tells.
_PIP: tuple[tuple[str, str, str], ...] = (
    (
        r"No space left on device|Errno 28|WinError 112|not enough space on the disk|"
        r"Disk quota exceeded",
        "The disk is full.",
        "Free space on the disk of the extension's folder and set up again.",
    ),
    (
        r"WinError 32\b|being used by another process",
        "Another program holds a file open, a virus scanner perhaps.",
        _LOCK_FIX,
    ),
    (
        r"WinError 206\b|Long Path|file name or extension is too long",
        "A path is too long for Windows.",
        "Turn on long paths in Windows (search for: enable long paths) and set up again.",
    ),
    (
        r"Read-only file system|Permission denied|Errno 13\b|WinError 5\b|Access is denied",
        "A file could not be written.",
        "Give yourself the right to write to the extension's folder; on Windows a virus scanner "
        "may be in the way.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
        "The download server's certificate was not accepted.",
        "Set the computer's date right; behind a company's proxy name its certificate to pip "
        "(PIP_CERT).",
    ),
    (
        r"ProxyError|Cannot connect to proxy|407 Proxy",
        "The proxy refused the download.",
        "Check the proxy in the system's settings or in HTTPS_PROXY and set up again.",
    ),
    (
        r"name resolution|NameResolutionError|NewConnectionError|ConnectTimeout|getaddrinfo|"
        r"Max retries exceeded|ReadTimeout|Read timed out|Connection reset|Connection broken|"
        r"Connection refused|Network is unreachable|IncompleteRead|incomplete-download|"
        r"Remote end closed|HTTP error 5\d\d",
        "The download failed: the network or the server did not answer.",
        "Check the network and set up again; what has come already is not loaded again.",
    ),
    (
        r"DO NOT MATCH THE HASHES|zipfile\.BadZipFile|BadZipFile|Wheel .* is invalid",
        "A downloaded file is damaged.",
        "Set up again.",
    ),
    (
        r"No matching distribution found for (?P<what>\S+)",
        "There is no {what} for this computer and Python.",
        "torch needs a 64-bit Windows or Linux, or a Mac with Apple silicon and macOS 14; "
        "on these set up again.",
    ),
    (
        r"MemoryError|Cannot allocate memory",
        "Memory ran out.",
        "Close other programs and set up again.",
    ),
)


def explain_pip(answer: Answer) -> RuntimeSetUpError:
    """The error for a pip that failed."""
    for pattern, message, fix in _PIP:
        match = re.search(pattern, answer.output)
        if match:
            return _with_words(message.format(**match.groupdict()), fix, answer)
    if answer.status < 0:
        return _with_words(
            f"The installation was ended from outside (signal {-answer.status}); "
            "the system does that when memory runs out.",
            "Close other programs and set up again.",
            answer,
        )
    lines = [line for line in answer.output.splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if "ERROR" in line), (lines or ["no word"])[-1])
    return _with_words(
        f"The installation failed: {said.strip()[:300]}",
        "Open the log for all of it, and set up again.",
        answer,
    )


def explain_os_error(error: OSError) -> RuntimeSetUpError:
    """The error for what the system refused."""
    what = error.strerror or str(error)
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return RuntimeSetUpError(
            "The disk is full.", "Free space on the disk of the extension's folder."
        )
    if getattr(error, "winerror", None) in (5, 32) or isinstance(error, PermissionError):
        return RuntimeSetUpError(
            f"A file is in use or may not be written{where}: {what}.", _LOCK_FIX
        )
    if error.errno == errno.EROFS:
        return RuntimeSetUpError(
            f"The extension's folder is read-only{where}.", "Make it writable and set up again."
        )
    return RuntimeSetUpError(f"The system refused{where}: {what}.")


def explain_import(name: str, fault: str) -> str:
    """Why a library does not import and what helps, as one text."""
    if re.search(r"c10\.dll|vcruntime|msvcp|WinError 126|WinError 1114", fault, re.IGNORECASE):
        return (
            f"{name} does not start: Windows lacks the Microsoft Visual C++ Redistributable. "
            "Install it from Microsoft (vc_redist.x64.exe) and click Verify."
        )
    library = re.search(r"(lib[\w+-]+\.so[.\d]*): cannot open shared object", fault)
    if library:
        return f"{name} does not start: the system library {library[1]} is missing. Install it."
    return f"{name} does not start: {fault[:300]}"


def _with_words(message: str, fix: str, answer: Answer) -> RuntimeSetUpError:
    error = RuntimeSetUpError(message, fix)
    error.add_note("\n".join(answer.output.splitlines()[-40:]))
    return error
