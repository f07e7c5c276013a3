using Gyre.Generators;

namespace Gyre.Tests;

/// <summary>Nested iterators on a stack of their own, without a loop.</summary>
public sealed class TrampolineTests
{
    private const int Million = 1_000_000;

    [Fact]
    public void It_runs_without_a_loop_as_long_as_nobody_waits()
    {
        Assert.Null(EventLoop.CurrentOrNull);
        Assert.Equal(120, Trampoline.Run<int>(Factorial(5)));
        int ran = 0;
        Trampoline.Run(Plain());
        Assert.Equal(1, ran);

        static IEnumerable<Yieldable> Factorial(int n)
        {
            if (n > 1)
            {
                IteratorCall<int> rest = Iterator.Call<int>(Factorial(n - 1));
                yield return rest;
                yield return Iterator.Return(n * rest.Result);
            }

            yield return Iterator.Return(1);
        }

        IEnumerable<Yieldable> Plain()
        {
            ran++;
            yield break;
        }
    }

    [Fact]
    public void Without_a_loop_a_wait_is_refused_and_finally_blocks_run()
    {
        var log = new List<string>();
        bool begun = false;
        string message = Assert.Throws<InvalidOperationException>(() => Trampoline.Run(Outer())).Message;
        Assert.Contains("the reader waits for", message, StringComparison.Ordinal);
        Assert.Contains("needs a loop", message, StringComparison.Ordinal);
        Assert.Equal(["inner", "outer"], log);
        Assert.False(begun);

        IEnumerable<Yieldable> Outer()
        {
            try
            {
                IteratorCall call = Iterator.Call(Inner(), "the reader");
                yield return call;
                call.ThrowIfFailed();
            }
            finally
            {
                log.Add("outer");
            }
        }

        IEnumerable<Yieldable> Inner()
        {
            try
            {
                yield return Iterator.Operation(() =>
                {
                    begun = true;
                    return default(ValueTask);
                });
            }
            finally
            {
                log.Add("inner");
            }
        }
    }

    [Fact]
    public void Driven_by_hand_it_passes_on_only_what_is_waited_for()
    {
        Yieldable read = Iterator.Operation(static () => default(ValueTask));
        Yieldable write = Iterator.Operation(static () => default(ValueTask));
        IteratorCall call = Iterator.Call(Outer());
        var trampoline = new Trampoline(call);
        Assert.Equal(1, trampoline.Depth);
        Assert.Throws<InvalidOperationException>(() => trampoline.Current);
        Assert.Throws<InvalidOperationException>(trampoline.ThrowIfFailed);
        Assert.True(trampoline.MoveNext());
        Assert.Same(read, trampoline.Current);
        Assert.Equal(2, trampoline.Depth);
        Assert.True(trampoline.MoveNext());
        Assert.Same(write, trampoline.Current);
        Assert.Equal(1, trampoline.Depth);
        Assert.False(trampoline.MoveNext());
        Assert.Equal(0, trampoline.Depth);
        trampoline.ThrowIfFailed();
        Assert.True(call.HasEnded);
        Assert.False(trampoline.MoveNext());

        IEnumerable<Yieldable> Outer()
        {
            yield return Iterator.Call(Inner());
            yield return write;
        }

        IEnumerable<Yieldable> Inner()
        {
            yield return read;
        }
    }

    [Fact]
    public void What_is_thrown_in_ends_the_innermost_call_and_may_be_caught_further_out()
    {
        var thrown = new InvalidTimeZoneException();
        bool cleaned = false;
        Exception? caught = null;
        var trampoline = new Trampoline(Iterator.Call(Outer()));
        Assert.True(trampoline.MoveNext());
        Assert.False(trampoline.Throw(thrown));
        trampoline.ThrowIfFailed();
        Assert.True(cleaned);
        Assert.Same(thrown, caught);

        IEnumerable<Yieldable> Outer()
        {
            IteratorCall call = Iterator.Call(Inner());
            yield return call;
            caught = call.Failure;
        }

        IEnumerable<Yieldable> Inner()
        {
            try
            {
                yield return Iterator.Operation(static () => default(ValueTask));
            }
            finally
            {
                cleaned = true;
            }
        }
    }

