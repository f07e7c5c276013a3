using Xunit;

namespace Gyre.Architecture.Tests;

/// <summary>The arrow rules themselves, each seen to fail on a sample that breaks it.</summary>
public sealed class ArrowRuleTests
{
    private const string Scope = "namespace Gyre; public class Scope { public const int DepthMax = 4; public enum Kind { Shield } }";

    /// <summary>Each way in which a type of Loop can use one of Scopes, which is listed below it.</summary>
    public static TheoryData<string, string> WaysToUse => new()
    {
        { "base type", "class ReadyQueue : Scope;" },
        { "field", "class ReadyQueue { Scope? _scope; }" },
        { "generic argument", "class ReadyQueue { System.Collections.Generic.List<Scope[]>? _scopes; }" },
        { "constraint", "class ReadyQueue<T> where T : Scope;" },
        { "parameter", "class ReadyQueue { void Run(Scope scope) { } }" },
        { "return type", "class ReadyQueue { Scope? Run() => null; }" },
        { "method body", "class ReadyQueue { object Run() => new Scope(); }" },
        { "lambda", "class ReadyQueue { System.Func<object> Run() => () => new Scope(); }" },
        {
            "async method",
            "class ReadyQueue { async System.Threading.Tasks.Task Run(System.Threading.Tasks.Task a) { await a; _ = new Scope(); } }"
        },
        { "iterator", "class ReadyQueue { System.Collections.Generic.IEnumerable<object> Run() { yield return new Scope(); } }" },
        { "nested type", "class ReadyQueue { struct Entry { public Scope? Owner; } }" },
        { "typeof in an attribute", "[System.Diagnostics.DebuggerTypeProxy(typeof(Scope))] class ReadyQueue;" },
        { "cast", "class ReadyQueue { bool Run(object o) => o is Scope; }" },
        { "function pointer", "unsafe class ReadyQueue { delegate*<Scope, void> _run; }" },
        { "constant", "class ReadyQueue { int Run() => Scope.DepthMax; }" },
        { "constant through using static", "class ReadyQueue { int Run() => DepthMax; }" },
        { "enum member", "class ReadyQueue { int Run() => (int)Scope.Kind.Shield; }" },
        { "file-local type", "file class ReadyQueue { Scope? _scope; }" },
    };

    [Theory]
    [MemberData(nameof(WaysToUse))]
    public void A_use_of_a_room_below_is_reported(string way, string readyQueue)
    {
        var import = way == "constant through using static" ? "using static Gyre.Scope; " : "";
        var gyre = Sample.Compile("Gyre", ("Scopes/Scope.cs", Scope), ("Loop/ReadyQueue.cs", $"{import}namespace Gyre; {readyQueue}"));
        Expect.One(
            "Loop/ReadyQueue.cs: type ReadyQueue in room Loop uses Scope of room Scopes, which is listed below it",
            new Arrows(gyre).Violations());
    }

    [Fact]
    public void A_use_of_a_room_above_is_right()
    {
        var gyre = Sample.Compile(
            "Gyre",
            ("Loop/ReadyQueue.cs", "namespace Gyre; public class ReadyQueue;"),
            ("Scopes/Scope.cs", "namespace Gyre; class Scope { ReadyQueue? _queue; }"));
        Expect.Nothing(new Arrows(gyre).Violations());
        Expect.Nothing(new Arrows(gyre).Homeless());
        Expect.Nothing(new Arrows(gyre).Cycles());
    }

    [Theory]
    [InlineData("Loop/EventLoop.cs", "Loop")]
    [InlineData("Drivers/Epoll/EpollDriver.cs", "Drivers/Epoll")]
    [InlineData("Net/Listener.cs", "Net")]
    public void A_concrete_driver_is_named_in_Hosting_alone(string file, string room)
    {
        var gyre = Sample.Compile(
            "Gyre",
            ("Drivers/IoUring/Ring.cs", "namespace Gyre; class Ring;"),
            ("Hosting/Choice.cs", "namespace Gyre; class Choice { Ring? _ring; }"),
            (file, "namespace Gyre; class Culprit { Ring? _ring; }"));
        Expect.One(
            $"{file}: type Culprit in room {room} uses Ring of room Drivers/IoUring, which only Hosting may use",
            new Arrows(gyre).Violations());
    }

    [Fact]
    public void A_circle_of_rooms_is_told_with_its_steps()
    {
        var gyre = Sample.Compile(
            "Gyre",
            ("Sync/Lock.cs", "namespace Gyre; class Lock { Stream? _stream; }"),
            ("Channels/Channel.cs", "namespace Gyre; class Channel { Lock? _lock; }"),
            ("Streams/Stream.cs", "namespace Gyre; class Stream { Channel? _channel; }"));
        Expect.One(
            "Channels → Sync (Channel uses Lock), Sync → Streams (Lock uses Stream), Streams → Channels (Stream uses Channel)",
            new Arrows(gyre).Cycles());
    }

    [Fact]
    public void A_type_outside_the_rooms_or_in_two_is_reported()
    {
        var outside = Sample.Compile("Gyre", ("Stuff/Thing.cs", "namespace Gyre; class Thing;"));
        Expect.One("Stuff/Thing.cs: type Thing lies in no room", new Arrows(outside).Homeless());
        var split = Sample.Compile(
            "Gyre",
            ("Loop/Thing.cs", "namespace Gyre; partial class Thing;"),
            ("Net/Thing.Net.cs", "namespace Gyre; partial class Thing;"));
        Expect.One("Net/Thing.Net.cs: type Thing lies in two rooms; another part of it is in Loop/Thing.cs", new Arrows(split).Homeless());
    }

    [Fact]
    public void The_HTTP_protocol_may_not_use_the_loop_nor_the_server()
    {
        var gyre = Sample.Compile(
            "Gyre",
            ("Buffers/Slab.cs", "namespace Gyre; public class Slab;"),
            ("Loop/EventLoop.cs", "namespace Gyre; public class EventLoop;"));
        var http = Sample.CompileAgainst(
            [gyre],
            "Gyre.Http",
            ("Server/HttpServer.cs", "namespace Gyre.Http; class HttpServer { EventLoop? _loop; Parser? _parser; }"),
            ("Protocol/Parser.cs", "namespace Gyre.Http; class Parser { int[] _data = [1, 2, 3, 4]; Slab? _slab; Writer? _writer; }"),
            ("Protocol/Writer.cs", "namespace Gyre.Http; class Writer { EventLoop? _loop; HttpServer? _server; }"));
        Assert.Collection(
            new ForeignArrows(http, gyre, RoomTable.OfHttp).Violations(),
            first => Assert.Contains("Gyre.Http.Writer in room Protocol uses Gyre.EventLoop, declared in Gyre/Loop/EventLoop.cs", first),
            second => Assert.Contains("Gyre.Http.Writer in room Protocol uses Gyre.Http.HttpServer, declared in Gyre.Http/Server", second));
    }
}
