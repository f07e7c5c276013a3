using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Gyre.Generators;

/// <summary>The way of an exception through nested bodies.</summary>
/// <remarks>
/// .NET keeps a trace by appending to it at each rethrow through a capture, which is quadratic in depth: 20,000 frames took 55
/// s. Here the same object is thrown plainly at each body, which forgets the trace and costs microseconds; where it was first
/// thrown, and the names of the first bodies that it passed, are kept here and put back at the end.
/// </remarks>
internal sealed class UnwindTrace
{
    /// <summary>Names kept; who unwinds a million bodies reads no further.</summary>
    private const int NamesMax = 32;

    private readonly ExceptionDispatchInfo _origin;
    private readonly List<string> _names = [];
    private long _passed;

    private UnwindTrace(Exception thrown) => _origin = ExceptionDispatchInfo.Capture(thrown);

    /// <summary>The body called <paramref name="name"/> ended with <paramref name="thrown"/>.</summary>
    public static void Pass(ref UnwindTrace? trace, Exception thrown, string name)
    {
        if (trace is null || trace._origin.SourceException != thrown)
        {
            trace = new UnwindTrace(thrown);
        }

        trace._passed++;
        if (trace._names.Count < NamesMax)
        {
            trace._names.Add(name);
        }
    }

    /// <summary>Throws it to whoever drives the outermost body.</summary>
    [DoesNotReturn]
    public static void Rethrow(UnwindTrace? trace, Exception thrown, string outermost)
    {
        if (trace is null || trace._origin.SourceException != thrown)
        {
            ExceptionDispatchInfo.Throw(thrown);
        }

        string more = trace._passed > NamesMax ? $" ← {trace._passed - NamesMax} more" : "";
        thrown.Data[Generator.TraceKey] = $"{string.Join(" ← ", trace._names)}{more} ← {outermost}";
        trace._origin.Throw();
    }
}
