"""A large file from a server that does not always behave. The server is in this process."""

import errno
import os
import subprocess
import sys
from types import SimpleNamespace

import fake_hub
import pytest
from fake_hub import Hub

from bozzetto.inference.errors import Cancelled, WeightsError
from bozzetto.inference.store import download as module
from bozzetto.inference.store.download import Download, Patience
from bozzetto.inference.types import Cancel

DATA = os.urandom(300_000)
LIMIT = 1 << 20
QUICK = Patience(silence=5.0, tries=3, wait=0.01, longest=0.02)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def hub():
    with Hub(DATA) as hub:
        yield hub


@pytest.fixture
def partial(tmp_path):
    return tmp_path / "model.part"


@pytest.fixture
def make(hub, partial):
    """`make()`: a download from the hub; options as for Download."""
    return lambda **options: Download(
        hub.url, partial, **{"limit": LIMIT, "page": "PAGE", "patience": QUICK, **options}
    )


def fail(download):
    with pytest.raises(WeightsError) as caught:
        download.run()
    assert caught.value.fix
    return caught.value


def firsts(hub):
    """From which byte on each request asked."""
    return [first for _, first in hub.requests]


def test_complete(make, hub, partial):
    told = []
    assert make(progress=lambda done, total: told.append((done, total))).run() == len(DATA)
    assert partial.read_bytes() == DATA
    assert firsts(hub) == [None]
    assert told == sorted(told)
    assert told[-1] == (len(DATA), len(DATA))


def test_interrupted_goes_on_by_itself_where_it_was(make, hub, partial):
    hub.plan = [fake_hub.cut(100_000), fake_hub.cut(50_000)]
    waits = []
    assert make(waiting=lambda reason, seconds: waits.append(reason)).run() == len(DATA)
    assert partial.read_bytes() == DATA
    assert firsts(hub) == [None, 100_000, 150_000], "not from the start"
    assert len(waits) == 2
    assert all(waits)


def test_as_long_as_something_comes_it_is_not_given_up(make, hub, partial):
    hub.plan = [fake_hub.cut(10_000)] * 20
    assert make().run() == len(DATA)
    assert partial.read_bytes() == DATA


def test_interrupted_for_good_is_kept_and_the_next_call_goes_on(make, hub, partial):
    hub.plan = [fake_hub.cut(120_000), *[fake_hub.cut(0)] * 3]
    error = fail(make())
    assert "cut" in error.message
    assert "0 MB" in error.fix
    assert "kept" in error.fix
    assert partial.read_bytes() == DATA[:120_000]
    assert firsts(hub) == [None, *[120_000] * 3]
    make().run()
    assert firsts(hub)[-1] == 120_000, "resumed, not begun anew"
    assert partial.read_bytes() == DATA


def test_waits_grow_and_begin_anew_with_progress(make, hub):
    hub.plan = [*[fake_hub.status(503)] * 3, fake_hub.cut(1000), fake_hub.status(503)]
    waits = []
    patience = Patience(silence=5.0, tries=9, wait=0.01, longest=0.05)
    make(patience=patience, waiting=lambda _, seconds: waits.append(seconds)).run()
    assert waits == [0.02, 0.04, 0.05, 0.01, 0.02]


def test_server_that_ignores_parts_starts_over(make, hub, partial):
    hub.plan = [fake_hub.cut(100_000), fake_hub.whole]
    assert make().run() == len(DATA)
    assert partial.read_bytes() == DATA, "not appended to what was there"


def test_length_that_is_not_told(make, hub, partial):
    hub.plan = [fake_hub.chunked]
    assert make().run() == len(DATA)
    assert partial.read_bytes() == DATA


@pytest.mark.parametrize(
    "told", ["bytes 0-4/300000", "bytes 99999-100003/300000", "", "nonsense", "bytes 100000-/5"]
)
def test_other_part_than_asked_for_is_never_appended(make, hub, partial, told):
    partial.write_bytes(DATA[:100_000])
    hub.plan = [fake_hub.part(told)]
    assert make().run() == len(DATA)
    assert partial.read_bytes() == DATA
    assert firsts(hub) == [100_000, None]


def test_part_that_nobody_asked_for_makes_no_sense(make, hub):
    hub.usual = fake_hub.part("bytes 0-4/300000")
    error = fail(make())
    assert "make no sense" in error.message
    assert "PAGE" in error.fix
    assert len(hub.requests) == 3, "it ends"


def test_all_of_it_is_there_already(make, hub, partial):
    partial.write_bytes(DATA)
    assert make().run() == len(DATA)
    assert firsts(hub) == [len(DATA)]


@pytest.mark.parametrize("there", [DATA + b"more", bytes(LIMIT + 1)])
def test_more_than_all_of_it_is_begun_anew(make, hub, partial, there):
    partial.write_bytes(there)
    assert make().run() == len(DATA)
    assert partial.read_bytes() == DATA


@pytest.mark.parametrize("code", [401, 403, 404, 410, 451])
def test_what_is_not_there_is_said_at_once(make, hub, partial, code):
    partial.write_bytes(DATA[:10])
    hub.plan = [fake_hub.status(code)]
    error = fail(make())
    assert str(code) in error.message
    assert "by hand from PAGE" in error.fix
    assert len(hub.requests) == 1
    assert partial.read_bytes() == DATA[:10], "kept"


