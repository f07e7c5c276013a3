namespace Gyre.Http.Fuzz.Engine;

/// <summary>Makes inputs smaller while something stays true of them.</summary>
internal static class Shrink
{
    private const int TriesMax = 4000;

    internal static byte[] While(byte[] input, Func<byte[], bool> holds)
    {
        int tries = 0;
        for (int size = Math.Max(input.Length / 2, 1); size >= 1; size /= 2)
        {
            for (int at = 0; at < input.Length && tries < TriesMax; tries++)
            {
                byte[] smaller = [.. input[..at], .. input[Math.Min(at + size, input.Length)..]];
                if (holds(smaller))
                {
                    input = smaller;
                }
                else
                {
                    at += size;
                }
            }
        }

        return input;
    }
}
