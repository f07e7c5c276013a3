"""Clients that connect and say nothing, little or half: quiet.py HOST:PORT, of a server with small limits."""

import selectors
import socket
import sys
import time
import urllib.request

from checks import check, expect, finish

HOST, PORT = sys.argv[1].rsplit(":", 1)
CONNECTIONS = 200
# Small limits: 3 s between requests, 2 s for a head, a body at rest for 1 s; deadlines are looked at once a second, and a loaded
# machine is slow.
REAPED_SECONDS_MAX = 3 + 1 + 4
PROMPT_SECONDS_MAX = 1.0


def hold(beginning):
    """Opens connections that send a beginning and wait for their end; meanwhile a normal request is answered promptly."""
    begun = time.monotonic()
    selector = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        connection = socket.create_connection((HOST, int(PORT)), timeout=5)
        connection.sendall(beginning)
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ)
    slowest = 0.0
    answers = set()
    while selector.get_map() and time.monotonic() - begun < REAPED_SECONDS_MAX:
        for key, _ in selector.select(0.1):
            try:
                piece = key.fileobj.recv(4096)
            except ConnectionError:
                piece = b""
            if piece:
                answers.add(piece.split(b"\r\n")[0].decode())
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()
        asked = time.monotonic()
        expect(urllib.request.urlopen(f"http://{HOST}:{PORT}/", timeout=5).read(), b"Hello, World!")
        slowest = max(slowest, time.monotonic() - asked)
    left = len(selector.get_map())
    print(f"{CONNECTIONS} connections gone after {time.monotonic() - begun:.1f} s, slowest normal answer {slowest * 1000:.0f} ms, told {sorted(answers)}")
    expect(left, 0, f"connections left after {REAPED_SECONDS_MAX} s")
    expect(slowest < PROMPT_SECONDS_MAX, True, f"a normal answer took {slowest:.2f} s, whether that's prompt")
    return answers


with check(f"quiet: {CONNECTIONS} connections that say nothing are reaped"):
    expect(hold(b""), set(), "what silent clients are told")
with check(f"quiet: {CONNECTIONS} connections that stop in the request line are reaped"):
    expect(hold(b"GET / HT"), {"HTTP/1.1 408 Request Timeout"}, "what they are told")
with check(f"quiet: {CONNECTIONS} connections that stop in a header are reaped"):
    expect(hold(b"GET / HTTP/1.1\r\nHost: a\r\nX-"), {"HTTP/1.1 408 Request Timeout"}, "what they are told")
with check(f"quiet: {CONNECTIONS} connections that stop after an answer are reaped"):
    expect(hold(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), {"HTTP/1.1 200 OK"}, "what they are told")
finish()
