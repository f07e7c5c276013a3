using Gyre.Generators;

namespace Gyre.Tests;

/// <summary>Coroutines written as iterators, on a loop.</summary>
public sealed class IteratorTests
{
    [Fact]
    public void A_yield_waits_for_a_future_a_coroutine_an_operation_and_a_call() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var future = new Future<int>();
        Coroutine<int> coroutine = group.Spawn(static async () =>
        {
            await Coroutine.YieldAsync();
            return 20;
        });
        EventLoop.Current.Post(() => future.SetResult(1));
        int result = await Iterator.RunAsync<int>(Body());
        Assert.Equal(4321, result);

        IEnumerable<Yieldable> Body()
        {
            yield return future;
            yield return coroutine;
            IteratorOperation<int> operation = Iterator.Operation(static async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                return 300;
            });
            yield return operation;
            IteratorOperation<bool> sleep = Iterator.Operation(static () => Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1)));
            yield return sleep;
            Assert.True(sleep.Result);
            IteratorCall<int> call = Iterator.Call<int>(Inner());
            yield return call;
            yield return Iterator.Return(future.Result + coroutine.Result + operation.Result + call.Result);
        }

        static IEnumerable<Yieldable> Inner()
        {
            yield return Iterator.Operation(static () => Coroutine.YieldAsync());
            yield return Iterator.Return(4000);
        }
    }));

    [Fact]
    public void A_future_that_has_settled_is_not_waited_for() => OnLoop.Run(static async () =>
    {
        var future = new Future<int>();
        future.SetResult(1);
        bool turned = false;
        EventLoop.Current.Post(() => turned = true);
        Assert.Equal(1, await Iterator.RunAsync<int>(Body()));
        Assert.False(turned);

        IEnumerable<Yieldable> Body()
        {
            yield return future;
            yield return Iterator.Return(future.Result);
        }
    });

    [Fact]
    public void Without_a_value_it_just_ends() => OnLoop.Run(static async () =>
    {
        int steps = 0;
        await Iterator.RunAsync(Body());
        Assert.Equal(2, steps);

        IEnumerable<Yieldable> Body()
        {
            steps++;
            IteratorCall call = Iterator.Call(Inner(), "the inner one");
            Assert.False(call.HasEnded);
            yield return call;
            Assert.True(call.HasEnded);
            Assert.Null(call.Failure);
            call.ThrowIfFailed();
        }

        IEnumerable<Yieldable> Inner()
        {
            steps++;
            yield break;
        }
    });

    [Fact]
    public void What_runs_after_the_return_value_is_only_finally_blocks() => OnLoop.Run(static async () =>
    {
        var log = new List<string>();
        Assert.Equal("value", await Iterator.RunAsync<string>(Body()));
        Assert.Equal(["finally"], log);

        IEnumerable<Yieldable> Body()
        {
            try
            {
                yield return Iterator.Return("value");
                log.Add("after");
            }
            finally
            {
                log.Add("finally");
            }
        }
    });

    [Fact]
    public void A_value_that_is_missing_wrong_or_unasked_for_is_an_error_that_names_the_call() => OnLoop.Run(static async () =>
    {
        await Iterator.RunAsync(Body());
        await Assert.ThrowsAsync<InvalidOperationException>(static () => Iterator.RunAsync<int>(Empty()));
        await Assert.ThrowsAsync<InvalidOperationException>(static () => Iterator.RunAsync(Number()));

        static IEnumerable<Yieldable> Body()
        {
            IteratorCall<int> none = Iterator.Call<int>(Empty(), "forgetful");
            yield return none;
            string message = Assert.Throws<InvalidOperationException>(() => none.Result).Message;
            Assert.Contains("forgetful ended without a value", message, StringComparison.Ordinal);
            Assert.Contains("Int32", message, StringComparison.Ordinal);

            IteratorCall<string> wrong = Iterator.Call<string>(Number(), "confused");
            yield return wrong;
            message = Assert.Throws<InvalidOperationException>(() => wrong.Result).Message;
            Assert.Contains("confused returned a Int32", message, StringComparison.Ordinal);
            Assert.Contains("String", message, StringComparison.Ordinal);

            IteratorCall unasked = Iterator.Call(Number(), "generous");
            yield return unasked;
            message = Assert.Throws<InvalidOperationException>(unasked.ThrowIfFailed).Message;
            Assert.Contains("generous returned a value", message, StringComparison.Ordinal);
        }

        static IEnumerable<Yieldable> Number()
        {
            yield return Iterator.Return(1);
        }

        static IEnumerable<Yieldable> Empty()
        {
            yield break;
        }
    });

    [Fact]
    public void A_result_that_is_read_too_early_says_so() => OnLoop.Run(static () =>
    {
        IteratorCall<int> call = Iterator.Call<int>([], "hasty");
        Assert.Contains("hasty hasn't ended", Assert.Throws<InvalidOperationException>(() => call.Result).Message, StringComparison.Ordinal);
        IteratorOperation<int> operation = Iterator.Operation(static () => ValueTask.FromResult(1));
        Assert.Contains("hasn't ended", Assert.Throws<InvalidOperationException>(() => operation.Result).Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Fact]
    public void A_failure_is_caught_around_the_reading_of_the_result() => OnLoop.Run(static async () =>
    {
        int caught = 0;
        await Iterator.RunAsync(Body());
        Assert.Equal(4, caught);

        IEnumerable<Yieldable> Body()
        {
            var future = new Future<int>();
            future.SetException(new InvalidTimeZoneException());
            yield return future;
            Try(() => _ = future.Result);

            IteratorCall<int> call = Iterator.Call<int>(Failing());
            yield return call;
            Try(() => _ = call.Result);

            IteratorOperation<int> operation = Iterator.Operation<int>(static () => throw new InvalidTimeZoneException());
            yield return operation;
            Try(() => _ = operation.Result);

            IteratorCall again = Iterator.Call(Failing());
            yield return again;
            caught += again.Failure is InvalidTimeZoneException ? 1 : 0;
        }

        void Try(Action read)
        {
            try
            {
                read();
            }
            catch (InvalidTimeZoneException)
            {
                caught++;
            }
        }

        static IEnumerable<Yieldable> Failing()
        {
            yield return Iterator.Operation(static () => Coroutine.YieldAsync());
            throw new InvalidTimeZoneException();
        }
    });

    [Fact]
    public void The_failure_of_an_operation_has_the_trace_of_its_origin() => OnLoop.Run(static async () =>
    {
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(static () => Iterator.RunAsync<int>(Outer()));
        Assert.Contains(nameof(OperateAsync), failure.StackTrace, StringComparison.Ordinal);

        static IEnumerable<Yieldable> Outer()
        {
            IteratorCall<int> call = Iterator.Call<int>(Inner());
            yield return call;
            yield return Iterator.Return(call.Result);
        }

        static IEnumerable<Yieldable> Inner()
        {
            IteratorOperation<int> operation = Iterator.Operation(OperateAsync);
            yield return operation;
            yield return Iterator.Return(operation.Result);
        }

        static async ValueTask<int> OperateAsync()
        {
            await Coroutine.YieldAsync();
            throw new InvalidTimeZoneException();
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failure_that_was_not_looked_at_fails_the_iterator_at_its_next_yield_or_end(bool yieldsAgain) => OnLoop.Run(async () =>
    {
        var log = new List<string>();
        var thrown = new InvalidTimeZoneException();
        bool begun = false;
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => Iterator.RunAsync(Body())));
        Assert.Equal(["went on", "finally"], log);
        Assert.False(begun);

        IEnumerable<Yieldable> Body()
        {
            try
            {
                var future = new Future<int>();
                future.SetException(thrown);
                yield return future;
                log.Add("went on");
                if (yieldsAgain)
                {
                    yield return Iterator.Operation(() =>
                    {
                        begun = true;
                        return default(ValueTask);
                    });
                    log.Add("too far");
                }
            }
            finally
            {
                log.Add("finally");
            }
        }
    });

    [Fact]
    public void Cancellation_unwinds_all_frames_and_runs_their_finally_blocks_from_the_inside_out() => OnLoop.Run(static async () =>
    {
        var log = new List<int>();
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel("enough"));
            await Iterator.RunAsync<int>(Body(0));
        });
        Assert.True(scope.CancelledCaught);
        Assert.Equal([3, 2, 1, 0], log);

        IEnumerable<Yieldable> Body(int depth)
        {
            try
            {
                if (depth == 3)
                {
                    yield return new Future<int>();
                }

                IteratorCall<int> call = Iterator.Call<int>(Body(depth + 1));
                yield return call;
                yield return Iterator.Return(call.Result);
            }
            finally
            {
                log.Add(depth);
            }
        }
    });

    [Fact]
    public void A_cancellation_that_an_iterator_swallows_strikes_again_at_its_next_wait() => OnLoop.Run(static async () =>
    {
        int struck = 0;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            await Iterator.RunAsync(Body());
        });
        Assert.Equal(2, struck);
        Assert.False(scope.CancelledCaught);

        IEnumerable<Yieldable> Body()
        {
            for (int i = 0; i < 2; i++)
            {
                IteratorOperation<bool> sleep = Iterator.Operation(static () => Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
                yield return sleep;
                try
                {
                    _ = sleep.Result;
                }
                catch (OperationCanceledException)
                {
                    struck++;
                }
            }
        }
    });

    [Fact]
    public void A_shield_protects_an_operation_of_an_iterator() => OnLoop.Run(static async () =>
    {
        bool cleaned = false;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            await Iterator.RunAsync(Body());
        });
        Assert.True(cleaned);
        Assert.True(scope.CancelledCaught);

        IEnumerable<Yieldable> Body()
        {
            yield return Iterator.Operation(() => new ValueTask(CancelScope.RunAsync(async shielded =>
            {
                shielded.Shield = true;
                await Coroutine.YieldAsync();
                cleaned = true;
            })));
            yield return new Future();
        }
    });

    [Fact]
    public void An_operation_is_begun_once() => OnLoop.Run(static async () =>
    {
        int begun = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(() => Iterator.RunAsync(Body()));
        Assert.Equal(1, begun);

        IEnumerable<Yieldable> Body()
        {
            IteratorOperation<int> operation = Iterator.Operation(() => ValueTask.FromResult(++begun));
            yield return operation;
            yield return operation;
        }
    });

    [Fact]
    public void A_coroutine_that_yields_itself_is_told_so() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Coroutine? self = null;
        InvalidOperationException? failure = null;
        self = group.Spawn(
            async () => { failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Iterator.RunAsync(Body())); }, "narcissus");
        await self;
        Assert.Contains("narcissus", failure!.Message, StringComparison.Ordinal);

        IEnumerable<Yieldable> Body()
        {
            yield return self!;
        }
    }));

    [Fact]
    public void Iterators_are_spawned_into_groups_like_any_body() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var future = new Future<int>();
        Coroutine<int> typed = group.Spawn<int>(Value(), "the reader");
        bool ran = false;
        Coroutine untyped = group.Spawn(Plain(), "the writer");
        Assert.False(ran);
        Assert.Equal("the reader", typed.Name);
        Assert.Equal("the writer", untyped.Name);
        Assert.Equal(6, await typed);
        await untyped;
        Assert.True(ran);

        Coroutine endless = group.Spawn(Endless());
        await OnLoop.TurnsAsync(2);
        endless.Cancel("enough");
        var cancellation = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await endless);
        Assert.Contains("enough", cancellation.Message, StringComparison.Ordinal);
        Assert.Equal(FutureState.Cancelled, endless.State);

        IEnumerable<Yieldable> Value()
        {
            yield return future;
            yield return Iterator.Return(future.Result + 1);
        }

        IEnumerable<Yieldable> Plain()
        {
            ran = true;
            future.SetResult(5);
            yield break;
        }

        static IEnumerable<Yieldable> Endless()
        {
            while (true)
            {
                IteratorOperation<bool> turn = Iterator.Operation(static () => Coroutine.YieldAsync());
                yield return turn;
                _ = turn.Result;
            }
        }
    }));

    [Fact]
    public void A_spawned_iterator_that_fails_fails_its_group() => OnLoop.Run(static async () =>
    {
        var thrown = new InvalidTimeZoneException();
        bool cleaned = false;
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(group =>
        {
            group.Spawn(Waiting());
            group.Spawn(Failing());
            return Task.CompletedTask;
        })));
        Assert.True(cleaned);

        IEnumerable<Yieldable> Waiting()
        {
            try
            {
                yield return new Future();
            }
            finally
            {
                cleaned = true;
            }
        }

        IEnumerable<Yieldable> Failing()
        {
            yield return Iterator.Operation(static () => Coroutine.YieldAsync());
            throw thrown;
        }
    });

    [Fact]
    public void Off_a_loop_it_is_refused_before_it_begins()
    {
        bool ran = false;
        Assert.IsType<InvalidOperationException>(Iterator.RunAsync(Body()).Exception!.InnerException);
        Assert.False(ran);

        IEnumerable<Yieldable> Body()
        {
            ran = true;
            yield break;
        }
    }
}
