using System.Diagnostics;

namespace Gyre.Conformance;

/// <summary>A bound on waiting that only ever turns a hang into a failure; nothing is measured by it.</summary>
internal sealed class Patience(TimeSpan limit)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public bool Lasts => Stopwatch.GetElapsedTime(_start) < limit;
}
