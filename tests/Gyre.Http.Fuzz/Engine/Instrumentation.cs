using SharpFuzz;

namespace Gyre.Http.Fuzz.Engine;

/// <summary>
/// Instruments the copy of the server's assembly that lies beside this program, before any of its types is loaded. A build
/// replaces the copy by a plain one, so that it never is older than the sources.
/// </summary>
internal static class Instrumentation
{
    // What a stranger's bytes reach without IO; everything else would only blur the picture.
    private static readonly string[] s_rooms =
        ["Gyre.Http.Protocol.", "Gyre.Http.Fields.", "Gyre.Http.Routing.", "Gyre.Http.RouteValues", "Gyre.Http.Forms."];

    internal static void Ensure(string path)
    {
        // Read once by SharpFuzz, which has no other way to be asked.
        Environment.SetEnvironmentVariable("SHARPFUZZ_ENABLE_ON_BRANCH_CALLBACK", "1");
        try
        {
            Fuzzer.Instrument(path, IsRead, Options.Value);
        }
        catch (InstrumentationException e) when (e.Message.Contains("already instrumented", StringComparison.Ordinal))
        {
            // By an earlier run of the same build.
        }
    }

    private static bool IsRead(string type) => s_rooms.Any(room => type.StartsWith(room, StringComparison.Ordinal));
}
