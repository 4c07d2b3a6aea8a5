"""A web server that misbehaves as told. In a thread (`Hub`), or as a program that serves a file.

A request is answered by the next behaviour of `hub.plan`, or properly when that is empty. What was
asked for is in `hub.requests`: (path, first byte or None).
"""

import argparse
import contextlib
import http.server
import re
import threading
import time
from pathlib import Path


def _send_head(request, data):
    """Promise the data from the byte that was asked for; its place."""
    first = request.first or 0
    request.send_response(206 if first else 200)
    if first:
        request.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
    request.send_header("Content-Length", str(len(data) - first))
    request.end_headers()
    return first


def ok(request, data):
    """As a server does that knows about parts."""
    first = request.first or 0
    if first >= len(data) and data:
        request.send_response(416)
        request.send_header("Content-Range", f"bytes */{len(data)}")
        request.send_header("Content-Length", "0")
        request.end_headers()
        return
    _send_head(request, data)
    request.wfile.write(data[first:])


def cut(count):
    """Promise all, send `count` bytes."""

    def answer(request, data):
        first = _send_head(request, data)
        request.wfile.write(data[first : first + count])
        request.close_connection = True

    return answer


def whole(request, data):
    """Know nothing about parts."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(data)))
    request.end_headers()
    request.wfile.write(data)


def chunked(request, data):
    """Tell no length."""
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    for at in range(0, len(data), 5000):
        block = data[at : at + 5000]
        request.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
    request.wfile.write(b"0\r\n\r\n")


def part(told, body=b"wrong"):
    """206 with this Content-Range."""

    def answer(request, data):
        request.send_response(206)
        request.send_header("Content-Range", told)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def status(code):
    def answer(request, data):
        request.send_response(code)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def redirect(target, code=302):
    def answer(request, data):
        request.send_response(code)
        if target:
            request.send_header("Location", target)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def promise(length):
    """A Content-Length, and nothing behind it."""

    def answer(request, data):
        request.send_response(200)
        request.send_header("Content-Length", str(length))
        request.end_headers()
        request.close_connection = True

    return answer


def more(request, data):
    """More than the file has, of no length that is told."""
    request.send_response(200)
    request.end_headers()
    with contextlib.suppress(OSError):
        while True:
            request.wfile.write(bytes(1 << 16))


def drip(pause, count):
    """Slowly: `count` parts with pauses between them."""

    def answer(request, data):
        first = _send_head(request, data)
        step = -(-(len(data) - first) // count)
        with contextlib.suppress(OSError):
            for at in range(first, len(data), step):
                request.wfile.write(data[at : at + step])
                time.sleep(pause)

    return answer


def gate(event, count=700):
    """`count` bytes, and the rest once the event is set."""

    def answer(request, data):
        first = _send_head(request, data)
        request.wfile.write(data[first : first + count])
        event.wait(60)
        request.wfile.write(data[first + count :])

    return answer


def silent(request, data):
    """The head, and then nothing until the client has had enough."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(data)))
    request.end_headers()
    with contextlib.suppress(OSError):
        request.connection.settimeout(20)
        request.connection.recv(1)
    request.close_connection = True


class Hub:
    """The server, from `with` to its end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.plan = []
        self.usual = ok
        self.requests = []
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
                self.first = int(match[1]) if match else None
                hub.requests.append((self.path, self.first))
                answer = hub.plan.pop(0) if hub.plan else hub.usual
                with contextlib.suppress(ConnectionError):
                    answer(self, hub.data)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/model.ckpt"

    def serve(self) -> None:
        self._server.serve_forever(0.02)

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--drip", type=float, default=0.0, help="seconds between 200 parts")
    options = parser.parse_args()
    hub = Hub(options.file.read_bytes())
    if options.drip:
        hub.usual = drip(options.drip, 200)
    print(hub.url, flush=True)
    hub.serve()


if __name__ == "__main__":
    main()
