namespace Gyre.Http.Tests.Protocol;

/// <summary>What must be understood, and how; each message in every split.</summary>
public class GoodMessageTests
{
    private const string Host = "Host: x\r\n";
    private const string HostField = " [Host|Host|x]";

    public static TheoryData<string, string> Messages => new()
    {
        {
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "HEAD GET(Get) /(Origin) Http11 path=/ query= authority=x None keep-alive [Host|Host|x]\nEND\nCLOSED\n"
        },
        { "", "CLOSED\n" },
        { "\r\n", "CLOSED\n" },
        {
            "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "HEAD GET(Get) /(Origin) Http11 path=/ query= authority=x None keep-alive [Host|Host|x]\nEND\nCLOSED\n"
        },
        {
            "GET / HTTP/1.0\r\n\r\n",
            "HEAD GET(Get) /(Origin) Http10 path=/ query= authority= None close\nEND\nCLOSED\n"
        },
        {
            "GET /a/b?c=d?e HTTP/1.0\r\nConnection: keep-ALIVE\r\n\r\n",
            "HEAD GET(Get) /a/b?c=d?e(Origin) Http10 path=/a/b query=c=d?e authority= None keep-alive" +
            " [Connection|Connection|keep-ALIVE]\nEND\nCLOSED\n"
        },
        {
            "GET /? HTTP/1.0\r\nConnection: keep-alive, Close\r\n\r\n",
            "HEAD GET(Get) /?(Origin) Http10 path=/ query= authority= None close [Connection|Connection|keep-alive, Close]\nEND\nCLOSED\n"
        },
        {
            "GET / HTTP/1.1\r\nhOST: x\r\nconnection: ,, a\r\nCONNECTION:\tclose , b\r\n\r\n",
            "HEAD GET(Get) /(Origin) Http11 path=/ query= authority=x None close [Host|hOST|x] [Connection|connection|,, a]" +
            " [Connection|CONNECTION|close , b]\nEND\nCLOSED\n"
        },
        {
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n",
            "HEAD GET(Get) /(Origin) Http11 path=/ query= authority=x None close [Host|Host|x]" +
            " [Connection|Connection|keep-alive] [Connection|Connection|close]\nEND\nCLOSED\n"
        },
        {
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n",
            "HEAD GET(Get) /(Origin) Http11 path=/ query= authority=x None keep-alive upgrade [Host|Host|x]" +
            " [Connection|Connection|keep-alive, Upgrade] [Upgrade|Upgrade|websocket]\nEND\nCLOSED\n"
        },
        {
            "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n",
            "HEAD GET(Get) /(Origin) Http11 path=/ query= authority=x None keep-alive [Host|Host|x]" +
            " [Upgrade|Upgrade|websocket]\nEND\nCLOSED\n"
        },
        {
            "GET / HTTP/1.1\r\n" + Host + "A:\r\nB: \t \r\nC:  a\tb c \t\r\nD: \u0080\u00ff:\"\r\n!#$%&'*+-.^_`|~0a: :\r\n\r\n",
            "HEAD GET(Get) /(Origin) Http11 path=/ query= authority=x None keep-alive" + HostField +
            " [None|A|] [None|B|] [None|C|a\tb c] [None|D|\u0080\u00ff:\"] [None|!#$%&'*+-.^_`|~0a|:]\nEND\nCLOSED\n"
        },
        {
            "POST /e HTTP/1.1\r\n" + Host + "Content-Length: 5\r\n\r\nhello",
            "HEAD POST(Post) /e(Origin) Http11 path=/e query= authority=x Length length=5 keep-alive" + HostField +
            " [ContentLength|Content-Length|5]\nDATA hello\nEND\nCLOSED\n"
        },
        {
            "PUT /e HTTP/1.0\r\nContent-Length:  5 \r\n\r\nhello",
            "HEAD PUT(Put) /e(Origin) Http10 path=/e query= authority= Length length=5 close" +
            " [ContentLength|Content-Length|5]\nDATA hello\nEND\nCLOSED\n"
        },
        {
            "PATCH /e HTTP/1.1\r\n" + Host + "Content-Length: 0\r\n\r\n",
            "HEAD PATCH(Patch) /e(Origin) Http11 path=/e query= authority=x None length=0 keep-alive" + HostField +
            " [ContentLength|Content-Length|0]\nEND\nCLOSED\n"
        },
        {
            "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0000A;a;b=c\t; d = \"e;\\\"\\\\\" ;f\r\n" +
            "0123456789\r\n0\r\n\r\n",
            "HEAD POST(Post) /(Origin) Http11 path=/ query= authority=x Chunked keep-alive" + HostField +
            " [TransferEncoding|Transfer-Encoding|Chunked]\nDATA hello0123456789\nEND\nCLOSED\n"
        },
        {
            "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\naB\r\n" + new string('z', 0xAB) + "\r\n000\r\n" +
            "Digest: q\r\nX: \r\n\r\n",
            "HEAD POST(Post) /(Origin) Http11 path=/ query= authority=x Chunked keep-alive" + HostField +
            " [TransferEncoding|Transfer-Encoding|chunked]\nDATA " + new string('z', 0xAB) + "\nEND [None|Digest|q] [None|X|]\nCLOSED\n"
        },
        {
            "POST / HTTP/1.1\r\n" + Host + "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nz",
            "HEAD POST(Post) /(Origin) Http11 path=/ query= authority=x Length length=1 keep-alive expects-100" + HostField +
            " [Expect|Expect|100-Continue] [ContentLength|Content-Length|1]\nDATA z\nEND\nCLOSED\n"
        },
        {
            "GET / HTTP/1.1\r\n" + Host + "Expect: 100-continue\r\n\r\n",
            "HEAD GET(Get) /(Origin) Http11 path=/ query= authority=x None keep-alive" + HostField + "" +
            " [Expect|Expect|100-continue]\nEND\nCLOSED\n"
        },
        {
            "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nz",
            "HEAD POST(Post) /(Origin) Http10 path=/ query= authority= Length length=1 close [Expect|Expect|100-continue]" +
            " [ContentLength|Content-Length|1]\nDATA z\nEND\nCLOSED\n"
        },
        {
            "OPTIONS * HTTP/1.1\r\n" + Host + "\r\n",
            "HEAD OPTIONS(Options) *(Asterisk) Http11 path=* query= authority=x None keep-alive" + HostField + "\nEND\nCLOSED\n"
        },
        {
            "CONNECT a.b:443 HTTP/1.1\r\nHost: A.b:443\r\n\r\n",
            "HEAD CONNECT(Connect) a.b:443(Authority) Http11 path= query= authority=a.b:443 None keep-alive" +
            " [Host|Host|A.b:443]\nEND\nCLOSED\n"
        },
        {
            "GET HTTP://A.b/p?q HTTP/1.1\r\nHost: a.B:80\r\n\r\n",
            "HEAD GET(Get) HTTP://A.b/p?q(Absolute) Http11 path=/p query=q authority=A.b None keep-alive [Host|Host|a.B:80]\nEND\nCLOSED\n"
        },
        {
            "GET https://[::1]?q HTTP/1.1\r\nHost: [::1]:443\r\n\r\n",
            "HEAD GET(Get) https://[::1]?q(Absolute) Http11 path=/ query=q authority=[::1] None keep-alive" +
            " [Host|Host|[::1]:443]\nEND\nCLOSED\n"
        },
        {
            "DELETE http://a HTTP/1.0\r\n\r\n",
            "HEAD DELETE(Delete) http://a(Absolute) Http10 path=/ query= authority=a None close\nEND\nCLOSED\n"
        },
        {
            "TRACE / HTTP/1.1\r\nHost: [2001:db8::192.0.2.1]:8080\r\n\r\n",
            "HEAD TRACE(Trace) /(Origin) Http11 path=/ query= authority=[2001:db8::192.0.2.1]:8080 None keep-alive" +
            " [Host|Host|[2001:db8::192.0.2.1]:8080]\nEND\nCLOSED\n"
        },
        {
            "get //x/../%2F{|}\"<>\\^` HTTP/1.1\r\nHost: a_b.c-d~e:65535\r\n\r\n",
            "HEAD get(Other) //x/../%2F{|}\"<>\\^`(Origin) Http11 path=//x/../%2F{|}\"<>\\^`" +
            " query= authority=a_b.c-d~e:65535 None keep-alive [Host|Host|a_b.c-d~e:65535]\nEND\nCLOSED\n"
        },
        {
            "HEAD /1 HTTP/1.1\r\n" + Host + "\r\n\r\nPROPFIND /2 HTTP/1.1\r\n" + Host + "Content-Length: 1\r\n\r\nxGET /3 HTTP/1.0\r\n\r\n",
            "HEAD HEAD(Head) /1(Origin) Http11 path=/1 query= authority=x None keep-alive" + HostField + "\nEND\n" +
            "HEAD PROPFIND(Other) /2(Origin) Http11 path=/2 query= authority=x Length length=1 keep-alive" + HostField +
            " [ContentLength|Content-Length|1]\nDATA x\nEND\n" +
            "HEAD GET(Get) /3(Origin) Http10 path=/3 query= authority= None close\nEND\nCLOSED\n"
        },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Is_understood_the_same_in_every_split(string message, string expected) =>
        Assert.Equal(expected, Splits.AssertSame(message));
}
