using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Gyre.Http.Fuzz.Engine;

/// <summary>
/// What SharpFuzz's instrumentation writes: a counter for each edge between two branches. Counters are told apart by their
/// order of magnitude, as AFL does: a loop that runs 5 times instead of 4 is news, 100 instead of 99 isn't.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int MapBytes = 1 << 16;

    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(MapBytes);
    private readonly byte[] _seen = new byte[MapBytes];

    internal Coverage()
    {
        Trace.SharedMem = _map;
        Trace.OnBranch = (_, _) => Branches++;
    }

    /// <summary>How many branches the execution has taken so far: its work, whatever the clock says.</summary>
    internal long Branches { get; private set; }

    /// <summary>Edges seen so far.</summary>
    internal int EdgeCount { get; private set; }

    /// <summary>Starts one execution.</summary>
    internal void Begin()
    {
        new Span<byte>(_map, MapBytes).Clear();
        Trace.PrevLocation = 0;
        Branches = 0;
    }

    /// <summary>Takes in what the execution reached.</summary>
    /// <returns>Whether an edge is new, or one was taken in a new order of magnitude.</returns>
    internal bool Learn()
    {
        bool isNew = false;
        ReadOnlySpan<byte> map = new(_map, MapBytes);
        for (int at = map.IndexOfAnyExcept((byte)0); at >= 0;)
        {
            byte bucket = Bucket(map[at]);
            if ((_seen[at] & bucket) == 0)
            {
                isNew = true;
                EdgeCount += _seen[at] == 0 ? 1 : 0;
                _seen[at] |= bucket;
            }

            int next = map[(at + 1)..].IndexOfAnyExcept((byte)0);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return isNew;
    }

    /// <summary>The edges of the last execution, each with its order of magnitude.</summary>
    internal List<int> Reached()
    {
        List<int> reached = [];
        ReadOnlySpan<byte> map = new(_map, MapBytes);
        for (int at = 0; at < MapBytes; at++)
        {
            if (map[at] != 0)
            {
                reached.Add((at << 8) | Bucket(map[at]));
            }
        }

        return reached;
    }

    private static byte Bucket(byte hits) => hits switch
    {
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