@pytest.mark.parametrize("code", [429, 500, 503])
def test_server_that_is_busy_is_asked_again(make, hub, partial, code):
    hub.plan = [fake_hub.status(code)] * 2
    assert make().run() == len(DATA)
    hub.usual = fake_hub.status(code)
    partial.unlink()
    assert str(code) in fail(make()).message


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirect_is_followed_with_the_place_asked_for(make, hub, partial, code):
    partial.write_bytes(DATA[:1000])
    hub.plan = [fake_hub.redirect("/elsewhere", code)]
    assert make().run() == len(DATA)
    assert hub.requests == [("/model.ckpt", 1000), ("/elsewhere", 1000)]
    assert partial.read_bytes() == DATA


def test_redirects_without_end(make, hub):
    hub.usual = fake_hub.redirect("/again")
    assert "without end" in fail(make()).message
    assert len(hub.requests) < 10


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "javascript:1", ""]
)
def test_redirect_to_something_else_is_not_followed(make, hub, partial, target):
    hub.plan = [fake_hub.redirect(target)]
    assert "not followed" in fail(make()).message
    assert not partial.exists()


def test_https_is_never_left(partial):
    download = Download("https://example.org/a/model.ckpt", partial, limit=LIMIT)
    follow = download._follow
    assert follow("https://example.org/a/b", "c") == "https://example.org/a/c"
    assert follow("https://example.org/a", "//cdn.example/c") == "https://cdn.example/c"
    with pytest.raises(WeightsError, match="'http'"):
        follow("https://example.org/a", "http://example.org/a")


def test_certificate_is_checked(partial):
    import ssl

    context = module._make_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    download = Download("https://example.org/a", partial, limit=LIMIT, page="PAGE")
    error = download._explain(ssl.SSLCertVerificationError("bad"))
    assert isinstance(error, WeightsError), "no second try"
    assert "PAGE" in error.fix


def test_too_large_by_its_own_word(make, hub, partial):
    hub.plan = [fake_hub.promise(LIMIT + 1)]
    assert "at most 1 MB" in fail(make()).message
    assert not partial.exists()


def test_more_than_a_file_can_have_is_thrown_away(make, hub, partial):
    hub.plan = [fake_hub.more]
    assert "more than the file has" in fail(make()).message
    assert not partial.exists()


def test_slow_server_passes_and_progress_shows(make, hub):
    hub.plan = [fake_hub.drip(0.05, 12)]
    told = []
    patience = Patience(silence=0.5, tries=1, wait=0.01)
    make(patience=patience, progress=lambda done, _: told.append(done)).run()
    assert len(hub.requests) == 1, "slower in all than the patience with silence"
    assert len(set(told)) >= 6


def test_silent_server_is_given_up(make, hub):
    hub.usual = fake_hub.silent
    error = fail(make(patience=Patience(silence=0.2, tries=2, wait=0.01)))
    assert "said nothing for 0.2 seconds" in error.message
    assert len(hub.requests) == 2


def test_nobody_there(partial):
    download = Download("http://127.0.0.1:9/x", partial, limit=LIMIT, patience=QUICK)
    error = fail(download)
    assert "connection failed" in error.message
    assert "Check the network" in error.fix


def test_room_is_looked_at_before(make, hub, partial, monkeypatch):
    monkeypatch.setattr(
        module.shutil, "disk_usage", lambda _: SimpleNamespace(free=100 + len(DATA))
    )
    partial.write_bytes(DATA[:1000])
    error = fail(make(room=2000))
    assert "must be free" in error.message
    assert "Free space" in error.fix
    assert partial.read_bytes() == DATA[:1000]
    assert make(room=1000).run() == len(DATA)


def test_disk_that_fills_while_it_is_written_keeps_what_is_there(hub, partial):
    """A file that the system lets grow no further: EFBIG, met as ENOSPC would be."""
    code = f"""
import resource, sys
from pathlib import Path
from bozzetto.inference.errors import WeightsError
from bozzetto.inference.store.download import Download
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
try:
    Download({hub.url!r}, Path({str(partial)!r}), limit={LIMIT}, room=7_000_000).run()
except WeightsError as error:
    print(error.message, "|", error.fix)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    message, _, fix = run.stdout.partition("|")
    assert "is full: 7 MB more are needed" in message
    assert "kept" in fix
    assert partial.read_bytes() == DATA[:150_000]
    assert Download(hub.url, partial, limit=LIMIT).run() == len(DATA)
    assert firsts(hub) == [None, 150_000]
    assert partial.read_bytes() == DATA


def test_folder_that_cannot_be_written_says_so(make, partial):
    partial.mkdir()
    assert "cannot be written" in fail(make()).message
    assert errno.ENOSPC in module._FULL


def test_cancel_stops_and_keeps(make, hub, partial):
    hub.plan = [fake_hub.drip(0.02, 200)]
    cancel = Cancel()

    def look(done, total):
        if done > 10_000:
            cancel.set()

    with pytest.raises(Cancelled):
        make(cancel=cancel, progress=look).run()
    kept = partial.read_bytes()
    assert 10_000 < len(kept) < len(DATA)
    assert DATA.startswith(kept)
    with pytest.raises(Cancelled):
        make(cancel=cancel).run()
    assert make().run() == len(DATA)
    assert firsts(hub)[-1] == len(kept)


def test_cancel_ends_a_wait(make, hub):
    hub.usual = fake_hub.status(503)
    cancel = Cancel()
    patience = Patience(silence=5.0, tries=5, wait=1000.0, longest=1000.0)
    with pytest.raises(Cancelled):
        make(cancel=cancel, patience=patience, waiting=lambda *_: cancel.set()).run()
