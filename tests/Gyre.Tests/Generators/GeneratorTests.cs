using Gyre.Generators;

namespace Gyre.Tests;

public sealed class GeneratorTests
{
    [Fact]
    public void It_yields_is_sent_and_returns()
    {
        var generator = Generator.Create<int, int, string>(static async g =>
        {
            int first = await g.Yield(1);
            int second = await g.Yield(first + 1);
            return $"{first} {second}";
        });
        Assert.Equal(GeneratorState.Created, generator.State);
        Assert.Equal(1, generator.Next().Yielded);
        Assert.Equal(GeneratorState.Suspended, generator.State);
        Assert.Equal(11, generator.Send(10).Yielded);
        Step<int, string> last = generator.Send(20);
        Assert.True(last.IsReturn);
        Assert.Equal("10 20", last.Returned);
        Assert.Equal(GeneratorState.Finished, generator.State);
    }

    [Fact]
    public void Nothing_of_it_runs_before_it_is_driven()
    {
        bool ran = false;
        var generator = Generator.Create<int, int, int>(async g =>
        {
            ran = true;
            return await g.Yield(1);
        });
        Assert.False(ran);
        generator.Close();
        Assert.False(ran);
        Assert.Equal(GeneratorState.Finished, generator.State);
    }

    [Fact]
    public void Sending_before_the_start_and_driving_after_the_end_are_refused()
    {
        var generator = Generator.Create<int, int, int>(static async g => await g.Yield(1), "picky");
        Assert.Contains("Next()", Assert.Throws<InvalidOperationException>(() => generator.Send(1)).Message, StringComparison.Ordinal);
        generator.Next();
        generator.Next();
        foreach (Action drive in (Action[])[() => generator.Next(), () => generator.Send(1), () => generator.Throw(new InvalidTimeZoneException())])
        {
            Assert.Contains("picky has ended", Assert.Throws<InvalidOperationException>(drive).Message, StringComparison.Ordinal);
        }

        generator.Close();
    }

    [Fact]
    public void What_is_thrown_in_arrives_at_the_yield_and_can_be_caught()
    {
        var thrown = new InvalidTimeZoneException();
        Exception? caught = null;
        var generator = Generator.Create<int, int, int>(async g =>
        {
            try
            {
                await g.Yield(1);
            }
            catch (InvalidTimeZoneException exception)
            {
                caught = exception;
            }

            return await g.Yield(2);
        });
        generator.Next();
        Assert.Equal(2, generator.Throw(thrown).Yielded);
        Assert.Same(thrown, caught);
        Assert.Same(thrown, Assert.Throws<InvalidTimeZoneException>(() => generator.Throw(thrown)));
        Assert.Equal(GeneratorState.Finished, generator.State);
    }

    [Fact]
    public void Thrown_into_one_that_has_not_begun_it_ends_there()
    {
        bool ran = false;
        var generator = Generator.Create<int, int, int>(async g =>
        {
            ran = true;
            return await g.Yield(1);
        });
        Assert.Throws<InvalidTimeZoneException>(() => generator.Throw(new InvalidTimeZoneException()));
        Assert.False(ran);
        Assert.Equal(GeneratorState.Finished, generator.State);
    }

