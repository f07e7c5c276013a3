"""Messages whose framing two readers may see differently: name, bytes, and what Gyre must make of them.

REFUSE: an error, and nothing behind it is read as a request. ONE: one request, and the next one is the canary behind it.
LAST: one request, and then the connection ends (HTTP/1.0, or a client that waits for 100 and may or may not send its body).
CUT: REFUSE or LAST, since /echo may answer before it turns out that the body has no proper end; nothing behind it is a request.
"""

REFUSE, ONE, LAST, CUT = "refuse", "one", "last", "cut"
HELLO = b"HELLO"


def head(*lines, method=b"POST", target=b"/echo", version=b"HTTP/1.1", host=b"Host: a\r\n"):
    """A head with the marks of a case; lines are bytes without their CRLF."""
    return method + b" " + target + b" " + version + b"\r\n" + host + b"X-Part: main\r\nX-Case: %CASE%\r\n" + b"".join(
        line + b"\r\n" for line in lines) + b"\r\n"


HIDDEN = b"GET /echo HTTP/1.1\r\nHost: a\r\nX-Part: hidden\r\nX-Case: %CASE%\r\n\r\n"
CANARY = b"GET /echo HTTP/1.1\r\nHost: a\r\nX-Part: canary\r\nX-Case: %CASE%\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked"
EMPTY_CHUNKED = b"0\r\n\r\n"


def length(body):
    return b"Content-Length: %d" % len(body)


# Tabs around framing fields and leading zeros are allowed by the letter; Gyre refuses them, since peers disagree about them.

