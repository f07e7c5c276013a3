"""Rolling restarts under load: restart.py SERVER-PROGRAM DRIVER [MORE OPTIONS...]. No request may go without its answer."""

import contextlib
import http.client
import os
import pathlib
import signal
import socket
import sys
import tempfile
import threading
import time

from checks import check, expect, finish, port_in, start, stop

PROGRAM, DRIVER, *MORE = sys.argv[1:]
CLIENTS = 16
RESTARTS = 2
LOAD_SECONDS = 0.5  # Between restarts.


class Load:
    """Clients that ask again and again, half of them on connections that live as long as the server lets them."""

    def __init__(self, port):
        self.port = port
        self.over = False
        self.answered = 0
        self.failures = []
        self.threads = [threading.Thread(target=self.ask, args=(i % 2 == 0,)) for i in range(CLIENTS)]

    def ask(self, keeps_alive):
        answered = 0
        connection = None
        while not self.over:
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                connection.request("GET", "/slow?ms=5", headers={} if keeps_alive else {"Connection": "close"})
                answer = connection.getresponse()
                expect((answer.status, answer.read()), (200, b"late"))
                answered += 1
                # http.client has closed its end when the answer said that the server closes.
                connection = connection if connection.sock else None
            except Exception as failure:
                self.failures.append(f"{failure!r} after {answered} answers, {keeps_alive=}")
                connection = None
        self.answered += answered

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        for thread in self.threads:
            thread.join()


def verify(load):
    expect(load.failures[:5], [], f"failures, {len(load.failures)} of {load.answered + len(load.failures)}: some")
    expect(load.answered > 100, True, f"{load.answered} answers, whether that's a load")
    print(f"{load.answered} answers, none lost")


def hand_over(folder):
    options = ["--driver", DRIVER, "--hand-over", str(pathlib.Path(folder, "hand-over")), *MORE]
    server, port = start(PROGRAM, "--urls", "http://127.0.0.1:0", *options)
    try:
        with Load(port) as load:
            time.sleep(LOAD_SECONDS)
            for _ in range(RESTARTS):
                before, (server, _) = server, start(PROGRAM, "--urls", f"http://127.0.0.1:{port}", *options)
                expect(before.wait(20), 0, "the exit code of the server that handed over")
                time.sleep(LOAD_SECONDS)
        verify(load)
        expect(stop(server), 0, "the last server's exit code")
    finally:
        server.kill()


def start_with(listener):
    """As systemd would: the socket is descriptor 3, and LISTEN_PID is the process that it is meant for."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.dup2(writing, 1)
        os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)
        environment = {**os.environ, "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "http"}
        os.execve(PROGRAM, [PROGRAM, "--inherit", "--driver", DRIVER, "--urls", f"http://127.0.0.1:{listener.getsockname()[1]}"], environment)
    os.close(writing)
    return Inherited(child, os.fdopen(reading))


class Inherited:
    """As much of a subprocess.Popen as is needed."""

    def __init__(self, pid, stdout):
        self.pid, self.stdout = pid, stdout

    def wait(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        raise AssertionError(f"the server still runs after {seconds} s")

    def kill(self):
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def inherit():
    """The parent keeps the socket open, so connections wait in its queue while no server runs."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        port = listener.getsockname()[1]
        server = start_with(listener)
        try:
            expect(port_in(server), port, "the port")
            with Load(port) as load:
                time.sleep(LOAD_SECONDS)
                for _ in range(RESTARTS):
                    expect(stop(server, 20), 0, "the exit code of the server that was told to end")
                    server = start_with(listener)
                    expect(port_in(server), port, "the port")
                    time.sleep(LOAD_SECONDS)
            verify(load)
            expect(stop(server), 0, "the last server's exit code")
        finally:
            server.kill()


with check(f"{DRIVER}: a server hands its listeners to the next one under load"), tempfile.TemporaryDirectory() as directory:
    hand_over(directory)
with check(f"{DRIVER}: a server inherits listeners as from systemd, again and again under load"):
    inherit()
finish()
