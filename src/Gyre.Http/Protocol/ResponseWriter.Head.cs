namespace Gyre.Http.Protocol;

/// <summary>The head: which framing, and which bytes.</summary>
public sealed partial class ResponseWriter
{
    // Date 37, Content-Length 38 (or Transfer-Encoding 28), Connection 28, the empty line 2, and 15 of a custom status
    // line: 120 in all.
    private const int FixedBytesMax = 128;

    private static int HeadBytesMax(ResponseHead response)
    {
        int statusLine = response.Reason is null ? StatusLines.Get(response.StatusCode).Length : response.Reason.Length;
        return statusLine + response.Headers.Wire.Length + FixedBytesMax;
    }

    private void Begin(ResponseHead response, RequestHead? request, ReadOnlySpan<byte> date)
    {
        if (date.Length is not (0 or DateLength))
        {
            throw new ArgumentException($"A date has {DateLength} bytes; this one has {date.Length}.", nameof(date));
        }

        int status = response.StatusCode;
        Expect(Phase.Head, "A head");
        if (status is < 200 and not 101)
        {
            throw new LocalProtocolException($"{status} is an interim status; write it with WriteInterim.");
        }

        _isBodyDropped = false;
        _isLengthSent = false;
        Decide(status, response, request);
    }

    // RFC 9112 section 6.3 and RFC 9110 sections 8.6, 9.3.2, 9.3.6, 15.2.2, 15.3.5, 15.3.6, 15.4.5.
    private void Decide(int status, ResponseHead response, RequestHead? request)
    {
        RequestMethod method = request is null ? RequestMethod.Other : request.Method;
        KeepAlive = request is { KeepAlive: true } && !response.Close;
        _declared = response.ContentLength ?? -1;
        if (status == 101 || (method == RequestMethod.Connect && status < 300))
        {
            Framing = BodyFraming.Tunnel;
            KeepAlive = false;
        }
        else if (status == 205)
        {
            Framing = BodyFraming.Length;
            _isBodyDropped = true;
            _isLengthSent = true;
            _declared = 0;
        }
        else if (method == RequestMethod.Head || status is 204 or 304)
        {
            Framing = BodyFraming.None;
            _isBodyDropped = true;
            _isLengthSent = _declared >= 0 && status != 204;
        }
        else if (_declared >= 0)
        {
            Framing = BodyFraming.Length;
            _isLengthSent = true;
        }
        else if (request is { Version: ProtocolVersion.Http10 })
        {
            Framing = BodyFraming.UntilClose;
            KeepAlive = false;
        }
        else
        {
            Framing = BodyFraming.Chunked;
        }
    }

    private void Compose(ref SpanComposer composer, ResponseHead response, RequestHead? request, ReadOnlySpan<byte> date)
    {
        if (response.Reason is null)
        {
            composer.Write(StatusLines.Get(response.StatusCode));
        }
        else
        {
            composer.Write("HTTP/1.1 "u8);
            composer.WriteDecimal(response.StatusCode);
            composer.Write(" "u8);
            composer.WriteAscii(response.Reason);
            composer.Write("\r\n"u8);
        }

        ResponseHeaders headers = response.Headers;
        if (!date.IsEmpty && !headers.Contains(KnownHeader.Date))
        {
            composer.Write("Date: "u8);
            composer.Write(date);
            composer.Write("\r\n"u8);
        }

        composer.Write(headers.Wire);
        if (_isLengthSent)
        {
            composer.Write("Content-Length: "u8);
            composer.WriteDecimal(_declared);
            composer.Write("\r\n"u8);
        }
        else if (Framing == BodyFraming.Chunked)
        {
            composer.Write("Transfer-Encoding: chunked\r\n"u8);
        }

        ComposeConnection(ref composer, headers.Contains(KnownHeader.Upgrade), request);
        composer.Write("\r\n"u8);
    }

    // RFC 9112 section 9.3 and 9.6: say "close" when we will, and "keep-alive" to HTTP/1.0 when we won't. RFC 9110
    // section 7.8: Upgrade must be listed in Connection.
    private void ComposeConnection(ref SpanComposer composer, bool hasUpgrade, RequestHead? request)
    {
        bool isTunnel = Framing == BodyFraming.Tunnel;
        if (hasUpgrade)
        {
            composer.Write(KeepAlive || isTunnel ? "Connection: upgrade\r\n"u8 : "Connection: upgrade, close\r\n"u8);
        }
        else if (!KeepAlive && !isTunnel)
        {
            composer.Write("Connection: close\r\n"u8);
        }
        else if (KeepAlive && request!.Version == ProtocolVersion.Http10)
        {
            composer.Write("Connection: keep-alive\r\n"u8);
        }
    }
}
