using System.Net;
using Gyre.Net;
using Xunit;

namespace Gyre.Simulation.Tests;

public sealed class DeadlockTests
{
    [Fact]
    public void The_error_names_who_waits_and_for_what()
    {
        var error = Assert.Throws<SimulationDeadlockException>(() => SimulatedRuntime.Run(3, () => TaskGroup.RunAsync(async group =>
        {
            await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 8080));
            group.Spawn(async () => await listener.AcceptAsync(), "doorman");
            group.Spawn(async () => await new TaskCompletionSource().Task, "dreamer");
            group.Spawn(() => Task.CompletedTask, "passer-by");
            await Coroutine.SleepAsync(TimeSpan.FromMinutes(5));
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        })));

        Assert.Equal(TimeSpan.FromMinutes(5), error.Elapsed);
        Assert.Contains("00:05:00", error.Message, StringComparison.Ordinal);
        Assert.Contains("main waits for", error.Message, StringComparison.Ordinal);
        Assert.Contains("doorman waits for", error.Message, StringComparison.Ordinal);
        Assert.Contains("8080", error.Message, StringComparison.Ordinal);
        Assert.Contains("dreamer waits for nothing of Gyre's", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("passer-by", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, error.Data[SimulatedRuntime.SeedKey]);
    }

    [Fact]
    public void A_listener_without_clients_is_a_deadlock_and_one_with_a_timer_is_none()
    {
        Assert.Throws<SimulationDeadlockException>(() => SimulatedRuntime.Run(1, static () => AcceptAsync()));
        SimulatedRuntime.Run(1, static async () =>
        {
            CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromDays(1), static _ => AcceptAsync());
            Assert.True(scope.CancelledCaught, "Nobody came, and yet something was accepted.");
        });
    }

    private static async Task AcceptAsync()
    {
        await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await listener.AcceptAsync();
    }
}
