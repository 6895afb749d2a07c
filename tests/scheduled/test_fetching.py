"""Trying addresses: what counts as an answer, and that nobody is led into our own network."""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from sqlalchemy import select

from cop.core.outgoing import is_public
from cop.models.outbox import Outbox
from cop.models.toolkit import ResourceItem
from scheduled import check_links
from scheduled.fetching import Fetching
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.toolkit import Toolkit

HERE = "127.0.0.1"


@dataclass
class Site:
    """What a server answers: by method and path, a status and where it leads on to."""

    answers: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/", host: str = "council.example") -> str:
        return f"http://{host}:{self.port}{path}"

    def fetching(self, **more: Any) -> Fetching:
        """Every name means this machine, and this machine counts as public."""
        asked = {"look_up": lambda _host, _port: [HERE], "is_allowed": HERE.__eq__, "ports": (self.port,), **more}
        return Fetching("cop link check", **asked)


@contextmanager
def served(site: Site, context: ssl.SSLContext | None = None) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            site.asked.append((self.command, self.path, self.headers["Host"], self.headers["User-Agent"]))
            status, onward = site.answers.get((self.command, self.path), (200, ""))
            self.send_response(status)
            if onward:
                self.send_header("Location", onward)
            self.end_headers()

        do_GET = do_HEAD = answer  # noqa: N815  the names that the library looks for

        def log_message(self, *_args: Any) -> None:
            """Nothing is written to the terminal."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_args: Any) -> None:
            """A client that goes away in the middle is what some tests are about."""

    server = Quiet((HERE, 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    with served(Site()) as made:
        yield made


class TestAnAddressAnswers:
    def test_says_who_asks_and_asks_for_no_more_than_that(self, site: Site) -> None:
        assert site.fetching().why_not(site.url("/guide?part=2")) == ""
        assert site.asked == [("HEAD", "/guide?part=2", f"council.example:{site.port}", "cop link check")]

    @pytest.mark.parametrize("status", [200, 204, 401, 403, 429])
    def test_also_where_programs_are_kept_out(self, site: Site, status: int) -> None:
        site.answers = {(method, "/"): (status, "") for method in ("HEAD", "GET")}
        assert site.fetching().why_not(site.url()) == ""

    @pytest.mark.parametrize("status", [404, 405, 501])
    def test_to_a_get_where_the_server_knows_no_other_way(self, site: Site, status: int) -> None:
        site.answers = {("HEAD", "/"): (status, "")}
        assert site.fetching().why_not(site.url()) == ""
        assert [asked[0] for asked in site.asked] == ["HEAD", "GET"]

    @pytest.mark.parametrize("status", [404, 410, 500, 502])
    def test_not_where_nothing_is_there(self, site: Site, status: int) -> None:
        site.answers = {(method, "/"): (status, "") for method in ("HEAD", "GET")}
        assert site.fetching().why_not(site.url()) == f"it answers with {status}"

    def test_after_it_led_on(self, site: Site) -> None:
        site.answers = {("HEAD", "/"): (301, "/new"), ("HEAD", "/new"): (302, site.url("/newer", "other.example"))}
        assert site.fetching().why_not(site.url()) == ""
        assert [asked[1:3] for asked in site.asked][-1] == ("/newer", f"other.example:{site.port}")

    def test_not_where_it_leads_in_a_circle(self, site: Site) -> None:
        site.answers = {("HEAD", "/"): (302, "/")}
        assert site.fetching().why_not(site.url()) == "it leads on and on to other addresses"
        assert len(site.asked) == 6

    def test_not_where_nobody_listens(self, site: Site) -> None:
        with socket.socket() as taken:
            taken.bind((HERE, 0))
            port = taken.getsockname()[1]
            fetching = site.fetching(ports=(port,))
            assert fetching.why_not(f"http://council.example:{port}/") == "it does not answer"

    def test_not_where_its_name_is_not_known(self, site: Site) -> None:
        def look_up(_host: str, _port: int) -> Sequence[str]:
            raise socket.gaierror

        assert site.fetching(look_up=look_up).why_not(site.url()) == "its name is not known"

    def test_not_where_it_says_nothing(self) -> None:
        with socket.create_server((HERE, 0)) as silent:
            port = silent.getsockname()[1]
            site = Site(port=port)
            assert site.fetching(seconds=0.2).why_not(site.url()) == "it does not answer"

    def test_not_where_it_never_comes_to_an_end(self) -> None:
        """Each byte comes in time, and the answer does not."""
        stop = threading.Event()

        def drip(server: socket.socket) -> None:
            connection, _address = server.accept()
            with connection:
                while not stop.wait(0.02):
                    try:
                        connection.sendall(b"X")
                    except OSError:
                        return

        with socket.create_server((HERE, 0)) as server:
            site = Site(port=server.getsockname()[1])
            thread = threading.Thread(target=drip, args=[server])
            thread.start()
            try:
                assert site.fetching(seconds=0.5).why_not(site.url()) == "it does not answer"
            finally:
                stop.set()
                thread.join()


class TestOurOwnNetwork:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
            "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
            "fec0::1", "ff02::1",
            "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::",
            "2001:db8::1", "nonsense", "",
        ],
    )  # fmt: skip
    def test_is_told_from_the_open_internet(self, address: str) -> None:
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["8.8.8.8", "151.101.1.1", "2606:4700::1111", "2a00:1450:4009::200e"])
    def test_is_not_the_open_internet(self, address: str) -> None:
        assert is_public(address)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433"])
    def test_is_not_asked_by_whatever_name(self, site: Site, host: str) -> None:
        fetching = Fetching("cop link check", ports=(site.port,))
        assert fetching.why_not(site.url(host=host)) in {"it is not a public address", "its name is not known"}
        assert site.asked == []

    def test_is_not_reached_where_one_of_several_addresses_is_in_it(self, site: Site) -> None:
        fetching = site.fetching(look_up=lambda _host, _port: [HERE, "10.0.0.1"])
        assert fetching.why_not(site.url()) == "it is not a public address"
        assert site.asked == []

    def test_is_not_reached_by_being_led_on(self, site: Site) -> None:
        names = {"council.example": [HERE], "inside.example": ["10.0.0.1"]}
        site.answers = {("HEAD", "/"): (302, site.url("/secret", "inside.example"))}
        fetching = site.fetching(look_up=lambda host, _port: names[host])
        assert fetching.why_not(site.url()) == "it is not a public address"
        assert [asked[1] for asked in site.asked] == ["/"]

    def test_is_not_reached_by_a_name_that_means_another_machine_the_second_time(self, site: Site) -> None:
        looked: list[str] = []

        def look_up(host: str, _port: int) -> Sequence[str]:
            looked.append(host)
            return [HERE] if len(looked) == 1 else ["10.0.0.1"]

        assert site.fetching(look_up=look_up).why_not(site.url()) == ""
        assert looked == ["council.example"]

    @pytest.mark.parametrize(
        "url",
        [
            "ftp://council.example/", "file:///etc/passwd", "gopher://council.example/", "javascript:alert(1)", "//x/",
            "http:///nowhere", "http://me:secret@council.example/", "http://council.example:22/", "http://[half/",
            "http://council.example:99999/", "http://x..y/", "", "http://council.example:nonsense/",
        ],
    )  # fmt: skip
    def test_is_not_reached_by_other_ways_than_the_web(self, site: Site, url: str) -> None:
        assert site.fetching().why_not(url) == "it is not an address of the web"
        assert site.asked == []

    @pytest.mark.parametrize("onward", ["file:///etc/passwd", "http://[half/", "http://council.example:22/"])
    def test_is_not_reached_by_being_led_to_other_ways(self, site: Site, onward: str) -> None:
        site.answers = {("HEAD", "/"): (302, onward)}
        assert "not an address of the web" in site.fetching().why_not(site.url())

    def test_is_told_nothing_that_was_hidden_in_an_address(self, site: Site) -> None:
        assert site.fetching().why_not(site.url("/a b%0d%0aX-Evil: 1?q=ü")) == ""
        assert [asked[1] for asked in site.asked] == ["/a%20b%0d%0aX-Evil:%201?q=%C3%BC"]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side for council.example, and the side of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "council.example")])
    now = datetime.now(UTC)  # noqa: TID251  a certificate is good in real time
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("council.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    own = tmp_path / "own.pem"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    own.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(own)
    return server, ssl.create_default_context(cadata=made.public_bytes(pem).decode())


def test_a_certificate_has_to_be_good_and_of_the_name_that_was_asked_for(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, trust = certificate
    with served(Site(), server) as site:
        url = site.url().replace("http:", "https:")
        assert site.fetching(trust=trust).why_not(url) == ""
        assert site.fetching().why_not(url) == "its certificate is not valid"
        other = url.replace("council.example", "other.example")
        assert site.fetching(trust=trust).why_not(other) == "its certificate is not valid"


def test_the_job_tells_of_an_address_that_failed_twice(
    app: Flask,
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
    make: Make,
    work: Working,
    reading: Reads,
    clock: FixedClock,
) -> None:
    server, trust = certificate
    toolkit, owner = Toolkit(make, work), make.admin()
    resource, reports = toolkit.draft(owner_id=owner.id), []
    with served(Site(), server) as site:
        address = site.url().replace("http:", "https:")
        good, gone = toolkit.link(resource, f"{address}good"), toolkit.link(resource, f"{address}gone")
        toolkit.publish(resource)
        site.answers = {(method, "/gone"): (404, "") for method in ("HEAD", "GET")}
        for days in (1, 7, 1):
            with app.app_context():
                reports.append(check_links.try_addresses(site.fetching(trust=trust)))
            clock.move(timedelta(days=days))
    assert reports == [
        "2 addresses tried, 0 found broken",
        "1 addresses tried, 1 found broken",
        "2 addresses tried, 0 found broken",
    ]
    with reading() as read:
        failures = dict(read.session.execute(select(ResourceItem.id, ResourceItem.failures)).all())
        [letter] = read.session.scalars(select(Outbox))
    assert failures == {good.id: 0, gone.id: 3}
    assert (letter.template, letter.person_id) == ("resource_link_broken", owner.id)
