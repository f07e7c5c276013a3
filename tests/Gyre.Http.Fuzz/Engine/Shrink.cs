namespace Gyre.Http.Fuzz.Engine;

/// <summary>Makes inputs smaller while something stays true of them.</summary>
internal static class Shrink
{
    internal static byte[] While(byte[] input, int triesMax, Func<byte[], bool> holds)
    {
        int tries = 0;
        for (int size = Math.Max(input.Length / 2, 1); size >= 1; size /= 2)
        {
            for (int at = 0; at < input.Length && tries < triesMax; tries++)
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
