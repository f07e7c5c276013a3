using SharpFuzz;

namespace Gyre.Http.Fuzz.Engine;

/// <summary>Lets <c>afl-fuzz</c> choose the inputs, for another opinion than <see cref="Campaign"/>'s: README.md has the command.</summary>
internal static class AflBridge
{
    /// <summary>Runs what comes until AFL ends it. Whatever a target throws is a crash to AFL.</summary>
    internal static void Run(FuzzTarget target) => Fuzzer.Run(stream =>
    {
        using MemoryStream input = new();
        stream.CopyTo(input);

        // AFL makes inputs of any length, for which the targets' own bounds aren't meant.
        target.Run(input.GetBuffer().AsSpan(0, (int)Math.Min(input.Length, target.LengthMax)));
    });
}
