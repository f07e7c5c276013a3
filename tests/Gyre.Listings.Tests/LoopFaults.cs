using Gyre.Generators;
using Gyre.Samples.Listings;
using Gyre.Samples.Listings.Flawed;

namespace Gyre.Listings.Tests;

/// <summary>What the first versions of the accept loop, of collecting and of the table of callbacks get wrong, and ours don't.</summary>
public sealed class LoopFaults
{
    private readonly List<string> _log = [];
    private readonly TinySystem _system = new();

    [Fact]
    public void A_handler_that_throws_ends_the_server()
    {
        _system.Arrive(0, "/broken");
        _system.Arrive(0, "/fine");
        var sketched = new Dictionary<string, Func<string, object?>>
        {
            ["/broken"] = static _ => throw new IOException("no disk"),
            ["/fine"] = request => Answered(request),
        };
        Assert.Throws<IOException>(() => SketchedAcceptLoop.Serve(_system, sketched));
        Assert.Empty(_log);

        _system.Arrive(0, "/broken");
        AcceptLoop.Serve(
            _system,
            new() { ["/broken"] = static _ => throw new IOException("no disk"), ["/fine"] = static _ => "fine" },
            (request, answer) => _log.Add($"{request}: {answer}"));
        Assert.Equal(["/fine: fine", "/broken: 500, no disk"], _log);
    }

    [Fact]
    public void A_request_for_which_there_is_no_handler_ends_the_server()
    {
        _system.Arrive(0, "/nowhere");
        Assert.Throws<KeyNotFoundException>(() => SketchedAcceptLoop.Serve(_system, []));

        _system.Arrive(0, "/nowhere");
        AcceptLoop.Serve(_system, [], (request, answer) => _log.Add($"{request}: {answer}"));
        Assert.Equal(["/nowhere: 404"], _log);
    }

    [Fact]
    public void A_handler_that_yields_is_called_like_a_function_and_nothing_of_it_runs()
    {
        _system.Arrive(0, "/a");
        Frame? made = null;
        SketchedAcceptLoop.Serve(_system, new() { ["/a"] = request => made = Handler(request) });
        Assert.Equal(GeneratorState.Created, made!.State);
        Assert.Empty(_log);

        var ready = new ReadyList(new TinyLoop(_system), _log.Add);
        ready.OnRequest("/a", Handler);
        ready.Run();
        Assert.Equal(["answered /a", "returned: done"], _log);

        Frame Handler(string request) => Frames.Of(async flow =>
        {
            await flow.Yield(new Io("users", 10));
            Answered(request);
            return "done";
        });
    }

    [Fact]
    public void What_finishes_after_the_first_look_is_never_collected()
    {
        int[] ids = [_system.Open(new Io("late", 30)), _system.Open(new Io("early", 10))];
        SketchedCollect.Run(_system, [.. ids.Select(id => (id, IoKind.Read))]);
        Assert.Equal(10, _system.Now);
        Assert.True(_system.HasInterests);

        var other = new TinySystem();
        RegisterAndCollect.Echo(other, [other.Open(new Io("late", 30)), other.Open(new Io("early", 10))], _log.Add);
        Assert.Contains("read late data from 1", _log);
        Assert.False(other.HasInterests);
    }

    [Fact]
    public void A_write_sends_what_was_last_read_from_somebody_else()
    {
        int one = _system.Open(new Io("one", 0));
        int two = _system.Open(new Io("two", 0));
        SketchedCollect.Run(_system, [(one, IoKind.Read), (two, IoKind.Read), (one, IoKind.Write), (two, IoKind.Write)]);
        Assert.Equal([(one, "two data"), (two, "two data")], _system.Written);

        _system.Written.Clear();
        RegisterAndCollect.Echo(_system, [one, two], _log.Add);
        Assert.Equal([(one, "one data"), (two, "two data")], _system.Written);
    }

    [Fact]
    public void It_waits_for_IO_while_a_request_waits()
    {
        _system.Arrive(0, "/a");
        var server = new SketchedCallbackServer(_system, request => Answered(request));
        Assert.Contains("nothing that is registered", Assert.Throws<BlockedForeverException>(server.Turn).Message, StringComparison.Ordinal);
        Assert.Empty(_log);

        OurServer(request => Answered(request)).Run();
        Assert.Equal(["answered /a"], _log);
    }

    [Fact]
    public void It_waits_for_a_request_while_IO_is_finished()
    {
        _system.Arrive(100, "/a");
        _system.Arrive(200, "/b");
        var server = new SketchedCallbackServer(_system, static _ => { });
        server.When(_system.Open(new Io("one", 10)), IoKind.Read, Told);
        server.When(_system.Open(new Io("two", 20)), IoKind.Read, Told);
        server.Turn();
        server.Turn();
        Assert.Equal(["one data at 10", "two data at 100"], _log);

        _log.Clear();
        _system.Arrive(300, "/c");
        TinyLoop loop = OurServer(static _ => { });
        loop.Call(new Io("one", 10), Told, static _ => { });
        loop.Call(new Io("two", 20), Told, static _ => { });
        loop.Run();
        Assert.Equal(["one data at 210", "two data at 220"], _log);
        Assert.Equal(300, _system.Now);

        void Told(string data) => _log.Add($"{data} at {_system.Now}");
    }

