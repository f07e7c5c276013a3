using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>Whole connections: heads, bodies, pipelines, under the default limits and under limits that an input can pass.</summary>
internal sealed class RequestTarget : FuzzTarget
{
    internal static readonly HttpLimits SmallLimits = new()
    {
        RequestLineBytesMax = 48,
        MethodBytesMax = 8,
        HeaderBlockBytesMax = 96,
        HeaderCountMax = 4,
        ChunkExtensionBytesMax = 16,
        TrailerBytesMax = 32,
        BodyBytesMax = 64,
    };

    private readonly ReaderOracles _usual = new(HttpLimits.Default);
    private readonly ReaderOracles _small = new(SmallLimits);

    internal override string Name => "request";

    internal override IReadOnlyList<string> Seeds => HttpWords.Heads;

    internal override IReadOnlyList<string> Words => HttpWords.Words;

    internal override void Run(ReadOnlySpan<byte> input)
    {
        _usual.Run(input);
        _small.Run(input);
    }
}
