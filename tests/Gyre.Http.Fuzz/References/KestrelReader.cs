using System.Buffers;
using System.Globalization;
using System.Text;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Protocol;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;
using KestrelVersion = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpVersion;

namespace Gyre.Http.Fuzz.References;

/// <summary>Reads a head with Kestrel's public parser, and frames the body by Kestrel's rules.</summary>
internal sealed class KestrelReader : IHttpRequestLineHandler, IHttpHeadersHandler
{
    private readonly HttpParser<KestrelReader> _parser = new(showErrorDetails: false);
    private readonly List<(byte[] Name, byte[] Value)> _headers = [];
    private byte[] _line = [];
    private int _methodLength;
    private int _targetStart;
    private KestrelVersion _version;
    private long _consumed;

    /// <summary>Why it was refused.</summary>
    internal string Reason { get; private set; } = "";

    public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
    {
        _line = startLine.ToArray();
        _methodLength = versionAndMethod.MethodEnd;
        _targetStart = targetPath.Offset;
        _version = versionAndMethod.Version;
    }

    public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _headers.Add((name.ToArray(), value.ToArray()));

    public void OnHeadersComplete(bool endStream)
    {
    }

    public void OnStaticIndexedHeader(int index) => throw new NotSupportedException("Only HTTP/2 has static headers.");

    public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value) => OnStaticIndexedHeader(index);

    internal KestrelVerdict Read(ReadOnlySpan<byte> input)
    {
        _headers.Clear();
        SequenceReader<byte> reader = new(new ReadOnlySequence<byte>(input.ToArray()));
        try
        {
            bool isWhole = _parser.ParseRequestLine(this, ref reader) && _parser.ParseHeaders(this, ref reader);
            _consumed = reader.Consumed;
            return isWhole ? KestrelVerdict.Head : KestrelVerdict.NeedData;
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            Reason = e.Message;
            return KestrelVerdict.Refused;
        }
    }

    /// <summary>Compares a head that both accepted.</summary>
    internal void Judge(RequestHead head, long consumed)
    {
        Verify.Same(_consumed, consumed, "Kestrel ends the head elsewhere");
        Verify.SameBytes(_line.AsSpan(0, _methodLength), head.MethodSpan, "Kestrel reads another method");
        Verify.SameBytes(_line.AsSpan(_targetStart), head.TargetSpan, "Kestrel reads another target");
        Verify.Same(_version == KestrelVersion.Http10 ? ProtocolVersion.Http10 : ProtocolVersion.Http11, head.Version, "Kestrel reads another version");
        Verify.Same(_headers.Count, head.Headers.Count, "Kestrel counts other headers");
        for (int i = 0; i < _headers.Count; i++)
        {
            Verify.SameBytes(_headers[i].Name, head.Headers.GetName(i), "Kestrel reads another name");
            Verify.SameBytes(_headers[i].Value, head.Headers.GetValue(i), "Kestrel reads another value");
        }

        Verify.Same(Framing(), Framing(head), "Kestrel frames the body otherwise");
    }

    private static string Framing(RequestHead head) =>
        head.IsChunked ? "chunked" : (head.ContentLength ?? 0).ToString(CultureInfo.InvariantCulture);

    // As its Http1MessageBody decides: the last coding must be chunked and overrides lengths; else there is one length or none.
    private string Framing()
    {
        string[] codings = [.. Values("Transfer-Encoding").SelectMany(value => value.Split(',')).Select(coding => coding.Trim(' ', '\t'))];
        if (codings.Length > 0)
        {
            return codings[^1].Equals("chunked", StringComparison.OrdinalIgnoreCase) ? "chunked" : "refused";
        }

        string[] lengths = [.. Values("Content-Length")];
        return lengths switch
        {
            [] => "0",
            [string only] when long.TryParse(only, NumberStyles.None, CultureInfo.InvariantCulture, out long length) =>
                length.ToString(CultureInfo.InvariantCulture),
            _ => "refused",
        };
    }

    private IEnumerable<string> Values(string name) =>
        from header in _headers
        where Encoding.Latin1.GetString(header.Name).Equals(name, StringComparison.OrdinalIgnoreCase)
        select Encoding.Latin1.GetString(header.Value);
}
