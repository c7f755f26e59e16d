"""`newsletter serve` as people start and stop it, and while builds go on."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from newsletter.pipeline.output import Output
from tests.web.serving import Site, command, port_of, publication, served

MEBIBYTE = 1 << 20


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_stops_when_told(tmp_path: Path, number: int) -> None:
    with command(publication(tmp_path / "publication"), "--port", "0") as program:
        assert Site(port_of(program), tmp_path).ask("/healthz").body == b"ok\n"
        program.send_signal(number)
        assert program.communicate(timeout=30) == ("", "")
    assert program.returncode == 0


def test_json_is_for_machines(tmp_path: Path) -> None:
    with command(publication(tmp_path / "publication"), "--port", "0", "--json") as program:
        address = json.loads("".join(program.stdout.readline() for _ in range(3)))["address"]
        assert Site(int(address.rstrip("/").rpartition(":")[2]), tmp_path).ask("/all.atom").status == 200
        program.terminate()
        assert program.communicate(timeout=30) == ("", "")


def refusal(folder: Path, *arguments: str) -> str:
    """Return the one line with which it ends."""
    with command(folder, *arguments) as program:
        out, err = program.communicate(timeout=30)
    assert (program.returncode, out, err.count("\n")) == (1, "", 1), err
    return err


def test_a_port_that_is_taken_costs_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refusal(publication(tmp_path / "publication"), "--port", str(port))
    assert f"127.0.0.1, port {port}: cannot listen there (Address already in use); name another" in line


def test_an_address_of_another_machine_costs_one_line(tmp_path: Path) -> None:
    assert "192.0.2.1" in refusal(publication(tmp_path / "publication"), "--host", "192.0.2.1", "--port", "0")


def test_a_folder_that_is_not_there_costs_one_line(tmp_path: Path) -> None:
    made = publication(tmp_path / "publication")
    (made / "feeds").rename(made / "elsewhere")
    assert "feeds: no such folder; run `newsletter build` first" in refusal(made, "--port", "0")


def test_help_costs_no_server() -> None:
    script = "import sys; import newsletter.cli; newsletter.cli.program.main(['--help'], standalone_mode=False); "
    script += "sys.exit(any(name in sys.modules for name in ('starlette', 'uvicorn', 'asyncio', 'newsletter.web')))"
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_who_reads_while_a_file_is_replaced_gets_the_old_one_whole(tmp_path: Path) -> None:
    with served(publication(tmp_path / "publication")) as site:
        old, new = b"old" * 8 * MEBIBYTE, b"new" * 8 * MEBIBYTE
        output = Output(site.root)
        output.write("large.atom", old)
        connection = site.open("/large.atom")
        reading = connection.getresponse()
        begun = reading.read(1000)
        output.write("large.atom", new)
        assert site.ask("/large.atom").body == new
        assert begun + reading.read() == old
        connection.close()


def test_whatever_a_build_does_every_answer_is_whole(tmp_path: Path) -> None:
    with served(publication(tmp_path / "publication")) as site:
        output = Output(site.root, compress=True)
        bodies = [f"<feed>{word * 20_000}</feed>".encode() for word in ("un", "deux", "trois")]
        output.write("busy.atom", bodies[0])
        over = threading.Event()

        def build() -> None:
            number = 0
            while not over.is_set():
                number += 1
                output.write("busy.atom", bodies[number % 3])

        builder = threading.Thread(target=build)
        builder.start()
        try:
            for coding in ("gzip", "identity") * 60:
                said = site.ask("/busy.atom", accept_encoding=coding)
                assert said.unpacked in bodies
                assert said.fields["etag"] == f'"{hashlib.sha256(said.body).hexdigest()[:32]}"'
        finally:
            over.set()
            builder.join()


def test_a_download_under_way_is_finished_before_it_stops(tmp_path: Path) -> None:
    with command(publication(tmp_path / "publication"), "--port", "0") as program:
        site = Site(port_of(program), tmp_path / "publication/feeds")
        data = b"film" * 8 * MEBIBYTE
        (site.root / "film.mp4").write_bytes(data)
        connection = site.open("/film.mp4")
        reading = connection.getresponse()
        begun = reading.read(1000)
        program.terminate()
        assert begun + reading.read() == data
        connection.close()
        program.communicate(timeout=30)
    assert program.returncode == 0
