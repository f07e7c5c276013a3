using System.Buffers;
using Gyre.Generators;

namespace Gyre.Samples.Resp;

/// <summary>The parser driven by a file: runs its commands on an empty store. It needs no loop.</summary>
public static class RespReplay
{
    /// <param name="source">The commands.</param>
    /// <param name="print">Takes each reply.</param>
    /// <param name="options">What the parser takes; null for the defaults.</param>
    public static void Run(Stream source, Action<RespValue> print, RespOptions? options = null)
    {
        var store = new KeyValueStore();
        byte[] piece = new byte[16 * 1024];
        using Generator<RespEvent, ReadOnlySequence<byte>, long> parser = RespParser.Create(options);
        Step<RespEvent, long> step = parser.Next();
        for (bool isLast = false; !isLast && !step.IsReturn;)
        {
            if (step.Yielded.Value is not { } command)
            {
                step = parser.Send(new ReadOnlySequence<byte>(piece, 0, source.Read(piece)));
                continue;
            }

            if (store.Execute(command, out isLast) is { } reply)
            {
                print(reply);
            }

            step = isLast ? step : parser.Next();
        }
    }
}
