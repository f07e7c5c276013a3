using System.Text;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;
using Gyre.Http.Fuzz.Targets;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Fuzz;

/// <summary>That the harness would see a fault: planted ones are found, and made small.</summary>
public class EngineTests
{
    private const int Tries = 50_000;

    [Fact]
    public void A_planted_fault_is_found_and_made_small()
    {
        PlantedTarget target = new();
        Random random = new(7);
        Mutator mutator = new(random, target.LengthMax, target.Words);
        byte[] seed = Encoding.Latin1.GetBytes(target.Seeds[0]);
        byte[]? found = null;
        for (int i = 0; i < Tries && found is null; i++)
        {
            ReadOnlySpan<byte> input = mutator.Mutate(seed, seed);
            found = Finding.Of(target, input) is null ? null : input.ToArray();
        }

        Assert.NotNull(found);
        Assert.Equal("bad"u8, Shrink.While(found, Tries, input => Finding.Of(target, input) is not null));
    }

    [Fact]
    public void The_same_seed_makes_the_same_mutations() => Assert.Equal(Mutations(3), Mutations(3));

    [Fact]
    public void What_is_thrown_is_a_finding_with_its_place()
    {
        Finding? finding = Finding.Of(new ThrowingTarget(), "x"u8);
        Assert.NotNull(finding);
        Assert.StartsWith("FormatException at Gyre.Http.Tests.Fuzz.EngineTests", finding.Kind);
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\n", BodyFraming.None)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 05\r\n\r\n", BodyFraming.Length)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", BodyFraming.Chunked)]
    [InlineData("POST / HTTP/1.1\r\nHost: x\nContent-Length: 5\r\n\r\n", BodyFraming.Length)]
    public void The_careless_reader_objects_to_what_two_readers_frame_in_two_ways(string head, BodyFraming framing)
    {
        RequestReader reader = new();
        string good = framing switch
        {
            BodyFraming.Length => "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
            BodyFraming.Chunked => "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            _ => "POST / HTTP/1.1\r\nHost: x\r\n\r\n",
        };
        Assert.Equal(ReaderEvent.Head, reader.Read(Encoding.Latin1.GetBytes(good), out _));
        CarelessReader.JudgeFraming(Encoding.Latin1.GetBytes(good), reader.Head);
        Assert.Throws<OracleException>(() => CarelessReader.JudgeFraming(Encoding.Latin1.GetBytes(head), reader.Head));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n", "Kestrel counts other headers")]
    [InlineData("GET / HTTP/1.1\r\nHost: x \ty\r\n\r\n", "Kestrel ends the head elsewhere")]
    [InlineData("PUT / HTTP/1.1\r\nHost: x\r\n\r\n", "Kestrel reads another method")]
    public void Kestrels_reading_is_compared(string theirs, string kind)
    {
        byte[] ours = Encoding.Latin1.GetBytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        RequestReader reader = new();
        Assert.Equal(ReaderEvent.Head, reader.Read(ours, out int consumed));
        KestrelReader kestrel = new();
        Assert.Equal(KestrelVerdict.Head, kestrel.Read(Encoding.Latin1.GetBytes(theirs)));
        int end = kind.StartsWith("Kestrel ends", StringComparison.Ordinal) ? consumed : theirs.Length;
        Assert.Equal(kind, Assert.Throws<OracleException>(() => kestrel.Judge(reader.Head, end)).Kind);
    }

    private static string Mutations(int seed)
    {
        RequestTarget target = new();
        Mutator mutator = new(new Random(seed), target.LengthMax, target.Words);
        byte[] first = Encoding.Latin1.GetBytes(target.Seeds[0]);
        byte[] second = Encoding.Latin1.GetBytes(target.Seeds[1]);
        return string.Concat(Enumerable.Range(0, 100).Select(_ => Convert.ToHexString(mutator.Mutate(first, second))));
    }

    private sealed class PlantedTarget : FuzzTarget
    {
        internal override string Name => "planted";

        internal override IReadOnlyList<string> Seeds => ["good, good"];

        internal override IReadOnlyList<string> Words => ["b", "ad"];

        internal override void Run(ReadOnlySpan<byte> input) => Verify.That(input.IndexOf("bad"u8) < 0, "planted");
    }

    private sealed class ThrowingTarget : FuzzTarget
    {
        internal override string Name => "throwing";

        internal override IReadOnlyList<string> Seeds => [];

        internal override IReadOnlyList<string> Words => [];

        internal override void Run(ReadOnlySpan<byte> input) => throw new FormatException("planted");
    }
}
