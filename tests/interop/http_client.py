"""Python's http.client against the KitchenSink: http_client.py HOST:PORT"""

import hashlib
import http.client
import json
import os
import socket
import sys

from checks import check, expect, finish

HOST, PORT = sys.argv[1].rsplit(":", 1)
BODY = os.urandom(1 << 20)
SHA256 = hashlib.sha256(BODY).hexdigest()


def connect():
    return http.client.HTTPConnection(HOST, int(PORT), timeout=10)


def ask(connection, method, path, body=None, headers={}, **options):
    connection.request(method, path, body=body, headers=headers, **options)
    answer = connection.getresponse()
    return answer, answer.read()


with check("http.client: a hundred requests share a connection"):
    connection = connect()
    ask(connection, "GET", "/")
    local = connection.sock.getsockname()
    for _ in range(100):
        answer, body = ask(connection, "GET", "/")
        expect((answer.status, body), (200, b"Hello, World!"))
    expect(connection.sock.getsockname(), local, "the client's address")

with check("http.client: HEAD, 204 and 404 leave the connection in step"):
    connection = connect()
    answer, body = ask(connection, "HEAD", "/")
    expect((answer.status, answer.headers["Content-Length"], body), (200, "13", b""))
    answer, body = ask(connection, "OPTIONS", "/")
    expect((answer.status, answer.headers["Allow"], body), (204, "GET, HEAD, POST, OPTIONS", b""))
    expect(ask(connection, "GET", "/nothing")[0].status, 404)
    expect(ask(connection, "GET", "/")[1], b"Hello, World!")

with check("http.client: a body with a length comes back with its type"):
    answer, body = ask(connect(), "POST", "/", BODY, {"Content-Type": "application/x-odd"})
    expect((answer.headers["Content-Type"], body), ("application/x-odd", BODY))

with check("http.client: a body in chunks is counted and hashed"):
    pieces = (BODY[i : i + 7777] for i in range(0, len(BODY), 7777))
    answer, body = ask(connect(), "POST", "/upload", pieces, encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    expect(json.loads(body), {"bytes": len(BODY), "sha256": SHA256})

with check("http.client: a stream without a length is chunked, and read piece by piece"):
    connection = connect()
    connection.request("GET", "/stream?n=1000")
    answer = connection.getresponse()
    expect(answer.headers["Transfer-Encoding"], "chunked")
    expect([line for line in answer], [b"chunk %d\n" % i for i in range(1000)])
    expect(ask(connection, "GET", "/")[1], b"Hello, World!", "the next answer")

with check("http.client: 1,000 pipelined requests are answered in order"):
    with socket.create_connection((HOST, int(PORT)), timeout=10) as pipe:
        wanted = [f"user-{i}" for i in range(1000)]
        requests = [f"GET /users/{user} HTTP/1.1\r\nHost: a\r\n\r\n" for user in wanted]
        pipe.sendall("".join(requests[:-1]).encode() + requests[-1].replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode())
        file = pipe.makefile("rb")
        got = []
        for _ in wanted:
            expect(file.readline(), b"HTTP/1.1 200 OK\r\n", "a status line")
            headers = http.client.parse_headers(file)
            got.append(json.loads(file.read(int(headers["Content-Length"])))["id"])
        expect(got, wanted)
        expect(file.read(), b"", "what follows the last answer")

with check("http.client: HTTP/1.0 gets its answer and the end"):
    with socket.create_connection((HOST, int(PORT)), timeout=10) as old:
        old.sendall(b"GET /stream?n=3 HTTP/1.0\r\n\r\n")
        head, body = old.makefile("rb").read().split(b"\r\n\r\n", 1)
        expect(body, b"chunk 0\nchunk 1\nchunk 2\n")
        expect(b"transfer-encoding" in head.lower(), False, "chunked for HTTP/1.0")

with check("http.client: Expect: 100-continue is answered before the body is sent"):
    with socket.create_connection((HOST, int(PORT)), timeout=10) as patient:
        patient.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")
        expect(patient.recv(4096), b"HTTP/1.1 100 Continue\r\n\r\n")
        patient.sendall(b"hello")
        expect(patient.makefile("rb").read().endswith(b"\r\n\r\nhello"), True, "the echo at the end")

finish()
