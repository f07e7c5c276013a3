using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers;

/// <summary>While it is open, system calls of this thread fail as told; it counts them all.</summary>
internal sealed class FaultScope : IDisposable
{
    private readonly Dictionary<string, int> _calls = [];

    private FaultScope(Func<string, int, int> errnoOf) => SystemCallFault.Inject(call => errnoOf(call, _calls[call] = Calls(call) + 1));

    /// <summary>Every call of that name fails.</summary>
    public static FaultScope Always(string call, int errno) => First(int.MaxValue, call, errno);

    /// <summary>The first so many calls of that name fail.</summary>
    public static FaultScope First(int count, string call, int errno) =>
        new((name, number) => name == call && number <= count ? errno : 0);

    /// <summary>The call of that name and number, counted from 1, fails.</summary>
    public static FaultScope Only(int number, string call, int errno) =>
        new((name, current) => name == call && current == number ? errno : 0);

    /// <summary>Nothing fails; calls are counted only.</summary>
    public static FaultScope None() => new(static (_, _) => 0);

    /// <summary>How often the call was tried.</summary>
    public int Calls(string call) => _calls.GetValueOrDefault(call);

    public void Dispose() => SystemCallFault.Inject(null);
}
