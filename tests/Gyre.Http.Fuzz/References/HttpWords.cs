namespace Gyre.Http.Fuzz.References;

/// <summary>What requests are made of.</summary>
internal static class HttpWords
{
    internal static readonly string[] Heads =
    [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /a?b=c HTTP/1.1\r\nHost: x:80\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b;\"\r\nabc\r\n0\r\nT: v\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\r\nOPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: close, upgrade\r\nUpgrade: h2c\r\n\r\n",
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
        "GET http://a.example/x?y HTTP/1.1\r\nHost: A.example:80\r\nAccept: */*\r\nExpect: 100-continue\r\n\r\n",
        "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /y HTTP/1.0\r\n\r\n",
        "PUT /long HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\nX-A: \t b \t\r\nx-b:\r\n\r\nabcPOST / HTTP/1.1\r\nHost: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];

    internal static readonly string[] Words =
    [
        "\r\n", "\r\n\r\n", "\n", "\r", "\0", " ", "\t", ":", ": ", ";", ",", "\"", "\\", "#", "?", "*", "/", "//", "://", "@", "[::1]", "%00",
        "\u0080", "\u00ff",
        "GET ", "POST ", "HEAD ", "PUT ", "PATCH ", "DELETE ", "OPTIONS ", "CONNECT ", "TRACE ", "M-SEARCH ", "http://", "https://", "x:80", "x:443",
        " HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/1.2\r\n", " HTTP/2.0\r\n", "HTTP/1.1", "http/1.1",
        "Host: x\r\n", "Host: y\r\n", "host:x\r\n", "Host: x:0\r\n", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "content-length:3\r\n",
        "Content-Length: +5\r\n", "Content-Length: 5, 5\r\n", "Content-Length: 05\r\n", "Content-Length: 9223372036854775807\r\n",
        "Transfer-Encoding: chunked\r\n", "transfer-encoding:chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding:\tchunked\r\n", "Transfer-Encoding : chunked\r\n", " folded\r\n", "Expect: 100-continue\r\n", "Expect: x\r\n",
        "Connection: close\r\n", "Connection: keep-alive\r\n", "Connection: upgrade\r\n", "Upgrade: websocket\r\n", "Connection: a b\r\n",
        "0\r\n\r\n", "1\r\nz\r\n", "5\r\nhello\r\n", "0005\r\nhello\r\n", "a;b=c\r\n", ";a=\"\\\"\"\r\n", "7fffffffffffffff\r\n", "ffffffffffffffff\r\n",
        "0x5\r\n", "-1\r\n", "0;x\r\n", "0\r\nTrailer: v\r\n\r\n", "0\r\nContent-Length: 1\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
}
