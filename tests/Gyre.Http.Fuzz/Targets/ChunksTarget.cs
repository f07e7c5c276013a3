using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>Bodies in chunks: the input is what follows a head.</summary>
internal sealed class ChunksTarget : FuzzTarget
{
    private readonly ReaderOracles _usual = new(HttpLimits.Default);
    private readonly ReaderOracles _small = new(RequestTarget.SmallLimits);
    private byte[] _wire = [];

    internal override string Name => "chunks";

    internal override IReadOnlyList<string> Seeds =>
    [
        "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "a;b=c;d=\"e\\\"f\" ; g\r\n0123456789\r\n00\r\nT: v\r\nU:w\r\n\r\n",
        "1 ;x\r\nz\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "7fffffffffffffff\r\n", "10000000000000000\r\n", "0\r\nHost: y\r\n\r\n",
    ];

    internal override IReadOnlyList<string> Words => HttpWords.Words;

    internal override void Run(ReadOnlySpan<byte> input)
    {
        _wire = [.. "P / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"u8, .. input];
        _usual.Run(_wire);
        _small.Run(_wire);
    }
}
