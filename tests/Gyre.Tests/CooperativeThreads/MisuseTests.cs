using Gyre.Diagnostics;

namespace Gyre.Tests.CooperativeThreads;

/// <summary>Blocking calls where nobody may block: a clear error, and no wait left behind.</summary>
public sealed class MisuseTests
{
    [Fact]
    public void On_the_loops_own_thread_every_blocking_call_is_refused_and_nothing_waits() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Stream stream = pair.Client.AsStream();
        var pending = new Future("pending");
        var typed = new Future<int>("typed");
        Refused(static () => CooperativeThread.Sleep(TimeSpan.FromHours(1)));
        Refused(CooperativeThread.Yield);
        Refused(() => pending.Wait());
        Refused(() => typed.Wait());
        Refused(() => stream.ReadExactly(new byte[1]));
        Refused(() => stream.Write(new byte[1]));
        Refused(() => stream.ReadByte());
        Assert.Empty(Waits());
        Assert.Equal(0, EventLoop.Current.Statistics.TimersPending);
        pending.SetResult();
        pending.Wait();

        // Nothing was read or written by the calls that were refused.
        await pair.Server.AsStream().WriteAsync(new byte[] { 9 });
        Assert.Equal(9, await CooperativeThread.Run(() => stream.ReadByte()));
    });

    [Fact]
    public void On_a_thread_without_a_loop_they_say_so() => OnLoop.Run(static async () =>
    {
        var pending = new Future("pending");
        string[] messages = await Task.Run(() => new[]
        {
            Assert.Throws<InvalidOperationException>(CooperativeThread.Yield).Message,
            Assert.Throws<InvalidOperationException>(static () => CooperativeThread.Sleep(TimeSpan.Zero)).Message,
            Assert.Throws<InvalidOperationException>(() => pending.Wait()).Message,
        });
        Assert.All(messages, static message => Assert.NotEmpty(message));
        Assert.Empty(Waits());
    });

    [Fact]
    public void A_stream_blocks_a_thread_without_a_loop_for_real() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Task<int> reading = Task.Run(() => pair.Client.AsStream().ReadByte());
        await pair.Server.AsStream().WriteAsync(new byte[] { 5 });
        Assert.Equal(5, await reading);
    });

    [Fact]
    public void Two_threads_can_not_read_one_stream_at_once_and_the_first_goes_on() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Stream stream = pair.Client.AsStream();
        Task<int> first = CooperativeThread.Run(() => stream.ReadByte());
        await Assert.ThrowsAsync<InvalidOperationException>(() => CooperativeThread.Run(() => stream.ReadByte()));
        await pair.Server.AsStream().WriteAsync(new byte[] { 6 });
        Assert.Equal(6, await first);
    });

    [Fact]
    public void A_future_of_another_loop_is_refused() => OnLoop.Run(static async () =>
    {
        Future? foreign = null;
        var made = new ManualResetEventSlim();
        var over = new ManualResetEventSlim();
        var other = new Thread(() => GyreRuntime.Run(
            () =>
            {
                foreign = new Future("a foreign future");
                made.Set();
                over.Wait();
                return Task.CompletedTask;
            },
            OnLoop.Options));
        other.Start();
        await CooperativeThread.Run(() =>
        {
            made.Wait();
            Assert.Contains("a foreign future", Assert.Throws<InvalidOperationException>(() => foreign!.Wait()).Message, StringComparison.Ordinal);
            over.Set();
            other.Join();
        });
    });

    [Fact]
    public void A_null_body_is_refused() => OnLoop.Run(static async () =>
    {
        Assert.Throws<ArgumentNullException>(static () => { _ = CooperativeThread.Run(null!); });
        await CooperativeThread.Run(static () =>
        {
            Assert.Throws<ArgumentNullException>(static () => CooperativeThread.Await((Task)null!));
            Assert.Throws<ArgumentNullException>(static () => { CancelScope.Run(null!); });
        });
    });

    private static void Refused(Action call) =>
        Assert.Contains("CooperativeThread.Run", Assert.Throws<InvalidOperationException>(call).Message, StringComparison.Ordinal);

    private static List<WaitDescription> Waits()
    {
        var waits = new List<WaitDescription>();
        EventLoop.Current.Root.CollectAllWaits(waits);
        return waits;
    }
}