    [Fact]
    public void What_is_thrown_into_one_that_has_ended_is_thrown_back()
    {
        var trampoline = new Trampoline(Iterator.Call([]));
        Assert.False(trampoline.MoveNext());
        var thrown = new InvalidTimeZoneException();
        Assert.Same(thrown, Assert.Throws<InvalidTimeZoneException>(() => trampoline.Throw(thrown)));
    }

    [Fact]
    public void Finally_blocks_run_on_failure_on_return_and_at_the_end()
    {
        foreach (string way in (string[])["fails", "returns", "ends", "yields null"])
        {
            int cleaned = 0;
            Exception? failure = Record.Exception(() => Trampoline.Run(Outer()));
            Assert.Equal(way is "fails" or "yields null", failure is not null);
            Assert.Equal(2, cleaned);

            IEnumerable<Yieldable> Outer()
            {
                try
                {
                    IteratorCall<int> call = Iterator.Call<int>(Inner());
                    yield return call;
                    if (way != "ends")
                    {
                        _ = call.Result;
                    }
                    else
                    {
                        Assert.IsType<InvalidOperationException>(call.Failure);
                    }
                }
                finally
                {
                    cleaned++;
                }
            }

            IEnumerable<Yieldable> Inner()
            {
                try
                {
                    switch (way)
                    {
                        case "fails":
                            throw new InvalidTimeZoneException();
                        case "returns":
                            yield return Iterator.Return(1);
                            break;
                        case "yields null":
                            yield return null!;
                            break;
                    }
                }
                finally
                {
                    cleaned++;
                }
            }
        }
    }

    [Fact]
    public void A_failing_finally_block_takes_the_place_of_the_failure()
    {
        Assert.Throws<NotSupportedException>(static () => Trampoline.Run(Outer()));

        static IEnumerable<Yieldable> Outer()
        {
            try
            {
                yield return null!;
            }
            finally
            {
                Fail();
            }
        }

        static void Fail() => throw new NotSupportedException();
    }

    [Fact]
    public void A_body_that_is_no_iterator_of_its_own_is_disposed_of_when_it_fails()
    {
        bool cleaned = false;
        Assert.Throws<InvalidTimeZoneException>(() => Trampoline.Run(Steps().Select(static Yieldable (_) => throw new InvalidTimeZoneException())));
        Assert.True(cleaned);

        IEnumerable<int> Steps()
        {
            try
            {
                yield return 1;
            }
            finally
            {
                cleaned = true;
            }
        }
    }

