"""What must hold of a message that was sent directly and through proxies, and of all that a proxy and the server said to each other."""

import re

from smuggling_proxies import answers_in

NUMBER = re.compile(rb"^x-proxy-number: *(\S+)", re.I | re.M)
CASE = re.compile(rb"^x-case: *(\d+)", re.I | re.M)
PART = re.compile(rb"^x-part: *(\w+)", re.I | re.M)
# Answers to requests that were understood, only that nothing is there for them; the connection goes on.
GOES_ON = (404, 405, 417)
# What was seen depends on time, so that it counts only when it is seen again, slowly.
SLOW = "slow: "


class Request:
    """What a mirror says it was asked: None where another status leaves that unknown."""

    def __init__(self, status, body):
        head, _, self.content = body.partition(b"\n\n") if status == 200 else (b"", b"", b"")
        self.status = status
        self.is_known = status == 200
        self.number, self.case, self.part = [(found.search(head) or [None, None])[1] for found in (NUMBER, CASE, PART)]

    def __repr__(self):
        return f"{(self.part or b'?').decode()}+{len(self.content)}" if self.is_known else str(self.status)


class View:
    """The requests that one way to the server made of a message, and how it ended."""

    def __init__(self, exchange):
        answers = [Request(*answer) for answer in answers_of(bytes(exchange.got))]
        end = next((at for at, request in enumerate(answers) if not request.is_known and request.status not in GOES_ON), len(answers))
        self.requests = answers[:end]
        self.is_refused = end < len(answers)
        self.is_waiting = exchange.is_waiting and not self.is_refused

    def __repr__(self):
        return f"{self.requests}{' refused' if self.is_refused else ' waiting' if self.is_waiting else ''}"


def answers_of(data):
    try:
        return answers_in(data, by_proxy=True)
    except ValueError:
        # Cut within a chunk's line, by the end of the exchange.
        return []


def judge_views(number, direct, proxied):
    """Yields what is wrong between what the server makes of a message itself and what came of it behind a proxy."""
    for request in [*direct.requests, *proxied.requests]:
        if request.is_known and request.case not in (None, b"%07d" % number):
            yield f"it got the answer of {request.case.decode()}"
    for own, theirs in zip(direct.requests, proxied.requests):
        if own.is_known and theirs.is_known and (own.part != theirs.part or own.content != theirs.content):
            yield f"another request: {direct} directly, {proxied} behind the proxy"
            return
    own, theirs = len(direct.requests), len(proxied.requests)
    if own < theirs and direct.is_waiting:
        yield f"{SLOW}the server waits for what the proxy takes for the next request: {direct} directly, {proxied} behind the proxy"
    if theirs < own and proxied.is_waiting:
        yield f"{SLOW}the proxy waits for what the server takes for the next request: {direct} directly, {proxied} behind the proxy"


def forwarded_in(data):
    """Splits what a proxy sent, who frames properly: (number, body) of whole requests, and whether there is a rest. None if it doesn't."""
    found = []
    while data:
        head, separator, rest = data.partition(b"\r\n\r\n")
        if not separator:
            return found, True
        number = NUMBER.search(head)
        if not number:
            return None
        length = re.findall(rb"\r\ncontent-length: *(\d+)", head.lower())
        if re.search(rb"\r\ntransfer-encoding: *chunked", head.lower()):
            body, rest = _chunks(rest)
            if body is None:
                return found, True
        else:
            size = int(length[0]) if length else 0
            if len(rest) < size:
                return found, True
            body, rest = rest[:size], rest[size:]
        found.append((number[1], body))
        data = rest
    return found, False


def _chunks(data):
    body = b""
    while True:
        line, separator, data = data.partition(b"\r\n")
        size = re.match(rb"[0-9a-fA-F]+", line)
        if not separator or not size:
            return None, b""
        size = int(size[0], 16)
        if size == 0:
            break
        if len(data) < size + 2:
            return None, b""
        body, data = body + data[:size], data[size + 2 :]
    while True:
        line, separator, data = data.partition(b"\r\n")
        if not separator:
            return None, b""
        if not line:
            return body, data


def judge_record(record):
    """Yields what is wrong between what a proxy forwarded on one connection and what the server answered there."""
    answers = [Request(*answer) for answer in answers_of(bytes(record.back))]
    forwarded = forwarded_in(bytes(record.there))
    if forwarded is None:
        # The proxy left bytes of the client's own between its requests: one of its answers must then be a refusal.
        if all(request.is_known for request in answers):
            yield "all of it was answered, and some of it has no number"
        return
    whole, has_rest = forwarded
    for (number, body), request in zip(whole, answers):
        if request.is_known and request.number != number:
            yield f"a request of the number {number} was taken for one of the number {request.number}"
            return
        if request.is_known and request.content != body:
            yield f"the request {number} has another body: {body!r} became {request.content!r}"
            return
    more = len(answers) - len(whole)
    if more > 1 or more == 1 and (not has_rest or answers[-1].is_known):
        yield f"{len(whole)} requests were forwarded, and {len(answers)} answered: {answers}"
    # A refusal ends the connection, and what is behind it.
    if more < 0 and (not answers or answers[-1].is_known):
        yield f"{SLOW}{len(whole)} requests were forwarded, and {len(answers)} answered: {answers}"


def is_settled(record):
    """Whether everything that was forwarded was answered, so that only what comes next matters."""
    forwarded = forwarded_in(bytes(record.there))
    return forwarded is not None and not forwarded[1] and len(forwarded[0]) == len(answers_of(bytes(record.back)))
