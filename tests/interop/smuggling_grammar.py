"""Messages made by chance out of a grammar of HTTP and of what is wrong with it. A seed and a number give the same message for ever.

Each request has marks that nothing is done to: X-Case, the number of the message, and X-Part, which tells the requests of one message
apart (p0, p1… in its pipeline, h… hidden in bodies, then the canary). So whoever reads a message can say which requests it found there.
"""

import random

from smuggling_cases import CHUNKED_BODIES, CONTENT_LENGTHS, LOOKALIKES, TRANSFER_ENCODINGS

SPACES = [b"", b" ", b"  ", b"\t", b" \t", b"\x0b", b"\x0c", b"\xa0", b"\r\n ", b"\r\n\t", b"\x00", b"\r", b"\n"]
ENDS = [b"\n", b"\r", b"\r\r\n", b"\n\r\n", b"\r\n\r", b"", b" \r\n", b"\x00\r\n", b"\r\n\n"]
HOSTILE = [
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b"\x00", b"\x0b", b":", b";", b",", b'"', b"0", b"00", b"-", b"+", b"_", b"\xff", b"x", b"0\r\n\r\n",
]
TARGETS = [b"/mirror?x", b"http://a/mirror", b"http://b/mirror", b"/mirror#x", b"/mirror%20", b"/mirror x", b"*"]
VERSIONS = [b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2.0", b"http/1.1", b"HTTP/1.1 ", b"HTTP/01.1", b""]
METHODS = [b"POST"] * 10 + [b"GET"] * 6 + [b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"SEARCH"]
# How often a place where something may be wrong is wrong; the first are messages that are right.
RATES = [0.0, 0.02, 0.06, 0.12, 0.3]
HOSTS = [
    b"Host: a:80", b"Host:a", b"host: a", b"Host: a ", b"Host:", b"Host: a, b", b"Host: a\r\nHost: a", b"Host: b\r\nHost: a", b"Host : a", b"Host: a\r\n b",
    b"Host: [::1]", b"Host: a:b", b"Host: a@b", b"Host: a/b", b"X: y",
]
EXTRAS = [
    b"Connection: keep-alive", b"Connection: close", b"Connection: Transfer-Encoding", b"Connection: Content-Length", b"Connection: close, X-Part",
    b"Connection: Host", b"Keep-Alive: timeout=1", b"TE: trailers", b"Trailer: X-Sum", b"Expect: 100-continue", b"Upgrade: h2c", b"X: y\r\n z", b"X : y",
    b"X", b": y", b"X: \x00", b"X: a\rb", b"X: a\nb", b"Content-Type: text/plain", b"Cookie: a=b", b"X-Forwarded-For: ::1", b"Content-Length", b"\tX: y",
    b"Max-Forwards: 0", b"X-Proxy-Number : 1",
]
TRAILERS = [
    b"X-Sum: 1\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: b\r\n", b"X-Proxy-Number: 0\r\n", b"X: y\n", b"X: y\r", b" X: y\r\n",
    b"X: y\r\n z\r\n", b"X\r\n", b": y\r\n", b"X : y\r\n", b"X: \x00\r\n", b"Connection: close\r\n",
]


class Message:
    """What is sent in one connection, in the pieces in which it is sent."""

    def __init__(self, seed, number):
        self.number = number
        self._random = random.Random(f"{seed}:{number}")
        self._rate = self._random.choice(RATES)
        self._hidden = 0
        # Bytes, and whether something may be done to them.
        self._segments = []
        for part in range(self._random.choice([1, 1, 1, 2, 3])):
            self._request(b"p%d" % part)
        self._scramble()
        self._mark(b"GET /mirror HTTP/1.1\r\nHost: a\r\nX-Part: canary\r\nX-Case: %07d\r\nConnection: close\r\n\r\n" % number)
        self.wire = b"".join(piece for piece, _ in self._segments)
        self.pieces = self._cut(self.wire)

    def _odd(self, factor=1.0):
        return self._random.random() < self._rate * factor

    def _text(self, data):
        self._segments.append((data, True))

    def _mark(self, data):
        self._segments.append((data, False))

    def _request(self, part):
        any_of = self._random.choice
        body, lines = self._framed()
        method = any_of(METHODS) if body or self._random.random() < 0.3 else any_of([b"GET", b"DELETE", b"POST"])
        target = any_of(TARGETS) if self._odd(0.5) else b"/mirror"
        version = any_of(VERSIONS) if self._odd(0.3) else b"HTTP/1.1"
        space = any_of(SPACES) if self._odd(0.2) else b" "
        if self._odd(0.2):
            self._text(any_of([b"\r\n", b"\n", b"\r", b" ", b"\r\n\r\n", b"\x00"]))
        self._text(method + space + target + b" " + version)
        self._end()
        lines.append(any_of(HOSTS) if self._odd(0.3) else b"Host: a")
        lines += [any_of(EXTRAS) for _ in range(3) if self._odd()]
        self._random.shuffle(lines)
        marks = [b"X-Part: %s\r\n" % part, b"X-Case: %07d\r\n" % self.number]
        at = self._random.randint(0, len(lines)) if self._random.random() < 0.5 else 0
        for line in lines[:at]:
            self._line(line)
        for mark in marks:
            self._mark(mark)
        for line in lines[at:]:
            self._line(line)
        self._text(self._random.choice(ENDS) if self._odd(0.2) else b"\r\n")
        self._segments += body

    def _line(self, line):
        self._text(line)
        self._end()

    def _end(self):
        self._text(self._random.choice(ENDS) if self._odd(0.15) else b"\r\n")

    def _framed(self):
        """A body as segments, and the lines that frame it."""
        kind = self._random.choice(["none", "length", "length", "chunks", "chunks", "chunks", "both"])
        if kind == "none" and not self._odd():
            return [], []
        if kind == "length" or kind == "none":
            content = self._content()
            lines = [self._length(self._size(content) if kind == "length" else self._random.choice([0, 1, 5]))]
            if self._odd():
                lines.append(self._random.choice(LOOKALIKES)[1])
            if self._odd(0.3):
                lines.append(self._length(self._size(content)))
            return (content if kind == "length" else []), lines
        body = self._chunks()
        lines = [self._encoding()]
        if self._odd(0.3):
            lines.append(self._encoding())
        if kind == "both" and (self._rate > 0.0):
            lines.append(self._length(self._random.choice([0, 4, 5, self._size(body), self._random.randint(0, 2 * self._size(body))])))
        return body, lines

    @staticmethod
    def _size(segments):
        return sum(len(data) for data, _ in segments)

    def _length(self, size):
        if self._odd(0.5):
            size = max(0, size + self._random.choice([-20, -5, -2, -1, 1, 2, 5, self._random.randint(50, 300), 1000]))
        if self._odd(0.5):
            # The table's number is 5, which is then wrong twice, or right.
            return self._random.choice(CONTENT_LENGTHS)[1].replace(b"5", self._random.choice([b"5", b"%d" % size]))
        before, behind = [self._random.choice(SPACES) if self._odd(0.2) else default for default in (b" ", b"")]
        return self._case(b"Content-Length") + b":" + before + b"%d" % size + behind

    def _encoding(self):
        if self._odd():
            return self._random.choice(TRANSFER_ENCODINGS)[1]
        before, behind = [self._random.choice(SPACES) if self._odd(0.2) else default for default in (b" ", b"")]
        return self._case(b"Transfer-Encoding") + b":" + before + self._case(b"chunked") + behind

    def _case(self, word):
        return self._random.choice([word, word, word.lower(), word.upper(), word.swapcase()])

    def _content(self):
        """What a body holds: what may be read as something else."""
        kind = self._random.randrange(6)
        if kind == 0:
            return [(b"", True)]
        if kind <= 2:
            return [(self._random.choice([b"HELLO", b"a=b", b"0\r\n\r\n", b"5\r\nHELLO\r\n0\r\n\r\n", b"\r\n", b"\r\n\r\n", b"G", b"0", b"\x00" * 5]), True)]
        segments = [(self._random.choice([b"", b"", b"0\r\n\r\n", b"\r\n", b"x=", b"\r\n\r\n", b"\n"]), True)]
        segments.append((b"GET /mirror HTTP/1.1\r\nHost: a\r\nX-Part: h%d\r\nX-Case: %07d\r\n\r\n" % (self._hidden, self.number), False))
        self._hidden += 1
        return segments

    def _chunks(self):
        if self._odd(0.5):
            return [(self._random.choice(CHUNKED_BODIES)[1], True)]
        any_of = self._random.choice
        segments = []
        for _ in range(any_of([0, 1, 1, 2, 3])):
            content = self._content()
            size = self._size(content)
            if size == 0:
                continue
            segments.append((self._chunk_head(size), True))
            segments += content
            segments.append((any_of(ENDS) if self._odd(0.3) else b"\r\n", True))
        segments.append((self._chunk_head(0), True))
        segments += [(any_of(TRAILERS), True) for _ in range(2) if self._odd() or self._random.random() < 0.05]
        if self._odd(0.1):
            # A trailer whose value looks like the end of it all, and what is behind it like a request.
            segments += [(b"X-Part: h%d\r\n" % self._hidden, True)]
        segments.append((any_of(ENDS) if self._odd(0.2) else b"\r\n", True))
        return segments

    def _chunk_head(self, size):
        digits = b"%x" % size
        if self._odd():
            digits = self._random.choice([
                b"%X" % size, b"0" * self._random.randint(1, 20) + digits, b"0x" + digits, b"+" + digits, b"-" + digits, b" " + digits, digits + b" ",
                digits + b"\t", b"1" + digits.rjust(16, b"0"), b"1" + digits.rjust(8, b"0"), digits + b"_", b"", digits + b"g", b"%d" % size,
                digits + b"\x00",
            ])
        extension = b""
        if self._odd() or self._random.random() < 0.05:
            extension = self._random.choice([
                b";a=b", b";a", b";", b" ;a=b", b"; a=b", b";a=\"b\"", b";a=\"b\r\nc\"",
                b";a=\"\\\"\"", b";a\n", b";a\rb", b";\x00", b";" + b"a" * 300, b";a=\"",
                b";\r", b";a=b\n0\r\n\r\n", b",a", b";\xff", b"\n0\r\n\r\n",
            ])
        return digits + extension + (self._random.choice(ENDS) if self._odd(0.3) else b"\r\n")

    def _scramble(self):
        """Bytes put in, taken out, changed or repeated, wherever no mark is."""
        while self._odd(0.4):
            at = self._random.randrange(len(self._segments))
            data, is_free = self._segments[at]
            if not is_free or not data:
                continue
            begin = self._random.randrange(len(data))
            end = min(len(data), begin + self._random.choice([1, 1, 2, 4]))
            change = self._random.choice([b"", data[begin:end] * 2, self._random.choice(HOSTILE), self._random.choice(HOSTILE) + data[begin:end]])
            self._segments[at] = (data[:begin] + change + data[end:], True)

    def _cut(self, wire):
        if self._random.random() < 0.8:
            return [wire]
        cuts = sorted(self._random.randint(0, len(wire)) for _ in range(self._random.randint(1, 4)))
        return [wire[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(wire)]) if begin < end]
