"""Who may talk to whom: tokens, basic auth, refused access, redirects and TLS, end to end."""

from __future__ import annotations

import http.server
import os
import ssl
import subprocess
import tempfile
import threading

import pytest
from sending_door import orders

from sobatch.sandbox import Fault


def submit(door, *words):
    return door("submit", door.file("orders.json", orders(2)), *words, "--output", "json")


def places(world):
    return [each.place for each in world.requests()]


def runs(door):
    """What the journal has, also of what was being staged."""
    return [path.name for path in (door.state / "runs").glob("*")] + door("status", "--list", "-o", "json").document[
        "result"
    ]["runs"]


def test_one_token_serves_a_whole_command(door, pretend):
    world = pretend()
    assert submit(door, "--max-orders", "1").code == 0
    assert places(world).count("token") == 1


def test_a_token_that_ran_out_is_renewed_once(door, pretend):
    world = pretend(Fault("submit", "unauthorized"))
    assert submit(door).code == 0
    assert places(world)[:5] == ["token", "list", "submit", "token", "submit"]
    assert len(world.created()) == 2


def test_a_token_about_to_run_out_is_renewed_beforehand(door, pretend):
    world = pretend(token_lifetime=2, start_delay=1.3)
    assert submit(door).code == 0
    assert places(world).count("token") == 2
    assert all(each.status != 401 for each in world.requests())


def test_a_second_401_is_a_no(door, pretend):
    world = pretend(Fault("submit", "unauthorized", times=2))
    told = submit(door)
    assert (told.code, told.run["error"]["kind"]) == (6, "access")
    assert places(world).count("submit") == 2
    assert world.batches() == []


@pytest.mark.parametrize("place", ["status", "results"])
def test_a_401_in_mid_run_is_overcome(door, pretend, place):
    world = pretend(Fault(place, "unauthorized"))
    assert submit(door).code == 0
    assert places(world).count("token") == 2


def test_basic_auth_that_is_refused(door, pretend, monkeypatch):
    world = pretend()
    monkeypatch.delenv("SOBATCH_CLIENT_ID")
    door.set(SOBATCH_USERNAME="sandbox", SOBATCH_PASSWORD="wrong")
    told = submit(door)
    assert told.code == 6
    assert places(world) == ["list", "submit"]


@pytest.mark.parametrize("missing", ["CLIENT_ID", "CLIENT_SECRET", "TOKEN_URL"])
def test_a_missing_credential_is_named(door, pretend, monkeypatch, missing):
    world = pretend()
    monkeypatch.delenv(f"SOBATCH_{missing}")
    told = submit(door)
    assert told.code == 2
    assert f"{missing.lower()} is not set" in told.err and f"SOBATCH_{missing}" in told.err
    assert places(world) == []


@pytest.mark.parametrize(("place", "code"), [("token", 6), ("status", 6), ("results", 6)])
def test_a_redirect_of_a_read_is_refused_and_never_followed(door, pretend, place, code):
    elsewhere = pretend()
    world = pretend(Fault(place, "redirect", times=None, location="http://127.0.0.1:9/trap"))
    told = submit(door)
    assert told.code == code
    assert "redirect" in told.err.lower()
    assert elsewhere.requests() == [] and len(world.created()) <= 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_send_is_a_doubt_and_never_followed(door, pretend, status):
    trap = pretend()
    target = door.base_url
    world = pretend(
        Fault("submit", "redirect", status=status, location=f"{target}/v1/batch/sales-orders"), list_enabled=False
    )
    told = submit(door)
    assert (told.code, told.run["error"]["kind"]) == (10, "unknown")
    assert trap.requests() == []
    assert places(world).count("submit") == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://erp.example.com",
        "http://192.0.2.7/api",
        "ftp://127.0.0.1/",
        "http://user:word@127.0.0.1/",
        "https://user:word@erp.example.com/",
        "not a url",
    ],
)
def test_credentials_never_go_to_an_unfit_address(door, pretend, address):
    world = pretend()
    told = submit(door, "--base-url", address)
    assert told.code == 2
    assert "word" not in told.document["error"]["message"].replace("password", "")
    assert places(world) == []


def certificate(folder, name):
    """A certificate of our own making, or a skip where no tool makes one."""
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={name}",
        "-addext",
        f"subjectAltName=DNS:{name},IP:127.0.0.1",
        "-keyout",
        str(key),
        "-out",
        str(cert),
    ]
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no openssl to make a certificate with")
    return cert, key


