"""The two ends of what smuggling_fuzz.py tries: clients that send a message as it is, and taps between proxies and the server."""

import asyncio
import time


class Exchange(asyncio.Protocol):
    """Sends a message and takes what comes until the other end closes, or nothing has come for a while."""

    def __init__(self, pieces, patience):
        loop = asyncio.get_running_loop()
        self.got = bytearray()
        self.is_waiting = False
        self.done = loop.create_future()
        self._loop = loop
        self._pieces = list(pieces)
        self._patience = patience
        self._last = time.monotonic()
        self._timer = loop.call_later(patience, self._tick)

    @classmethod
    async def run(cls, port, pieces, patience):
        try:
            _, exchange = await asyncio.get_running_loop().create_connection(lambda: cls(pieces, patience), "127.0.0.1", port)
        except ConnectionError:
            return await cls.run(port, pieces, patience)
        await exchange.done
        return exchange

    def connection_made(self, transport):
        self._transport = transport
        self._send()

    def data_received(self, data):
        self.got += data
        self._last = time.monotonic()

    def connection_lost(self, failure):
        self._timer.cancel()
        if not self.done.done():
            self.done.set_result(None)

    def _send(self):
        if self._transport.is_closing():
            return
        self._transport.write(self._pieces.pop(0))
        if self._pieces:
            # Late enough to be a read of its own at the other end, mostly.
            self._loop.call_later(0.001, self._send)

    def _tick(self):
        left = self._last + self._patience - time.monotonic()
        if left > 0:
            self._timer = self._loop.call_later(left, self._tick)
            return
        self.is_waiting = True
        self._transport.abort()


class Record:
    """What passed through one connection between a proxy and the server."""

    def __init__(self):
        self.there = bytearray()
        self.back = bytearray()
        self.has_ended = False


class Tap:
    """Passes bytes on, and keeps both directions of each connection."""

    def __init__(self, server_port):
        self.server_port = server_port
        self.records = []
        self.connections = 0

    async def listen(self):
        listener = await asyncio.get_running_loop().create_server(lambda: _Side(self, Record()), "127.0.0.1", 0, backlog=1024)
        return listener.sockets[0].getsockname()[1]


class _Side(asyncio.Protocol):
    """One of the two connections of a record; the proxy's side makes the server's."""

    def __init__(self, tap, record, other=None):
        self._tap = tap
        self._record = record
        self._other = other
        self._is_servers = other is not None
        self._early = []
        self._transport = None

    def connection_made(self, transport):
        self._transport = transport
        if not self._is_servers:
            self._tap.records.append(self._record)
            self._tap.connections += 1
            asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self):
        loop = asyncio.get_running_loop()
        _, self._other = await loop.create_connection(lambda: _Side(self._tap, self._record, self), "127.0.0.1", self._tap.server_port)
        for data in self._early:
            self._other._transport.write(data)
        if self._transport.is_closing():
            self._other._transport.close()

    def data_received(self, data):
        (self._record.back if self._is_servers else self._record.there).extend(data)
        if self._other is None:
            self._early.append(data)
        else:
            self._other._transport.write(data)

    def connection_lost(self, failure):
        self._record.has_ended = True
        if self._other is not None and self._other._transport is not None:
            self._other._transport.close()