    [Fact]
    public void A_failure_of_the_body_has_the_trace_of_its_origin()
    {
        var generator = Generator.Create<int, int, int>(static async g =>
        {
            await g.Yield(1);
            return Fail();
        });
        generator.Next();
        var failure = Assert.Throws<InvalidTimeZoneException>(() => generator.Next());
        Assert.Contains(nameof(Fail), failure.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public void Closing_runs_the_finally_blocks_and_swallows_its_own_exception()
    {
        var log = new List<string>();
        var generator = Generator.Create<int, int, int>(async g =>
        {
            try
            {
                return await g.Yield(1);
            }
            catch (GeneratorClosedException)
            {
                log.Add("told");
                throw;
            }
            finally
            {
                log.Add("cleaned up");
            }
        });
        generator.Next();
        generator.Close();
        Assert.Equal(["told", "cleaned up"], log);
        Assert.Equal(GeneratorState.Finished, generator.State);
        generator.Close();
    }

    [Fact]
    public void Returning_while_it_is_closed_is_well_and_yielding_is_not()
    {
        var returns = Generator.Create<int, int, int>(static async g =>
        {
            try
            {
                return await g.Yield(1);
            }
            catch (GeneratorClosedException)
            {
                return 0;
            }
        });
        returns.Next();
        returns.Close();
        var yields = Generator.Create<int, int, int>(static async g =>
        {
            try
            {
                return await g.Yield(1);
            }
            catch (GeneratorClosedException)
            {
                return await g.Yield(2);
            }
        });
        yields.Next();
        Assert.Contains("while it was closed", Assert.Throws<InvalidOperationException>(yields.Close).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_in_a_finally_block_takes_the_place_of_the_closing()
    {
        var generator = Generator.Create<int, int, int>(static async g =>
        {
            try
            {
                return await g.Yield(1);
            }
            finally
            {
                Fail();
            }
        });
        generator.Next();
        Assert.Throws<InvalidTimeZoneException>(generator.Close);
    }

    [Fact]
    public void A_body_can_not_drive_its_own_generator()
    {
        Generator<int, int, int>? generator = null;
        generator = Generator.Create<int, int, int>(async g =>
        {
            Assert.Contains("runs already", Assert.Throws<InvalidOperationException>(() => generator!.Next()).Message, StringComparison.Ordinal);
            return await g.Yield(1);
        });
        Assert.Equal(1, generator.Next().Yielded);
    }

    [Fact]
    public async Task A_foreign_await_is_refused_and_the_body_unwinds()
    {
        var gate = new TaskCompletionSource();
        var unwound = new TaskCompletionSource();
        var generator = Generator.Create<int, int, int>(
            async g =>
            {
                try
                {
                    await gate.Task;
                    return await g.Yield(1);
                }
                finally
                {
                    unwound.SetResult();
                }
            },
            "impatient");
        var refused = Assert.Throws<InvalidOperationException>(() => generator.Next());
        Assert.Contains("impatient awaited something that isn't a yield", refused.Message, StringComparison.Ordinal);
        Assert.Equal(GeneratorState.Finished, generator.State);
        gate.SetResult();
        await unwound.Task.WaitAsync(OnLoop.HangBound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_foreign_await_is_refused_also_when_another_thread_has_ended_the_body_before_the_driver_looks(bool yields)
    {
        var generator = Generator.Create<int, int, int>(
            async g =>
            {
                await new OtherThread();
                return yields ? await g.Yield(1) : 1;
            },
            "hasty");
        var refused = Assert.Throws<InvalidOperationException>(() => generator.Next());
        Assert.Contains("hasty awaited something that isn't a yield. A generator is driven", refused.Message, StringComparison.Ordinal);
        Assert.Equal(GeneratorState.Finished, generator.State);
    }

    [Fact]
    public void A_yield_that_is_not_awaited_is_refused()
    {
        var twice = Generator.Create<int, int, int>(static async g =>
        {
            _ = g.Yield(1);
            return await g.Yield(2);
        });
        Assert.Contains("wasn't awaited", Assert.Throws<InvalidOperationException>(() => twice.Next()).Message, StringComparison.Ordinal);
#pragma warning disable CS1998 // It is to await nothing.
        var atEnd = Generator.Create<int, int, int>(static async g =>
        {
            _ = g.Yield(1);
            return 2;
        });
#pragma warning restore CS1998
        Assert.Contains("wasn't awaited", Assert.Throws<InvalidOperationException>(() => atEnd.Next()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_yield_outside_a_body_is_refused()
    {
        GeneratorFlow<int, int>? flow = null;
        var generator = Generator.Create<int, int, int>(async g =>
        {
            flow = g;
            return await g.Yield(1);
        });
        generator.Next();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await flow!.Yield(2));
    }

    [Fact]
    public void A_yield_in_an_async_method_of_its_own_throws_there()
    {
        var generator = Generator.Create<int, int, string>(async g =>
        {
            var failure = await Catch(() => HelperAsync(g));
            return failure.Message + await g.Yield(1);
        });
        Assert.Equal(1, generator.Next().Yielded);
        Assert.Contains("YieldFrom", generator.Send(2).Returned, StringComparison.Ordinal);

        static async Task HelperAsync(GeneratorFlow<int, int> g) => await g.Yield(3);
        static Task<InvalidOperationException> Catch(Func<Task> action) => Assert.ThrowsAsync<InvalidOperationException>(action);
    }

    [Fact]
    public void It_is_an_enumerable_of_what_it_yields()
    {
        bool closed = false;
        var generator = Generator.Create<int, int, int>(async g =>
        {
            try
            {
                for (int i = 0; ; i++)
                {
                    await g.Yield(i);
                }
            }
            finally
            {
                closed = true;
            }
        });
        Assert.Equal([0, 1, 2], generator.AsEnumerable().Take(3));
        Assert.True(closed);
    }

    [Fact]
    public void A_step_tells_which_sort_it_is()
    {
        var generator = Generator.Create<int, int, string>(static async g =>
        {
            await g.Yield(1);
            return "end";
        });
        Step<int, string> yielded = generator.Next();
        Assert.Throws<InvalidOperationException>(() => yielded.Returned);
        Assert.Equal("yielded 1", yielded.ToString());
        Step<int, string> returned = generator.Next();
        Assert.Throws<InvalidOperationException>(() => returned.Yielded);
        Assert.Equal("returned end", returned.ToString());
        Assert.NotEqual(yielded, returned);
    }

    [Fact]
    public void The_generator_of_the_account_prints_what_it_prints_there()
    {
        var lines = new List<string>();
        var example = Generator.Create<int, int, int>(async g =>
        {
            int got = await g.Yield(2);
            lines.Add($"get {got}");
            return got;
        });
        lines.Add($"{example.Next().Yielded}");
        lines.Add($"{example.Send(4).Returned}");
        Assert.Equal(["2", "get 4", "4"], lines);
    }

    /// <summary>Goes on on another thread, to the end of what that runs, before it returns to who awaited it.</summary>
    private readonly struct OtherThread : System.Runtime.CompilerServices.INotifyCompletion
    {
        public bool IsCompleted => false;

        public OtherThread GetAwaiter() => this;

        public void OnCompleted(Action continuation)
        {
            var thread = new Thread(() => continuation());
            thread.Start();
            thread.Join();
        }

        public void GetResult()
        {
        }
    }

    private static int Fail() => throw new InvalidTimeZoneException();

    [Fact]
    public void A_body_that_fails_before_it_can_suspend_ends_its_generator_and_those_that_delegate_to_it()
    {
        foreach (Func<GeneratorFlow<int, int>, GeneratorBody<int>> body in
            (Func<GeneratorFlow<int, int>, GeneratorBody<int>>[])[static _ => throw new InvalidOperationException("at once"), static _ => null!])
        {
            var alone = Generator.Create(body);
            Assert.Throws<InvalidOperationException>(() => alone.Next());
            Assert.Equal(GeneratorState.Finished, alone.State);

            bool cleanedUp = false;
            var inner = Generator.Create(body);
            var outer = Generator.Create<int, int, int>(async g =>
            {
                try
                {
                    return await g.YieldFrom(inner);
                }
                finally
                {
                    cleanedUp = true;
                }
            });
            Assert.Throws<InvalidOperationException>(() => outer.Next());
            Assert.Equal(GeneratorState.Finished, outer.State);
            Assert.True(cleanedUp);
        }
    }
}