@pytest.fixture
def tls(tmp_path):
    """The address of a TLS server whose certificate nobody vouches for, the certificate, and what it was asked."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)
            self.send_response(400)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    cert, key = certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}", cert, asked
        server.shutdown()
        thread.join()


def test_a_certificate_nobody_vouches_for_is_refused(door, pretend, tls):
    world = pretend()
    address, _, asked = tls
    told = submit(door, "--base-url", address)
    assert (told.code, told.document["error"]["kind"]) == (6, "access")
    assert "certificate" in told.err and "ca_file" in told.err
    assert asked == [] and places(world) == ["token"]
    assert runs(door) == []


def test_a_certificate_that_is_vouched_for_is_trusted(door, pretend, tls):
    pretend()
    address, cert, asked = tls
    (door.folder / "sobatch.toml").write_text(f'ca_file = "{cert}"\n')
    door.set(SSLKEYLOGFILE=str(door.folder / "keys.log"))
    told = submit(door, "--base-url", address)
    assert told.code == 5  # that server says 400 to everything
    assert len(asked) == 1
    assert not (door.folder / "keys.log").exists(), "the keys of the connection were written down"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system knows no such rights")
@pytest.mark.parametrize("named", [False, True])
def test_settings_that_everybody_may_write_are_not_used(door, pretend, named):
    world = pretend()
    path = door.folder / "sobatch.toml"
    path.write_text('base_url = "https://evil.example"\nclient_secret_command = ["touch", "it-ran"]\n')
    path.chmod(0o666)
    told = submit(door, *(["--config", "sobatch.toml"] if named else []))
    assert (told.code, told.document["error"]["code"]) == (2, "untrusted-file")
    assert str(path) in told.err and f"chmod o-w {path}" in told.err
    assert places(world) == [] and not (door.folder / "it-ran").exists() and not door.state.exists()


NOBODY = "http://127.0.0.1:9"  # discard: nobody listens there
NO_ACCESS = {
    "the token is refused": ([Fault("token", "unauthorized", times=None)], {}, 6),
    "the token service is down": ([Fault("token", "error", status=503, times=None)], {}, 7),
    "nobody gives tokens": ([], {"SOBATCH_TOKEN_URL": f"{NOBODY}/token"}, 7),
    "nobody is there": ([], {"SOBATCH_BASE_URL": NOBODY}, 7),
    "the secret cannot be had": ([], {"SOBATCH_CLIENT_SECRET": ""}, 2),
}


@pytest.mark.parametrize(("faults", "settings", "code"), NO_ACCESS.values(), ids=NO_ACCESS)
def test_the_file_comes_first_then_the_access_then_the_run(door, pretend, faults, settings, code):
    """Of a file that is wrong nobody hears; an access that fails leaves no run behind, and the next try begins anew."""
    world = pretend(*faults)
    before = {name: os.environ[name] for name in settings}
    door.set(**settings)
    if code != 2:
        assert door("submit", door.file("broken.json", b'[{"customerId":')).code == 3
        assert places(world) == []
    told = submit(door, "--allow-duplicate") if code == 6 else submit(door)
    assert (told.code, told.document["error"].get("run")) == (code, None)
    assert "submit" not in places(world) and runs(door) == []
    door.set(**before)
    world.set_faults([])
    assert submit(door).code == 0


NAMED = {
    "no longer allowed": ([Fault("submit", "error", status=403, times=None)], (), 6),
    "throttled": ([Fault("submit", "throttle", retry_after="9999", times=None)], (), 7),
    "still running": ([], ("--timeout", "0.1s"), 8),
    "in doubt": ([Fault("submit", "close")], (), 10),
    "the results are not allowed": ([Fault("results", "error", status=403, times=None)], (), 6),
}


@pytest.mark.parametrize("output", ["json", "ndjson"])
@pytest.mark.parametrize(("faults", "options", "code"), NAMED.values(), ids=NAMED)
def test_every_error_names_the_run_it_left_behind(door, pretend, faults, options, code, output):
    pretend(*faults, start_delay=600 if code == 8 else 0)
    told = door("submit", door.file("orders.json", orders(2)), *options, "--output", output)
    closing = told.lines[-1]
    assert told.code == closing["exit_code"] == code
    (left,) = door("status", "--list", "--output", "json").document["result"]["runs"]
    assert closing["error"]["run"] == left["run"]
    again = door("cancel", left["run"], "--timeout", "0.1s", "--output", output).lines[-1]
    assert again["error"] is None or again["error"]["run"] == left["run"]


def test_a_defect_names_the_run_too(door, pretend, monkeypatch, tmp_path):
    pretend()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("sobatch.lifecycle.carry.close_run", lambda *_: 1 / 0)
    told = submit(door)
    (left,) = door("status", "--list", "--output", "json").document["result"]["runs"]
    assert (told.code, told.document["error"]["run"]) == (1, left["run"])
