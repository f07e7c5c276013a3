namespace Gyre.Tests;

/// <summary>Futures in the order in which they settle.</summary>
public sealed class CompletionOrderTests
{
    [Fact]
    public void They_come_in_the_order_in_which_they_settle() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Future<int>[] parts = [new(), new(), new(), new()];
        parts[3].SetResult(3);
        IAsyncEnumerable<Future<int>> order = Future.AsCompleted(parts);
        var seen = new List<int>();
        group.Spawn(async () =>
        {
            await Coroutine.YieldAsync();
            parts[1].SetResult(1);
            parts[0].SetException(new InvalidTimeZoneException());
            await OnLoop.TurnsAsync(3);
            parts[2].Cancel();
        });
        await foreach (Future<int> next in order)
        {
            Assert.True(next.IsDone);
            _ = next.Failure;
            seen.Add(Array.IndexOf(parts, next));
        }

        Assert.Equal([3, 1, 0, 2], seen);
    }));

    [Fact]
    public void None_end_at_once() => OnLoop.Run(static async () =>
    {
        await foreach (Future<int> _ in Future.AsCompleted(Array.Empty<Future<int>>()))
        {
            Assert.Fail("There is none.");
        }
    });

    [Fact]
    public void Waiting_for_the_next_ends_with_scope_or_token() => OnLoop.Run(static async () =>
    {
        Future<int>[] parts = [new(), new()];
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            await foreach (Future<int> _ in Future.AsCompleted(parts))
            {
                Assert.Fail("None has settled.");
            }
        });
        Assert.True(scope.CancelledCaught);
        using var source = new CancellationTokenSource();
        EventLoop.Current.Post(source.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (Future<int> _ in Future.AsCompleted(parts).WithCancellation(source.Token))
            {
                Assert.Fail("None has settled.");
            }
        });
        Assert.All(parts, static part => Assert.False(part.IsDone));
    });

    [Fact]
    public void A_failure_that_was_not_looked_at_is_that_of_its_scope_whether_it_was_handed_out_or_not() => OnLoop.Run(static async () =>
    {
        foreach (int handedOut in (int[])[0, 1])
        {
            await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
            {
                Future<int>[] parts = [new(), new(), new()];
                IAsyncEnumerable<Future<int>> order = Future.AsCompleted(parts);
                parts[1 - handedOut].SetResult(1);
                parts[handedOut].SetException(new InvalidTimeZoneException());
                await foreach (Future<int> next in order)
                {
                    Assert.True(next.IsDone);
                    break;
                }
            }));
        }
    });

    [Fact]
    public void Left_early_it_refers_to_none_and_hears_no_more() => OnLoop.Run(static async () =>
    {
        Future<int>[] parts = [new(), new()];
        parts[0].SetResult(1);
        await foreach (Future<int> _ in Future.AsCompleted(parts))
        {
            break;
        }

        parts[1].SetResult(2);
        Assert.Equal(2, await parts[1]);
    });

    [Fact]
    public void Enumerated_a_second_time_it_throws_instead_of_waiting_for_ever() => OnLoop.Run(static async () =>
    {
        var part = new Future<int>();
        part.SetResult(1);
        IAsyncEnumerable<Future<int>> order = Future.AsCompleted([part]);
        await foreach (Future<int> next in order)
        {
            Assert.Same(part, next);
        }

        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (Future<int> _ in order)
            {
                Assert.Fail("It was enumerated already.");
            }
        });
    });
}
