"""nginx and HAProxy in front of a server, and what all that tries them for request smuggling needs to read answers."""

import asyncio
import contextlib
import pathlib
import re
import socket
import subprocess

from checks import expect

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log crit;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    underscores_in_headers on; ignore_invalid_headers off; client_body_timeout 3s; proxy_read_timeout 3s;
    upstream gyre {{ server 127.0.0.1:{tap}; keepalive 16; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://gyre; proxy_http_version 1.1; proxy_request_buffering off; proxy_next_upstream off;
            proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_set_header X-Proxy-Number $request_id;
        }}
    }}
}}
"""

HAPROXY = """
global
    maxconn 512
defaults
    mode http
    timeout connect 3s
    timeout client 3s
    timeout server 3s
    http-reuse always
    retries 0
frontend front
    bind 127.0.0.1:{port}
    {lenient_front}
    http-request set-header X-Proxy-Number %[uuid()]
    default_backend gyre
backend gyre
    {lenient_back}
    server gyre 127.0.0.1:{tap}
"""

STRICT = {"lenient_front": "", "lenient_back": ""}
LENIENT = {"lenient_front": "option accept-invalid-http-request", "lenient_back": "option accept-invalid-http-response"}

# Name, command, configuration and what is filled in.
PROXIES = [
    ("nginx", ["nginx", "-c"], NGINX, {}),
    ("HAProxy", ["haproxy", "-f"], HAPROXY, STRICT),
    ("lenient HAProxy", ["haproxy", "-f"], HAPROXY, LENIENT),
]


def answers_in(data, by_proxy=False):
    """Splits what a server sent into final answers: (status, body); an answer without an end counts, too."""
    found = []
    while data:
        head, separator, rest = data.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.[01] (\d{3})", head)
        if not status:
            # A proxy may speak HTTP/0.9 or HTTP/2 to its client, when that asked for it; the server never does.
            expect(by_proxy, True, f"whether something else than an answer may begin with {data[:80]!r}")
            break
        if status[1].startswith(b"1"):
            data = rest
            continue
        body, data = body_of(head.lower(), rest)
        found.append((int(status[1]), body))
    return found


def body_of(head, rest):
    length = re.search(rb"\r\ncontent-length: *(\d+)", head)
    if length:
        return rest[: int(length[1])], rest[int(length[1]) :]
    if b"\r\ntransfer-encoding: chunked" not in head:
        return rest, b""
    body = b""
    while rest:
        line, _, rest = rest.partition(b"\r\n")
        size = int(line, 16)
        body, rest = body + rest[:size], rest[size + 2 :]
        if size == 0:
            break
    return body, rest


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def until_open(port, process):
    for _ in range(100):
        if process.poll() is not None:
            raise AssertionError(f"{process.args[0]} ended with {process.returncode}")
        try:
            (await asyncio.open_connection("127.0.0.1", port))[1].close()
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise AssertionError(f"{process.args[0]} doesn't listen")


@contextlib.asynccontextmanager
async def running(name, command, configuration, settings, folder, tap):
    """Runs a proxy in front of a port, and gives its own."""
    port = free_port()
    file = pathlib.Path(folder, f"{name}.conf")
    file.write_text(configuration.format(port=port, tap=tap, folder=folder, **settings))
    proxy = subprocess.Popen([*command, str(file)], stderr=subprocess.DEVNULL)
    try:
        await until_open(port, proxy)
        yield port
    finally:
        proxy.terminate()
        proxy.wait(10)
