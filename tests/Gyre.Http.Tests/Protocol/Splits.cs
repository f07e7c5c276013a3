using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

/// <summary>Every way of splitting that is tried on every message of the tables.</summary>
internal static class Splits
{
    private const int PairsBytesMax = 130;

    /// <summary>Asserts that all splits give the same account, and returns it.</summary>
    internal static string AssertSame(string message, HttpLimits? limits = null)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(message);
        string whole = Transcript.Whole(bytes, limits);
        Assert.Equal(whole, Transcript.Bytewise(bytes, limits));
        for (int first = 0; first <= bytes.Length; first++)
        {
            AssertEqual(whole, bytes, [first], limits);
            for (int second = first; second <= bytes.Length && bytes.Length <= PairsBytesMax; second++)
            {
                AssertEqual(whole, bytes, [first, second], limits);
            }
        }

        return whole;
    }

    private static void AssertEqual(string whole, byte[] bytes, int[] cuts, HttpLimits? limits)
    {
        string split = Transcript.Split(bytes, cuts, limits);
        if (split != whole)
        {
            Assert.Fail($"Split at {string.Join(", ", cuts)}:\n{split}\nWhole:\n{whole}");
        }
    }
}