    [Fact]
    public void A_null_is_refused_by_name()
    {
        IteratorCall call = Iterator.Call([null!], "the absent-minded");
        var trampoline = new Trampoline(call);
        Assert.False(trampoline.MoveNext());
        Assert.Contains("the absent-minded yielded null", Assert.Throws<InvalidOperationException>(trampoline.ThrowIfFailed).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(static () => Iterator.Call(null!));
    }

    [Fact]
    public void A_call_runs_once_and_its_result_is_read_as_often_as_one_likes()
    {
        int ran = 0;
        Assert.Equal(9, Trampoline.Run<int>(Outer()));
        Assert.Equal(1, ran);

        IEnumerable<Yieldable> Outer()
        {
            IteratorCall<int> call = Iterator.Call<int>(Inner());
            int sum = 0;
            for (int i = 0; i < 3; i++)
            {
                yield return call;
                sum += call.Result;
            }

            yield return Iterator.Return(sum);
        }

        IEnumerable<Yieldable> Inner()
        {
            ran++;
            yield return Iterator.Return(3);
        }
    }

    [Fact]
    public void A_call_that_waits_for_itself_is_told_so()
    {
        IteratorCall? call = null;
        call = Iterator.Call(Middle(), "narcissus");
        string message = Assert.Throws<InvalidOperationException>(() => Trampoline.Run(Outer())).Message;
        Assert.Contains("waits for narcissus, which runs already", message, StringComparison.Ordinal);

        IEnumerable<Yieldable> Outer()
        {
            yield return call!;
        }

        IEnumerable<Yieldable> Middle()
        {
            yield return Iterator.Call(Inner());
        }

        IEnumerable<Yieldable> Inner()
        {
            yield return call!;
        }
    }

    [Fact]
    public void A_call_that_has_begun_is_not_driven_by_a_second_trampoline()
    {
        int ran = 0;
        IteratorCall call = Iterator.Call(Body(), "wanted");
        var first = new Trampoline(call);
        var second = new Trampoline(call);
        Assert.True(first.MoveNext());
        Assert.Contains("wanted", Assert.Throws<ArgumentException>(() => new Trampoline(call)).Message, StringComparison.Ordinal);
        Assert.Contains("wanted", Assert.Throws<InvalidOperationException>(() => second.MoveNext()).Message, StringComparison.Ordinal);
        Assert.False(first.MoveNext());
        Assert.Throws<InvalidOperationException>(() => second.MoveNext());
        Assert.Equal(1, ran);

        IEnumerable<Yieldable> Body()
        {
            ran++;
            yield return Iterator.Operation(static () => default(ValueTask));
        }
    }

    [Fact]
    public void Driving_the_trampoline_that_runs_one_is_refused()
    {
        Trampoline? trampoline = null;
        int refused = 0;
        trampoline = new Trampoline(Iterator.Call(Body()));
        Assert.True(trampoline.MoveNext());
        Assert.False(trampoline.Throw(new InvalidTimeZoneException()));
        Assert.Throws<InvalidTimeZoneException>(trampoline.ThrowIfFailed);
        Assert.Equal(4, refused);

        IEnumerable<Yieldable> Body()
        {
            try
            {
                Drive();
                yield return Iterator.Operation(static () => default(ValueTask));
            }
            finally
            {
                Drive();
            }
        }

        void Drive()
        {
            foreach (Func<bool> drive in (Func<bool>[])[trampoline!.MoveNext, () => trampoline.Throw(new NotSupportedException())])
            {
                Assert.Contains("yield a call instead", Assert.Throws<InvalidOperationException>(() => drive()).Message, StringComparison.Ordinal);
                refused++;
            }
        }
    }

    [Fact]
    public void A_million_calls_nest_and_their_values_return()
    {
        Assert.Equal(Million, Trampoline.Run<int>(Depth(Million)));

        static IEnumerable<Yieldable> Depth(int left)
        {
            if (left == 0)
            {
                yield return Iterator.Return(0);
            }

            IteratorCall<int> call = Iterator.Call<int>(Depth(left - 1));
            yield return call;
            yield return Iterator.Return(call.Result + 1);
        }
    }

    [Fact]
    public void An_exception_unwinds_a_million_calls_with_their_finally_blocks_and_keeps_its_origin()
    {
        int cleaned = 0;
        var failure = Assert.Throws<InvalidTimeZoneException>(() => Trampoline.Run<int>(Depth(Million)));
        Assert.Equal(Million, cleaned);
        Assert.Contains(nameof(Origin), failure.StackTrace, StringComparison.Ordinal);
        Assert.InRange(failure.StackTrace!.Length, 1, 10_000);
        string names = Assert.IsType<string>(failure.Data[Generator.TraceKey]);
        Assert.StartsWith("call 0 ← call 1 ← ", names, StringComparison.Ordinal);
        Assert.Contains("more", names, StringComparison.Ordinal);
        Assert.InRange(names.Length, 1, 2000);

        IEnumerable<Yieldable> Depth(int left)
        {
            if (left == 0)
            {
                Origin();
            }

            try
            {
                IteratorCall<int> call = Iterator.Call<int>(Depth(left - 1), $"call {left - 1}");
                yield return call;
                yield return Iterator.Return(call.Result + 1);
            }
            finally
            {
                cleaned++;
            }
        }

        static void Origin() => throw new InvalidTimeZoneException();
    }

    [Fact]
    public void A_million_calls_nest_on_a_loop_too_and_a_cancellation_unwinds_them() => OnLoop.Run(static async () =>
    {
        int cleaned = 0;
        var reached = new Future();
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            reached.AddDoneCallback(_ => scope.Cancel());
            await Iterator.RunAsync(Depth(Million));
        });
        Assert.True(scope.CancelledCaught);
        Assert.Equal(Million, cleaned);

        IEnumerable<Yieldable> Depth(int left)
        {
            if (left == 0)
            {
                reached.SetResult();
                yield return new Future();
                yield break;
            }

            try
            {
                yield return Iterator.Call(Depth(left - 1));
            }
            finally
            {
                cleaned++;
            }
        }
    });
}