# What stands for Transfer-Encoding, and what Gyre makes of it on its own in front of a chunked body: ONE where it is chunked.
TRANSFER_ENCODINGS = [
    ("plain", b"Transfer-Encoding: chunked", ONE),
    ("capitals", b"TRANSFER-ENCODING: CHUNKED", ONE),
    ("no space", b"Transfer-Encoding:chunked", ONE),
    ("tab before", b"Transfer-Encoding:\tchunked", REFUSE),
    ("tab behind", b"Transfer-Encoding: chunked\t", REFUSE),
    ("xchunked", b"Transfer-Encoding: xchunked", REFUSE),
    ("chunkedx", b"Transfer-Encoding: chunkedx", REFUSE),
    ("space in the middle", b"Transfer-Encoding: chun ked", REFUSE),
    ("vertical tab before", b"Transfer-Encoding: \x0bchunked", REFUSE),
    ("form feed before", b"Transfer-Encoding: \x0cchunked", REFUSE),
    ("vertical tab behind", b"Transfer-Encoding: chunked\x0b", REFUSE),
    ("NUL behind", b"Transfer-Encoding: chunked\x00", REFUSE),
    ("no-break space", b"Transfer-Encoding: \xa0chunked", REFUSE),
    ("quoted", b'Transfer-Encoding: "chunked"', REFUSE),
    ("parameter", b"Transfer-Encoding: chunked;q=1", REFUSE),
    ("identity", b"Transfer-Encoding: identity", REFUSE),
    ("unknown", b"Transfer-Encoding: cow", REFUSE),
    ("empty", b"Transfer-Encoding:", REFUSE),
    ("identity behind", b"Transfer-Encoding: chunked, identity", REFUSE),
    ("identity before", b"Transfer-Encoding: identity, chunked", REFUSE),
    ("gzip before", b"Transfer-Encoding: gzip, chunked", REFUSE),
    ("twice in a line", b"Transfer-Encoding: chunked, chunked", REFUSE),
    ("twice in lines", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", REFUSE),
    ("identity in a line behind", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", REFUSE),
    ("cow in a line before", b"Transfer-Encoding: cow\r\nTransfer-Encoding: chunked", REFUSE),
    ("comma before", b"Transfer-Encoding: , chunked", REFUSE),
    ("comma behind", b"Transfer-Encoding: chunked,", REFUSE),
    ("space before the colon", b"Transfer-Encoding : chunked", REFUSE),
    ("tab before the colon", b"Transfer-Encoding\t: chunked", REFUSE),
    ("NUL before the colon", b"Transfer-Encoding\x00: chunked", REFUSE),
    ("0xff in the name", b"Transfer\xffEncoding: chunked", REFUSE),
    ("behind a bare LF", b"X: y\nTransfer-Encoding: chunked", REFUSE),
    ("behind a bare CR", b"X: y\rTransfer-Encoding: chunked", REFUSE),
    ("folded", b"Transfer-Encoding:\r\n chunked", REFUSE),
    ("folded behind", b"Transfer-Encoding: chunked\r\n , identity", REFUSE),
    ("in a folded line", b"X: y\r\n\tTransfer-Encoding: chunked", REFUSE),
    ("without a colon", b"Transfer-Encoding chunked", REFUSE),
]

# Names that only look like it: the length rules, whatever a lenient reader normalises.
LOOKALIKES = [
    ("underscore", b"Transfer_Encoding: chunked"),
    ("content encoding", b"Content-Encoding: chunked"),
    ("TE", b"TE: chunked"),
    ("named by Connection", b"Connection: Transfer-Encoding"),
    ("X-", b"X-Transfer-Encoding: chunked"),
]

CONTENT_LENGTHS = [
    ("plain", b"Content-Length: 5", ONE),
    ("lower case", b"content-length:5", ONE),
    ("spaces around", b"Content-Length:   5  ", ONE),
    ("tabs around", b"Content-Length:\t5\t", REFUSE),
    ("leading zero", b"Content-Length: 05", REFUSE),
    ("many leading zeros", b"Content-Length: 00000000000000000000000005", REFUSE),
    ("plus", b"Content-Length: +5", REFUSE),
    ("minus", b"Content-Length: -5", REFUSE),
    ("minus nought", b"Content-Length: -0", REFUSE),
    ("hexadecimal", b"Content-Length: 0x5", REFUSE),
    ("underscore", b"Content-Length: 0_5", REFUSE),
    ("fraction", b"Content-Length: 5.0", REFUSE),
    ("exponent", b"Content-Length: 5e0", REFUSE),
    ("list of equals", b"Content-Length: 5, 5", REFUSE),
    ("list without space", b"Content-Length: 5,5", REFUSE),
    ("list of others", b"Content-Length: 5, 0", REFUSE),
    ("comma behind", b"Content-Length: 5,", REFUSE),
    ("semicolon", b"Content-Length: 5;", REFUSE),
    ("two numbers", b"Content-Length: 5 5", REFUSE),
    ("empty", b"Content-Length:", REFUSE),
    ("word", b"Content-Length: five", REFUSE),
    ("quoted", b'Content-Length: "5"', REFUSE),
    ("full width digit", "Content-Length: ５".encode(), REFUSE),
    ("vertical tab behind", b"Content-Length: 5\x0b", REFUSE),
    ("NUL behind", b"Content-Length: 5\x00", REFUSE),
    ("2^32 + 5", b"Content-Length: 4294967301", CUT),
    ("2^64 + 5", b"Content-Length: 18446744073709551621", REFUSE),
    ("thirty digits", b"Content-Length: 100000000000000000000000000005", REFUSE),
    ("twice the same", b"Content-Length: 5\r\nContent-Length: 5", REFUSE),
    ("twice, 5 and 0", b"Content-Length: 5\r\nContent-Length: 0", REFUSE),
    ("twice, 0 and 5", b"Content-Length: 0\r\nContent-Length: 5", REFUSE),
    ("space before the colon", b"Content-Length : 5", REFUSE),
    ("folded", b"Content-Length:\r\n 5", REFUSE),
    ("folded behind", b"Content-Length: 5\r\n 0", REFUSE),
    ("behind a bare LF", b"X: y\nContent-Length: 5", REFUSE),
    ("behind a bare CR", b"X: y\rContent-Length: 5", REFUSE),
    ("named by Connection", b"Connection: Content-Length\r\nContent-Length: 5", ONE),
]

CHUNKED_BODIES = [
    ("plain", b"5\r\nHELLO\r\n0\r\n\r\n", ONE),
    ("leading zeros", b"0005\r\nHELLO\r\n000\r\n\r\n", ONE),
    ("extension", b"5;a=b\r\nHELLO\r\n0\r\n\r\n", ONE),
    ("quoted extension", b'5;a="b;c"\r\nHELLO\r\n0\r\n\r\n', ONE),
    ("trailer", b"0\r\nX-Sum: 1\r\n\r\n", ONE),
    ("bare semicolon", b"5;\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("0x", b"0x5\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("plus", b"+5\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("minus", b"-5\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("underscore", b"0_5\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("space before", b" 5\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("no size", b"\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("word", b"five\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("2^64 + 5", b"10000000000000005\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("2^32 + 5", b"100000005\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("bare LF behind the size", b"5\nHELLO\r\n0\r\n\r\n", CUT),
    ("bare CR behind the size", b"5\rHELLO\r\n0\r\n\r\n", CUT),
    ("bare LF in the extension", b"5;a\nb\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("NUL in the extension", b"5;a\x00\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("CRLF in the quoted extension", b'5;a="\r\nHELLO\r\n0\r\n\r\n', CUT),
    ("nothing behind the data", b"5\r\nHELLO0\r\n\r\n", CUT),
    ("bare LF behind the data", b"5\r\nHELLO\n0\r\n\r\n", CUT),
    ("bare CR behind the data", b"5\r\nHELLO\r0\r\n\r\n", CUT),
    ("too much data", b"3\r\nHELLO\r\n0\r\n\r\n", CUT),
    ("bare LFs at the end", b"5\r\nHELLO\r\n0\n\n", CUT),
    ("bare LF at the very end", b"5\r\nHELLO\r\n0\r\n\n", CUT),
    ("bad trailer", b"0\r\nX Sum: 1\r\n\r\n", CUT),
    ("trailer without a colon", b"0\r\nGET /echo HTTP/1.1\r\n\r\n", CUT),
    ("folded trailer", b"0\r\nX: 1\r\n 2\r\n\r\n", CUT),
    ("length in the trailer", b"0\r\nContent-Length: 60\r\n\r\n", CUT),
    ("encoding in the trailer", b"0\r\nTransfer-Encoding: chunked\r\n\r\n", CUT),
    ("host in the trailer", b"0\r\nHost: b\r\n\r\n", CUT),
]

# Whole heads of requests without a body.
HEADS = [
    ("plain", head(method=b"GET"), ONE),
    ("empty line before", b"\r\n" + head(method=b"GET"), ONE),
    ("bare LF before", b"\n" + head(method=b"GET"), REFUSE),
    ("space before", b" " + head(method=b"GET"), REFUSE),
    ("bare LFs throughout", head(method=b"GET").replace(b"\r\n", b"\n"), REFUSE),
    ("bare LF behind the request line", head(method=b"GET").replace(b"1.1\r\n", b"1.1\n", 1), REFUSE),
    ("bare LF at the end", head(method=b"GET")[:-2] + b"\n", REFUSE),
    ("lower-case version", head(method=b"GET", version=b"http/1.1"), REFUSE),
    ("HTTP/1.2", head(method=b"GET", version=b"HTTP/1.2"), None),
    ("HTTP/2.0", head(method=b"GET", version=b"HTTP/2.0"), REFUSE),
    ("HTTP/1.10", head(method=b"GET", version=b"HTTP/1.10"), REFUSE),
    ("HTTP/01.1", head(method=b"GET", version=b"HTTP/01.1"), REFUSE),
    ("no version", b"GET /echo\r\n", REFUSE),
    ("HTTP/1.0", head(method=b"GET", version=b"HTTP/1.0"), LAST),
    ("HTTP/1.0 in chunks", head(CHUNKED, version=b"HTTP/1.0") + EMPTY_CHUNKED, REFUSE),
    ("space behind the version", head(method=b"GET", version=b"HTTP/1.1 "), REFUSE),
    ("two spaces", head(method=b"GET ", target=b"/echo"), REFUSE),
    ("tab for a space", head(method=b"GET\t/echo", target=b"/echo"), REFUSE),
    ("space in the target", head(method=b"GET", target=b"/echo /echo"), REFUSE),
    ("fragment", head(method=b"GET", target=b"/echo#x"), REFUSE),
    ("NUL in the target", head(method=b"GET", target=b"/echo\x00"), REFUSE),
    ("0xff in the target", head(method=b"GET", target=b"/echo\xff"), REFUSE),
    ("target without a slash", head(method=b"GET", target=b"echo"), REFUSE),
    ("asterisk with GET", head(method=b"GET", target=b"*"), REFUSE),
    ("authority with GET", head(method=b"GET", target=b"a:80"), REFUSE),
    ("absolute form", head(method=b"GET", target=b"http://a/echo"), ONE),
    ("absolute form against Host", head(method=b"GET", target=b"http://b/echo"), None),
    ("absolute form with user", head(method=b"GET", target=b"http://u@a/echo"), REFUSE),
    ("bracket in the method", head(method=b"G(T"), REFUSE),
    ("no Host", head(method=b"GET", host=b""), REFUSE),
    ("two Hosts", head(method=b"GET", host=b"Host: a\r\nHost: b\r\n"), REFUSE),
    ("two equal Hosts", head(method=b"GET", host=b"Host: a\r\nHost: a\r\n"), REFUSE),
    ("comma Host", head(method=b"GET", host=b"Host: a,b\r\n"), REFUSE),
    ("user in Host", head(method=b"GET", host=b"Host: u@a\r\n"), REFUSE),
    ("path in Host", head(method=b"GET", host=b"Host: a/b\r\n"), REFUSE),
    ("space before the first header", head(method=b"GET", host=b" X: y\r\nHost: a\r\n"), REFUSE),
    ("space before Host's colon", head(method=b"GET", host=b"Host : a\r\n"), REFUSE),
    ("control byte in a name", head(b"X\x01: y", method=b"GET"), REFUSE),
    ("bracket in a name", head(b"X(: y", method=b"GET"), REFUSE),
    ("space in a name", head(b"X y: z", method=b"GET"), REFUSE),
    ("0xff in a name", head(b"X\xff: y", method=b"GET"), REFUSE),
    ("empty name", head(b": y", method=b"GET"), REFUSE),
    ("no colon", head(b"nothing", method=b"GET"), REFUSE),
    ("NUL in a value", head(b"X: a\x00b", method=b"GET"), REFUSE),
    ("bare CR in a value", head(b"X: a\rb", method=b"GET"), REFUSE),
    ("folded value", head(b"X: a\r\n b", method=b"GET"), REFUSE),
    ("two heads by a bare CR", head(b"X: a\r\r", method=b"GET"), REFUSE),
    ("length in GET", head(length(HIDDEN), method=b"GET") + HIDDEN, ONE),
    ("chunked GET", head(CHUNKED, method=b"GET") + EMPTY_CHUNKED, ONE),
    ("expects 100", head(b"Expect: 100-continue", b"Content-Length: 5") + HELLO, LAST),
    ("expects something", head(b"Expect: something", b"Content-Length: 5") + HELLO, None),
    ("upgrade to h2c", head(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk", method=b"GET"), ONE),
    ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", REFUSE),
]


def cases():
    """All of them: (name, bytes with %CASE% for its id, expectation or None where either will do)."""
    for name, line, alone in TRANSFER_ENCODINGS:
        yield f"encoding, {name}", head(line) + EMPTY_CHUNKED, alone
        body = EMPTY_CHUNKED + HIDDEN
        yield f"CL.TE, {name}", head(length(body), line) + body, REFUSE
        yield f"TE.CL, {name}", head(line, b"Content-Length: 5") + EMPTY_CHUNKED, REFUSE
        hidden = b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"
        yield f"TE.CL with a request in a chunk, {name}", head(line, b"Content-Length: 4") + hidden, REFUSE
    for name, line in LOOKALIKES:
        body = EMPTY_CHUNKED + HIDDEN
        yield f"lookalike, {name}", head(length(body), line) + body, ONE
    for name, line, expected in CONTENT_LENGTHS:
        yield f"length, {name}", head(line) + HELLO, expected
    for name, body, expected in CHUNKED_BODIES:
        yield f"chunks, {name}", head(CHUNKED) + body, expected
    for name, message, expected in HEADS:
        yield f"head, {name}", message, expected
