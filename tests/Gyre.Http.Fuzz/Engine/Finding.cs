namespace Gyre.Http.Fuzz.Engine;

/// <summary>A way in which inputs went wrong.</summary>
/// <param name="Kind">Findings are told apart by it.</param>
/// <param name="Message">What was seen first.</param>
internal sealed record Finding(string Kind, string Message)
{
    /// <summary>How many executions ended so.</summary>
    internal long Count { get; set; } = 1;

    /// <summary>The smallest input known.</summary>
    internal byte[] Input { get; set; } = [];

    /// <summary>Runs an input.</summary>
    /// <returns><see langword="null"/> when nothing is wrong.</returns>
    internal static Finding? Of(FuzzTarget target, ReadOnlySpan<byte> input)
    {
        try
        {
            target.Run(input);
            return null;
        }
        catch (OracleException e)
        {
            return new Finding(e.Kind, e.Message);
        }
        catch (Exception e)
        {
            // Whatever is thrown is the finding: the code under test throws for no bytes at all.
            string place = e.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Gyre.Http.", StringComparison.Ordinal)) ?? "";
            return new Finding($"{e.GetType().Name} {place.Split(" in ")[0].Trim()}", e.ToString());
        }
    }
}
