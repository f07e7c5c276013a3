using Gyre.Generators;
using Gyre.Samples.Listings;
using Gyre.Samples.Listings.Flawed;

namespace Gyre.Listings.Tests;

/// <summary>What the first versions of the future and of the loop on futures get wrong, and ours don't.</summary>
public sealed class FutureFaults
{
    private readonly List<string> _log = [];
    private readonly TinyLoop _loop = new(new TinySystem());
    private readonly SketchedFuture _sketched = new();
    private readonly TinyFuture _ours;

    public FutureFaults() => _ours = new TinyFuture(_loop);

    [Fact]
    public void A_callback_that_is_added_after_the_result_is_never_called()
    {
        _sketched.SetResult(1);
        _sketched.AddDoneCallback(done => _log.Add($"{done.Result}"));
        Assert.Empty(_log);

        _ours.SetResult(1);
        _ours.AddDoneCallback(done => _log.Add($"{done.Result}"));
        _loop.Run();
        Assert.Equal(["1"], _log);
    }

    [Fact]
    public void Set_twice_it_changes_its_mind_and_calls_everybody_again()
    {
        _sketched.AddDoneCallback(done => _log.Add($"{done.Result}"));
        _sketched.SetResult(1);
        _sketched.SetResult(2);
        Assert.Equal(["1", "2"], _log);

        _log.Clear();
        _ours.AddDoneCallback(done => _log.Add($"{done.Result}"));
        _ours.SetResult(1);
        Assert.Throws<InvalidOperationException>(() => _ours.SetResult(2));
        Assert.Throws<InvalidOperationException>(() => _ours.SetException(new IOException()));
        _loop.Run();
        Assert.Equal(["1"], _log);
    }

    [Fact]
    public void Asked_too_early_its_result_is_taken_for_nothing()
    {
        Assert.Null(_sketched.Result);
        Assert.Throws<InvalidOperationException>(() => _ours.Result);
    }

    [Fact]
    public void A_callback_runs_inside_the_setter_before_the_setter_has_finished_its_own_work()
    {
        _sketched.AddDoneCallback(_ => _log.Add("callback"));
        _sketched.SetResult(1);
        _log.Add("setter");
        Assert.Equal(["callback", "setter"], _log);

        _log.Clear();
        _ours.AddDoneCallback(_ => _log.Add("callback"));
        _ours.SetResult(1);
        _log.Add("setter");
        _loop.Run();
        Assert.Equal(["setter", "callback"], _log);
    }

    [Fact]
    public void A_chain_of_futures_nests_one_setter_in_the_other_until_the_stack_ends()
    {
        const int Links = 200;
        int depth = 0;
        int deepest = 0;
        SketchedFuture[] sketched = [.. Enumerable.Range(0, Links).Select(static _ => new SketchedFuture())];
        for (int i = 0; i < Links; i++)
        {
            int next = i + 1;
            sketched[i].AddDoneCallback(_ => Nest(() => sketched.ElementAtOrDefault(next)?.SetResult(null)));
        }

        sketched[0].SetResult(null);
        Assert.Equal(Links, deepest);

        deepest = 0;
        TinyFuture[] ours = [.. Enumerable.Range(0, Links).Select(_ => new TinyFuture(_loop))];
        for (int i = 0; i < Links; i++)
        {
            int next = i + 1;
            ours[i].AddDoneCallback(_ => Nest(() => ours.ElementAtOrDefault(next)?.SetResult(null)));
        }

        ours[0].SetResult(null);
        _loop.Run();
        Assert.Equal(1, deepest);
        Assert.True(ours[^1].IsDone);

        void Nest(Action inside)
        {
            deepest = Math.Max(deepest, ++depth);
            inside();
            depth--;
        }
    }

    [Fact]
    public void A_callback_that_throws_strikes_the_setter_and_keeps_the_next_from_being_called()
    {
        _sketched.AddDoneCallback(static _ => throw new IOException("no disk"));
        _sketched.AddDoneCallback(_ => _log.Add("next"));
        Assert.Throws<IOException>(() => _sketched.SetResult(1));
        Assert.Empty(_log);

        _ours.AddDoneCallback(static _ => throw new IOException("no disk"));
        _ours.AddDoneCallback(_ => _log.Add("next"));
        _ours.SetResult(1);
        _loop.Run();
        Assert.Equal(["next"], _log);
        Assert.Equal("no disk", Assert.Single(_loop.Failures).Message);
    }

