using Gyre.Drivers;

namespace Gyre.Tests;

public sealed class RunTests
{
    [Fact]
    public void It_returns_what_main_returns() =>
        Assert.Equal(42, GyreRuntime.Run(
            static async () =>
            {
                await Coroutine.YieldAsync();
                return 42;
            },
            OnLoop.Options));

    [Fact]
    public void It_completes() =>
        Assert.Equal(RunOutcome.Completed, GyreRuntime.Run(static () => Task.CompletedTask, OnLoop.Options));

    [Fact]
    public void It_rethrows_what_main_throws_as_itself()
    {
        var thrown = new InvalidTimeZoneException();
        Assert.Same(thrown, Assert.Throws<InvalidTimeZoneException>(() => { GyreRuntime.Run(() => FailAsync(thrown), OnLoop.Options); }));
        Assert.Contains(nameof(FailAsync), thrown.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_inside_a_run_is_refused_and_names_the_loop() => OnLoop.Run(static () =>
    {
        var failure = Assert.Throws<InvalidOperationException>(static () => { GyreRuntime.Run(static () => Task.CompletedTask); });
        Assert.Contains("'loop-0'", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(EventLoop.CurrentOrNull);
        return Task.CompletedTask;
    });

    [Fact]
    public void One_after_another_on_one_thread() => Assert.Equal(
        10,
        Enumerable.Range(0, 10).Count(static _ => GyreRuntime.Run(
            static async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromMicroseconds(10));
                return true;
            },
            OnLoop.Options)));

    [Fact]
    public void Afterwards_no_loop_is_current()
    {
        GyreRuntime.Run(static () => Task.CompletedTask, OnLoop.Options);
        Assert.Null(EventLoop.CurrentOrNull);
    }

    [Fact]
    public void Main_that_cancels_itself_throws_that_it_was_cancelled() =>
        OnLoop.Throws<OperationCanceledException>(static async () =>
        {
            Coroutine.Current!.Cancel();
            await Coroutine.YieldAsync();
        });

    [Fact]
    public void A_driver_that_cannot_be_made_is_told_as_it_is()
    {
        var failure = OnLoop.Throws<PlatformNotSupportedException>(
            static () => Task.CompletedTask,
            OnLoop.Options with { DriverFactory = static () => throw new PlatformNotSupportedException("no such luck") });
        Assert.Equal("no such luck", failure.Message);
    }

    [Fact]
    public void A_driver_of_ones_own_is_used() => OnLoop.Run(
        static () =>
        {
            Assert.Equal("made by an option", EventLoopGroup.Current.DriverReason);
            Assert.IsType<TroubledDriver>(EventLoop.Current.Driver);
            return Task.CompletedTask;
        },
        OnLoop.Options with { DriverFactory = static () => new TroubledDriver(GyreDrivers.Create()) });

    [Fact]
    public void A_driver_that_dies_ends_the_run_with_its_failure_and_unwinds_main_on_the_loop()
    {
        bool unwoundOnLoop = false;
        var failure = OnLoop.Throws<InvalidTimeZoneException>(
            async () =>
            {
                EventLoop.Current.Post(static () => ((TroubledDriver)EventLoop.Current.Driver).Dies = true);
                try
                {
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                }
                finally
                {
                    unwoundOnLoop = EventLoop.CurrentOrNull is not null;
                }
            },
            OnLoop.Options with { DriverFactory = static () => new TroubledDriver(GyreDrivers.Create()) });
        Assert.Equal("the driver died", failure.Message);
        Assert.True(unwoundOnLoop);
    }

    [Fact]
    public void A_driver_by_a_name_that_does_not_exist_is_refused()
    {
        Assert.Equal(DriverKind.Epoll, DriverNames.Parse("epoll"));
        Assert.Equal(DriverKind.Auto, DriverNames.Parse("auto"));
        var failure = Assert.Throws<ArgumentException>(static () => DriverNames.Parse("kqueue"));
        Assert.Contains("'kqueue'", failure.Message, StringComparison.Ordinal);
    }

    private static async Task FailAsync(Exception failure)
    {
        await Coroutine.YieldAsync();
        throw failure;
    }
}