    [Fact]
    public void The_table_of_callbacks_is_never_cleaned()
    {
        var server = new SketchedCallbackServer(_system, static _ => { });
        var loop = new TinyLoop(_system);
        for (int i = 0; i < 100; i++)
        {
            server.When(_system.Open(new Io("users", 10)), IoKind.Read, static _ => { });
        }

        server.HandleFinished();
        Assert.Equal(100, server.Callbacks.Count);

        for (int i = 0; i < 100; i++)
        {
            loop.Call(new Io("users", 10), Collect, static _ => { });
        }

        loop.Run();
        Assert.Equal((0, 100), (loop.WaitingCount, _log.Count));

        void Collect(string data) => _log.Add(data);
    }

    [Fact]
    public void A_stale_callback_is_called_for_the_next_owner_of_the_id()
    {
        var server = new SketchedCallbackServer(_system, static _ => { });
        int id = _system.Open(new Io("mine", 10));
        server.When(id, IoKind.Read, data => _log.Add($"the first owner got {data}"));
        server.HandleFinished();
        _system.Close(id);
        Assert.Equal(id, _system.Open(new Io("private", 10)));
        _system.Register(id, IoKind.Read);
        server.HandleFinished();
        Assert.Equal(["the first owner got mine data", "the first owner got private data"], _log);

        _log.Clear();
        _system.Close(id);
        var loop = new TinyLoop(_system);
        loop.Call(new Io("mine", 10), data => _log.Add($"the first owner got {data}"), static _ => { });
        loop.Run();
        loop.Call(new Io("private", 10), data => _log.Add($"the second owner got {data}"), static _ => { });
        loop.Run();
        Assert.Equal(["the first owner got mine data", "the second owner got private data"], _log);
    }

    [Fact]
    public void Waiting_to_write_replaces_the_callback_of_who_waits_to_read_on_the_same_id()
    {
        int id = _system.Open(new Io("users", 10));
        var server = new SketchedCallbackServer(_system, static _ => { });
        server.When(id, IoKind.Read, _ => _log.Add("read"));
        server.When(id, IoKind.Write, _ => _log.Add("write"));
        server.HandleFinished();
        server.HandleFinished();
        Assert.Equal(["write"], _log);

        _log.Clear();
        var loop = new TinyLoop(_system);
        loop.When(id, IoKind.Read, () => _log.Add("read"));
        loop.When(id, IoKind.Write, () => _log.Add("write"));
        Assert.Throws<ArgumentException>(() => loop.When(id, IoKind.Read, static () => { }));
        loop.Run();
        Assert.Equal(["read", "write"], _log.Order());
    }

    [Fact]
    public void Finished_IO_of_another_kind_is_passed_over_and_its_waiter_never_called()
    {
        int id = _system.Open(new Io("users", 10));
        var server = new SketchedCallbackServer(_system, static _ => { });
        server.When(id, IoKind.Write, _ => _log.Add("write"));
        server.HandleFinished();
        Assert.Empty(_log);
        Assert.False(_system.HasInterests);

        var loop = new TinyLoop(_system);
        loop.When(id, IoKind.Write, () => _log.Add("write"));
        loop.Run();
        Assert.Equal(["write"], _log);
    }

    [Fact]
    public void A_callback_that_throws_ends_the_loop_and_loses_what_finished_with_it()
    {
        int[] ids = [_system.Open(new Io("one", 10)), _system.Open(new Io("two", 10))];
        var server = new SketchedCallbackServer(_system, static _ => { });
        server.When(ids[0], IoKind.Read, static _ => throw new IOException("no disk"));
        server.When(ids[1], IoKind.Read, _log.Add);
        Assert.Throws<IOException>(server.HandleFinished);
        Assert.Empty(_log);
        Assert.False(_system.HasInterests);

        var loop = new TinyLoop(_system);
        loop.When(ids[0], IoKind.Read, static () => throw new IOException("no disk"));
        loop.When(ids[1], IoKind.Read, () => _log.Add("two"));
        loop.Run();
        Assert.Equal(["two"], _log);
        Assert.Equal("no disk", Assert.Single(loop.Failures).Message);
    }

    private object? Answered(string request)
    {
        _log.Add($"answered {request}");
        return null;
    }

    /// <summary>A loop on which a new request is one more thing to wait for.</summary>
    private TinyLoop OurServer(Action<string> handler)
    {
        var loop = new TinyLoop(_system);
        ServeNext();
        return loop;

        void ServeNext() => loop.When(TinySystem.Listener, IoKind.Read, () =>
        {
            handler(_system.Accept());
            if (_system.HasArrivals)
            {
                ServeNext();
            }
        });
    }
}
