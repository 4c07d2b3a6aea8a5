"""One large file over HTTPS, into a partial file that the next try goes on from.

The standard library alone: urllib for proxies and certificates, the rest here. Nothing the server
says is believed beyond what it can harm: redirects stay on HTTPS and are few, sizes are bounded,
what arrives is only ever appended to the partial file at the place it was asked for. Whether it is
the right file is for its hash to say (`install_child`).
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import re
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from ..errors import WeightsError
from ..types import Cancel
from .published import describe_bytes

BLOCK = 1 << 17
_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 6
_MAX_RESTARTS = 2  # from the first byte, for a server that sends other bytes than it was asked for
_TRANSIENT = (408, 425, 429)
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


@dataclass(frozen=True)
class Patience:
    """With the server, in seconds.

    silence: without a byte. tries: in a row that bring none, before it is given up. wait: before
    the second try; it doubles up to `longest`, and begins anew once something has arrived.
    """

    silence: float = 30.0
    tries: int = 6
    wait: float = 1.0
    longest: float = 30.0


class _InterruptedError(Exception):
    """The connection failed in a way that another try may mend; the text says how."""


class _StartOverError(Exception):
    """What is there and what the server sends do not fit together; the text says why."""


class Download:
    """One download. `run` does it.

    url: https (a plain http one, as in tests, may be redirected to either). partial: the file; what
    it holds is taken for the beginning. limit: bytes that the file cannot exceed. room: bytes that
    must be free for what follows. page: where a person finds the file. progress(done, total):
    bytes; total is 0 where it is not known. waiting(reason, seconds): before another try.
    """

    def __init__(
        self,
        url: str,
        partial: Path,
        *,
        limit: int,
        room: int = 0,
        page: str = "",
        progress: Callable[[int, int], None] = lambda done, total: None,
        waiting: Callable[[str, float], None] = lambda reason, seconds: None,
        cancel: Cancel | None = None,
        patience: Patience = Patience(),
    ) -> None:
        self._url, self._partial, self._limit, self._room = url, partial, limit, room
        self._page, self._progress, self._waiting = page, progress, waiting
        self._cancel, self._patience = cancel or Cancel(), patience
        self._schemes = ("https",) if urlsplit(url).scheme == "https" else ("https", "http")
        self._opener = _make_opener()
        self._received = 0  # in this try

    @property
    def done(self) -> int:
        """Bytes that are there."""
        try:
            return self._partial.stat().st_size
        except OSError:
            return 0

    def run(self) -> int:
        """Download to the end; the file's bytes.

        Raises WeightsError: refused, not there, too large, the disk is full, no answer for too
        long (what has arrived is kept, and the next `run` goes on from it). Cancelled.
        """
        fruitless = restarts = 0
        while True:
            self._cancel.check()
            self._received = 0
            try:
                return self._try()
            except _StartOverError as reason:
                restarts += 1
                if restarts > _MAX_RESTARTS:
                    raise WeightsError(
                        f"The server's answers make no sense: {reason}.", self._advise_by_hand()
                    ) from reason
                self._drop()
            except _InterruptedError as reason:
                fruitless = 0 if self._received else fruitless + 1
                if fruitless >= self._patience.tries:
                    raise self._give_up(str(reason)) from reason
                wait = min(self._patience.wait * 2**fruitless, self._patience.longest)
                self._waiting(str(reason), wait)
                self._pause(wait)

    def _try(self) -> int:
        """One connection."""
        offset = self.done
        if offset > self._limit:
            raise _StartOverError("more is there than the file has")
        with contextlib.ExitStack() as stack:
            try:
                response = stack.enter_context(self._open(offset))
            except _CompleteError:
                return offset
            total = self._place(response, offset)
            if total > self._limit:
                raise WeightsError(
                    f"The server offers {describe_bytes(total)}; the file has at most "
                    f"{describe_bytes(self._limit)}.",
                    self._advise_by_hand(),
                )
            self._check_room(total)
            return self._receive(response, total)

    def _open(self, offset: int) -> Any:
        """The answer of the server that has the file, whatever redirects lead there."""
        url, headers = self._url, {"User-Agent": "bozzetto", "Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        for _ in range(_MAX_REDIRECTS + 1):
            request = urllib.request.Request(url, headers=headers)
            try:
                return self._opener.open(request, timeout=self._patience.silence)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in _REDIRECTS:
                        raise self._explain_status(error, offset) from error
                    url = self._follow(url, error.headers.get("Location", ""))
            except urllib.error.URLError as error:
                raise self._explain(error.reason) from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._explain(error) from error
        raise WeightsError("The server redirects without end.", self._advise_by_hand())

    def _follow(self, url: str, location: str) -> str:
        """Where a redirect leads. Raises WeightsError for anything but a web address."""
        target = urljoin(url, location)
        scheme = urlsplit(target).scheme
        if not location or scheme not in self._schemes:
            raise WeightsError(
                f"The server redirects to an address of the kind {scheme or 'none'!r}, which is "
                "not followed.",
                self._advise_by_hand(),
            )
        return target

    def _place(self, response: Any, offset: int) -> int:
        """See to it that what comes belongs behind what is there; the whole file's bytes, or 0."""
        if response.status == 200:
            if offset:  # it does not know about parts: all of it comes once more
                self._drop()
            length = response.headers.get("Content-Length", "")
            return int(length) if length.isdecimal() and len(length) < 20 else 0
        if response.status != 206:
            raise WeightsError(
                f"The server answers {response.status} instead of the file.", self._advise_by_hand()
            )
        told = response.headers.get("Content-Range", "")
        match = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", told.strip())
        if not offset or match is None or int(match[1]) != offset:
            raise _StartOverError(f"asked for byte {offset} it sends {told[:60]!r}")
        return 0 if match[3] == "*" else int(match[3])

    def _receive(self, response: Any, total: int) -> int:
        done = self.done
        try:
            output = self._partial.open("ab", buffering=0)
        except OSError as error:
            raise self._explain_write(error, total) from error
        with output:
            while True:
                self._cancel.check()
                self._progress(done, total)
                try:
                    block = response.read1(BLOCK)  # what is there: a slow server shows, too
                except (OSError, http.client.HTTPException, ValueError) as error:
                    raise self._explain(error) from error
                if not block:
                    break
                self._write(output, block, total)
                self._received += len(block)
                done += len(block)
                if done > (total or self._limit):
                    output.close()
                    self._drop()
                    raise WeightsError(
                        "The server sends more than the file has.", self._advise_by_hand()
                    )
        if done < total:
            raise _InterruptedError("the connection was cut")
        return done

    def _write(self, output: Any, block: bytes, total: int) -> None:
        rest = memoryview(block)
        while rest:
            try:
                rest = rest[output.write(rest) :]
            except OSError as error:
                raise self._explain_write(error, total) from error

    def _check_room(self, total: int) -> None:
        """Raises WeightsError where the disk has no room for the rest and what follows."""
        needed = max(total - self.done, 0) + self._room
        free = shutil.disk_usage(self._partial.parent).free
        if free < needed:
            raise WeightsError(
                f"{describe_bytes(needed)} must be free on the disk of {self._partial.parent}, and "
                f"{describe_bytes(free)} are.",
                f"Free space there and download again. {self._tell_kept()}".strip(),
            )

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._cancel.check()
            time.sleep(min(left, 0.1))

    def _drop(self) -> None:
        """Forget what is there."""
        try:
            self._partial.unlink(missing_ok=True)
        except OSError as error:
            raise self._explain_write(error, 0) from error

    def _explain_status(
        self, error: urllib.error.HTTPError, offset: int
    ) -> Exception:  # what to raise
        if error.code == 416 and offset:
            told = error.headers.get("Content-Range", "")
            if re.fullmatch(rf"bytes \*/{offset}", told.strip()):
                return _CompleteError()
            return _StartOverError(f"there is nothing at byte {offset}")
        words = f"{error.code} ({http.client.responses.get(error.code, 'unknown')})"
        if error.code in _TRANSIENT or error.code >= 500:
            return _InterruptedError(f"the server answers {words}")
        return WeightsError(f"The server answers {words}.", self._advise_by_hand())

    def _explain(self, reason: object) -> Exception:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return WeightsError(
                "The download server's certificate was not accepted.",
                "Set the computer's date right. Behind a company's proxy: "
                + self._advise_by_hand(),
            )
        if isinstance(reason, TimeoutError):
            return _InterruptedError(
                f"the server said nothing for {self._patience.silence:g} seconds"
            )
        words = str(reason).strip() or type(reason).__name__
        return _InterruptedError(f"the connection failed ({words[:200]})")

    def _explain_write(self, error: OSError, total: int) -> WeightsError:
        if error.errno in _FULL:
            needed = max(total - self.done, 0) + self._room
            return WeightsError(
                f"The disk of {self._partial.parent} is full: {describe_bytes(needed)} more are "
                "needed.",
                f"Free space there and download again. {self._tell_kept()}".strip(),
            )
        return WeightsError(
            f"{self._partial} cannot be written ({error.strerror or error}).",
            "Give yourself the right to write there, and download again.",
        )

    def _give_up(self, reason: str) -> WeightsError:
        return WeightsError(
            f"The download failed: {reason}.",
            f"Check the network and download again. {self._tell_kept()}".strip(),
        )

    def _tell_kept(self) -> str:
        done = self.done
        return f"The {describe_bytes(done)} that have arrived are kept." if done else ""

    def _advise_by_hand(self) -> str:
        return f"Download the file by hand from {self._page} and import it."


class _CompleteError(Exception):
    """The server says that all of it is there."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Redirects become errors: urllib would follow some that we do not, and read all they send."""

    def redirect_request(self, *_: Any) -> None:
        """None."""
        return


def _make_opener() -> urllib.request.OpenerDirector:
    """Web addresses alone, through the system's proxy; no files, no FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=_make_context()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _NoRedirects(),
    ):
        opener.add_handler(handler)
    return opener


def _make_context() -> ssl.SSLContext:
    """Verified HTTPS. python.org's Python for macOS has no certificates of its own: pip's serve."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath or context.cert_store_stats()["x509_ca"]):
        with contextlib.suppress(ImportError, OSError):
            from pip._vendor import certifi

            context.load_verify_locations(certifi.where())
    return context
