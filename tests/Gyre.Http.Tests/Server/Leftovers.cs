namespace Gyre.Http.Tests.Server;

/// <summary>What a server may not leave on its loop.</summary>
internal static class Leftovers
{
    /// <summary>Waits until the loop has no buffer in use: responses that were flushed are still on their way for a moment.</summary>
    public static async Task VerifyNoneAsync()
    {
        EventLoop loop = EventLoop.Current;
        TimeSpan end = loop.Time + Patience.Limit;
        while (loop.Statistics.BuffersRented > 0)
        {
            Assert.True(loop.Time < end, $"{loop.Statistics.BuffersRented} buffers were never returned.");
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        }
    }
}
