using Gyre.Generators;
using Gyre.Samples.Listings;
using Gyre.Samples.Listings.Flawed;

namespace Gyre.Listings.Tests;

/// <summary>What the first version of the ready list gets wrong, and ours doesn't.</summary>
public sealed class ReadyListFaults
{
    private readonly List<string> _log = [];
    private readonly TinySystem _system = new();
    private readonly TinyLoop _loop;
    private readonly ReadyList _ours;
    private readonly SketchedReadyList _sketched;

    public ReadyListFaults()
    {
        _loop = new TinyLoop(_system);
        _ours = new ReadyList(_loop, _log.Add);
        _sketched = new SketchedReadyList(CallAndForgetFailures);
    }

    [Fact]
    public void A_callback_that_captures_the_loop_variable_resumes_the_wrong_coroutine()
    {
        Frame one = Fetch("one");
        Frame two = Fetch("two");
        _sketched.Ready.AddRange([(one, null), (two, null)]);
        _sketched.ProcessReady();
        _loop.Run();
        Assert.Equal([(two, "one data"), (two, "two data")], _sketched.Ready[2..]);

        _ours.OnRequest("one", Fetch);
        _ours.OnRequest("two", Fetch);
        _ours.Run();
        Assert.Equal(["returned: one got one data", "returned: two got two data"], _log);
    }

    [Fact]
    public void A_ready_list_that_is_walked_while_it_grows_keeps_the_loop_from_looking_at_IO()
    {
        int turns = 0;
        var atOnce = new SketchedReadyList(static (io, callback) => callback($"{io} from a cache"));
        atOnce.Ready.Add((Busy(new Io("users", 0)), null));
        Assert.Throws<IOException>(atOnce.ProcessReady);
        Assert.Equal(1000, turns);

        // Nothing that ours waits for is there at once, but who yields what can't be waited for is ready again at once.
        turns = 0;
        _ours.OnRequest("busy", _ => Busy("tea"));
        _ours.OnRequest("other", Fetch);
        _ours.ProcessReady();
        Assert.Equal(1, turns);
        Assert.True(_ours.HasReady);
        _ours.Run();
        Assert.Equal(["failed: enough", "returned: other got other data"], _log);

        Frame Busy(object wanted) => Frames.Of(async flow =>
        {
            while (++turns < 1000)
            {
                try
                {
                    await flow.Yield(wanted);
                }
                catch (InvalidOperationException)
                {
                    continue;
                }
            }

            throw new IOException("enough");
        });
    }

    [Fact]
    public void A_ready_list_that_is_never_emptied_resumes_a_coroutine_that_still_waits()
    {
        _sketched.Ready.Add((Twice("users"), null));
        _sketched.ProcessReady();
        Assert.Single(_sketched.Ready);
        _sketched.ProcessReady();
        Assert.Equal(["users was sent nothing"], _log);

        _log.Clear();
        _ours.OnRequest("users", Twice);
        _ours.ProcessReady();
        Assert.False(_ours.HasReady);
        _ours.ProcessReady();
        Assert.Empty(_log);
        _ours.Run();
        Assert.Equal(["users was sent users data", "returned: users data"], _log);

        Frame Twice(string name) => Frames.Of(async flow =>
        {
            object? data = await flow.Yield(new Io(name, 10));
            _log.Add($"{name} was sent {data ?? "nothing"}");
            return await flow.Yield(new Io(name, 10));
        });
    }

    [Fact]
    public void The_end_of_one_coroutine_ends_the_loop()
    {
        Frame behind = Fetch("behind");
        _sketched.Ready.AddRange([(Ended(), null), (behind, null)]);
        Assert.Throws<InvalidOperationException>(_sketched.ProcessReady);
        Assert.Equal(GeneratorState.Created, behind.State);

        _ours.OnRequest("ended", static _ => Ended());
        _ours.OnRequest("behind", Fetch);
        _ours.Run();
        Assert.Equal(["returned: at once", "returned: behind got behind data"], _log);

        static Frame Ended() => Frames.Of(static async flow => "at once");
    }

    [Fact]
    public void The_value_that_a_request_ends_with_goes_nowhere()
    {
        _sketched.Ready.Add((Frames.Of(static async flow => "the answer"), null));
        Assert.DoesNotContain("the answer", Assert.Throws<InvalidOperationException>(_sketched.ProcessReady).Message, StringComparison.Ordinal);

        _ours.OnRequest("any", static _ => Frames.Of(static async flow => "the answer"));
        _ours.Run();
        Assert.Equal(["returned: the answer"], _log);
    }

    [Fact]
    public void The_failure_of_one_coroutine_ends_the_loop()
    {
        Frame behind = Fetch("behind");
        _sketched.Ready.AddRange([(Failing(), null), (behind, null)]);
        Assert.Throws<IOException>(_sketched.ProcessReady);
        Assert.Equal(GeneratorState.Created, behind.State);

        _ours.OnRequest("failing", static _ => Failing());
        _ours.OnRequest("behind", Fetch);
        _ours.Run();
        Assert.Equal(["failed: no disk", "returned: behind got behind data"], _log);

        static Frame Failing() => Frames.Of(static async flow => throw new IOException("no disk"));
    }

    [Fact]
    public void An_IO_that_fails_leaves_its_coroutine_waiting_for_ever()
    {
        Frame coroutine = Fetch("broken");
        _sketched.Ready.Add((coroutine, null));
        _sketched.ProcessReady();
        _loop.Run();
        Assert.Equal(GeneratorState.Suspended, coroutine.State);
        Assert.Single(_sketched.Ready);

        _ours.OnRequest("broken", Fetch);
        _ours.Run();
        Assert.Equal(["failed: broken is down"], _log);
    }

    [Fact]
    public void The_handler_that_was_looked_up_is_not_the_one_that_runs()
    {
        _sketched.OnRequest("/users", static _ => Fetch, () => Fetch("whatever func1 fetches"));
        Assert.Equal(new Io("whatever func1 fetches", 10), _sketched.Ready[0].Coroutine.Next().Yielded);

        _ours.OnRequest("/users", Fetch);
        _ours.Run();
        Assert.Equal(["returned: /users got /users data"], _log);
    }

    [Fact]
    public void Requests_go_into_one_list_and_another_one_is_walked()
    {
        var sketched = new SketchedTwoLists();
        sketched.OnRequest(Fetch("users"));
        Assert.Equal(0, sketched.ProcessReady());
        Assert.Equal(GeneratorState.Created, sketched.Ready[0].State);

        _ours.OnRequest("users", Fetch);
        _ours.ProcessReady();
        Assert.Equal(1, _loop.WaitingCount);
    }

    [Fact]
    public void IO_that_is_given_to_a_loop_that_nobody_runs_never_comes_back()
    {
        var asyncios = new TinyLoop(_system);
        var sketched = new SketchedReadyList((io, callback) => asyncios.Call(io, callback, static _ => { }));
        sketched.Ready.Add((Fetch("users"), null));
        sketched.ProcessReady();
        _loop.Run();
        Assert.Equal((1, 1), (sketched.Ready.Count, asyncios.WaitingCount));

        _ours.OnRequest("users", Fetch);
        _ours.Run();
        Assert.Equal(["returned: users got users data"], _log);
        Assert.Throws<InvalidOperationException>(static () => EventLoop.Current);
    }

    private static Frame Fetch(string name) => Frames.Of(async flow => $"{name} got {await flow.Yield(new Io(name, 10))}");

    private void CallAndForgetFailures(Io io, Action<object?> callback) => _loop.Call(io, callback, static _ => { });
}
