"""A server with a fault of one's choice, to see that what looks for request smuggling finds it. Answers as KitchenSink's /mirror does."""

import asyncio
import re

NONE = "sound"
FAULTS = {
    "length over chunks": "takes Content-Length where there is Transfer-Encoding, too",
    "GET without a body": "reads no body behind GET, whatever frames one",
    "no chunks": "doesn't know Transfer-Encoding",
    "trailers are requests": "ends a chunked body behind its last chunk's line",
    "16-bit chunks": "keeps the last sixteen bits of a chunk's size, and takes any digits",
    "short sizes": "reads seven digits of a chunk's size, and skips what follows",
    "loose names": "takes a space before the colon of a field name",
    "answers twice": "says its answer to a request with a body twice",
}
BAD = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Refused(Exception):
    """Answered with 400, and the end."""


class BrokenServer:
    def __init__(self, fault):
        self.fault = fault

    async def listen(self):
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        return self._listener.sockets[0].getsockname()[1]

    def close(self):
        self._listener.close()

    async def _serve(self, reader, writer):
        try:
            while await self._answer(reader, writer):
                pass
        except Refused:
            writer.write(BAD)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # The peer went away within a message, as fuzzers' peers do.
        finally:
            writer.close()

    async def _answer(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        method, fields = self._parse(head)
        body = await self._body(method, fields, reader)
        lines = b"".join(b"%s: %s\n" % field for field in fields)
        content = method + b" /mirror\n" + lines + b"\n" + body
        keeps = not any(name.lower() == b"connection" and b"close" in value.lower() for name, value in fields)
        answer = b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (b"" if keeps else b"Connection: close\r\n", len(content), content)
        writer.write(answer * (2 if self.fault == "answers twice" and body else 1))
        await writer.drain()
        return keeps

    def _parse(self, head):
        request_line, *lines = head[:-4].split(b"\r\n")
        match = re.fullmatch(rb"([A-Z]+) /mirror(?:\?x)? HTTP/1\.1", request_line)
        if not match:
            raise Refused
        fields = []
        for line in lines:
            name, colon, value = line.partition(b":")
            if self.fault == "loose names":
                name = name.rstrip(b" ")
            if not colon or not TOKEN.fullmatch(name) or re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value):
                raise Refused
            fields.append((name, value.strip(b" \t")))
        return match[1], fields

    async def _body(self, method, fields, reader):
        lengths = [value for name, value in fields if name.lower() == b"content-length"]
        encodings = [value for name, value in fields if name.lower() == b"transfer-encoding"]
        if self.fault == "GET without a body" and method == b"GET":
            return b""
        if self.fault == "length over chunks" and lengths or self.fault == "no chunks":
            encodings = []
        elif lengths and encodings:
            raise Refused
        if encodings:
            if [value.lower() for value in encodings] != [b"chunked"]:
                raise Refused
            return await self._chunks(reader)
        if not lengths:
            return b""
        if len(lengths) > 1 or not re.fullmatch(rb"[1-9][0-9]{0,6}|0", lengths[0]):
            raise Refused
        return await reader.readexactly(int(lengths[0]))

    async def _chunks(self, reader):
        body = b""
        while True:
            size = await self._size(reader)
            if size == 0:
                break
            body += await reader.readexactly(size)
            if await reader.readexactly(2) != b"\r\n":
                raise Refused
        while self.fault != "trailers are requests":
            line = await reader.readuntil(b"\n")
            if line == b"\r\n":
                break
            if not re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n", line):
                raise Refused
        return body

    async def _size(self, reader):
        line = await reader.readuntil(b"\n")
        if self.fault == "short sizes":
            match = re.fullmatch(rb"([0-9A-Fa-f]{1,7})[^\n]*\r\n", line)
        elif self.fault == "16-bit chunks":
            match = re.fullmatch(rb"([0-9A-Fa-f]+)(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?\r\n", line)
        else:
            match = re.fullmatch(rb"([0-9A-Fa-f]{1,7})(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?\r\n", line)
        if not match:
            raise Refused
        return int(match[1], 16) & 0xFFFF if self.fault == "16-bit chunks" else int(match[1], 16)