    [Fact]
    public void A_request_that_fails_has_a_future_that_is_never_done()
    {
        SketchedFuture sketched = SketchedFutureLoop.Request(new Io("broken", 10), CallAndForgetFailures);
        _loop.Run();
        Assert.False(sketched.IsDone);

        TinyFuture ours = RequestFuture.Request(_loop, new Io("broken", 10));
        _loop.Run();
        Assert.Equal("broken is down", Assert.Throws<IOException>(() => ours.Result).Message);
    }

    [Fact]
    public void One_callback_for_all_resumes_whichever_coroutine_came_last()
    {
        var sketched = new SketchedFutureLoop();
        Frame one = Waits(SketchedFutureLoop.Request(new Io("one", 10), CallAndForgetFailures));
        Frame two = Waits(SketchedFutureLoop.Request(new Io("two", 10), CallAndForgetFailures));
        sketched.Ready.AddRange([(one, null), (two, null)]);
        sketched.ProcessReady();
        _loop.Run();
        Assert.Equal([(two, "one data"), (two, "two data")], sketched.Ready[2..]);

        var first = new TinyTask(_loop, Waits(RequestFuture.Request(_loop, new Io("one", 10))));
        var second = new TinyTask(_loop, Waits(RequestFuture.Request(_loop, new Io("two", 10))));
        _loop.Run();
        Assert.Equal(("got one data", "got two data"), (first.Result, second.Result));
    }

    [Fact]
    public void A_coroutine_that_waits_for_a_future_that_is_done_waits_for_ever()
    {
        var done = new SketchedFuture();
        done.SetResult("data");
        Frame coroutine = Waits(done);
        var sketched = new SketchedFutureLoop();
        sketched.Ready.Add((coroutine, null));
        sketched.ProcessReady();
        Assert.Equal((1, GeneratorState.Suspended), (sketched.Ready.Count, coroutine.State));

        _ours.SetResult("data");
        var ours = new TinyTask(_loop, Waits(_ours));
        _loop.Run();
        Assert.Equal("got data", ours.Result);
    }

    [Fact]
    public void A_failed_future_is_thrown_into_the_coroutine_that_waits_and_its_own_failure_into_the_next()
    {
        var inner = new TinyTask(_loop, Waits(_ours));
        var outer = new TinyTask(_loop, Frames.Of(async flow =>
        {
            try
            {
                return await flow.Yield(inner);
            }
            catch (IOException failure)
            {
                return $"caught {failure.Message}";
            }
        }));
        _ours.SetException(new IOException("no route"));
        _loop.Run();
        Assert.Equal("caught no route", outer.Result);
        Assert.Empty(_loop.Failures);
    }

    [Fact]
    public void A_coroutine_that_yields_no_future_ends_the_loop()
    {
        var sketched = new SketchedFutureLoop();
        sketched.Ready.Add((Waits("tea"), null));
        Assert.Throws<InvalidCastException>(sketched.ProcessReady);

        var ours = new TinyTask(_loop, Waits("tea"));
        var other = new TinyTask(_loop, Waits(RequestFuture.Request(_loop, new Io("one", 10))));
        _loop.Run();
        Assert.Equal("tea is no future", ours.Failure!.Message);
        Assert.Equal("got one data", other.Result);

        // It is told where it yields, and may do something about it.
        var patient = new TinyTask(_loop, Frames.Of(static async flow =>
        {
            try
            {
                return await flow.Yield("tea");
            }
            catch (InvalidOperationException refused)
            {
                return $"told: {refused.Message}";
            }
        }));
        _loop.Run();
        Assert.Equal("told: tea is no future", patient.Result);
    }

    private static Frame Waits(object awaited) => Frames.Of(async flow => $"got {await flow.Yield(awaited)}");

    private void CallAndForgetFailures(Io io, Action<object?> callback) => _loop.Call(io, callback, static _ => { });
}
