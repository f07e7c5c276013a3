using System.Buffers;
using System.Text;
using Gyre.Generators;
using Gyre.Samples.Resp;

namespace Gyre.Tests.Samples;

/// <summary>Drives the parser of <c>samples/Resp</c> from memory, in pieces of any sort.</summary>
internal static class RespDriver
{
    /// <summary>The values in <paramref name="pieces"/> as text, and then the error, if there is one.</summary>
    public static string[] Parse(IEnumerable<byte[]> pieces, RespOptions? options = null)
    {
        var seen = new List<string>();
        try
        {
            foreach (RespValue value in Values(pieces, options))
            {
                seen.Add($"{value}");
            }
        }
        catch (RespException failure)
        {
            seen.Add(failure.Message);
        }

        return [.. seen];
    }

    /// <summary>The values; throws what the parser throws.</summary>
    public static IEnumerable<RespValue> Values(IEnumerable<byte[]> pieces, RespOptions? options = null)
    {
        using IEnumerator<byte[]> rest = pieces.GetEnumerator();
        using Generator<RespEvent, ReadOnlySequence<byte>, long> parser = RespParser.Create(options);
        Step<RespEvent, long> step = parser.Next();
        while (!step.IsReturn)
        {
            if (step.Yielded.Value is { } value)
            {
                yield return value;
                step = parser.Next();
            }
            else
            {
                step = parser.Send(rest.MoveNext() ? new ReadOnlySequence<byte>(rest.Current) : default);
            }
        }
    }

    /// <summary>
    /// Parses the text, each character a byte, whole, byte by byte, and cut in two at every place, and asserts that it makes no
    /// difference.
    /// </summary>
    public static string[] ParseInEveryCut(string text, RespOptions? options = null)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        string[] whole = Parse([bytes], options);
        Assert.Equal(whole, Parse(bytes.Chunk(1), options));
        for (int cut = 1; cut < bytes.Length; cut++)
        {
            Assert.Equal(whole, Parse([bytes[..cut], bytes[cut..]], options));
        }

        return whole;
    }
}
