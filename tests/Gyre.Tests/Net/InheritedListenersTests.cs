using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>The rules of sd_listen_fds(3), in an environment that the test makes.</summary>
public sealed class InheritedListenersTests
{
    private const int Process = 4711;

    [Fact]
    public void Descriptors_are_taken_from_3_on_with_their_names_and_the_variables_are_removed()
    {
        var world = new World("3", "4711", "http:https:admin");
        IReadOnlyList<ListenerHandle> taken = world.Take();
        Assert.Equal([(3, "http"), (4, "https"), (5, "admin")], world.Opened);
        Assert.Equal(["http", "https", "admin"], taken.Select(static one => one.Name));
        Assert.Empty(world.Variables);
        Assert.Empty(world.Take());
        Close(taken);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_names_all_are_called_as_systemd_calls_them(string? names)
    {
        var world = new World("2", "4711", names);
        Close(world.Take());
        Assert.Equal([(3, "unknown"), (4, "unknown")], world.Opened);
    }

    [Theory]
    [InlineData(null, "4711")]
    [InlineData("", "4711")]
    [InlineData("1", null)]
    [InlineData("1", "")]
    [InlineData("1", "4712")]
    public void What_is_not_there_or_for_another_process_is_left_alone(string? count, string? process)
    {
        var world = new World(count, process, "http");
        Assert.Empty(world.Take());
        Assert.Empty(world.Opened);
        Assert.Contains("LISTEN_FDNAMES", world.Variables);
    }

    [Theory]
    [InlineData("x", "4711", "http", "LISTEN_FDS is 'x'")]
    [InlineData("-1", "4711", "http", "LISTEN_FDS is '-1'")]
    [InlineData("+1", "4711", "http", "LISTEN_FDS is '+1'")]
    [InlineData("1 ", "4711", "http", "LISTEN_FDS is '1 '")]
    [InlineData("99999999", "4711", "http", "LISTEN_FDS is '99999999'")]
    [InlineData("1", "0x10", "http", "LISTEN_PID is '0x10'")]
    [InlineData("2", "4711", "http", "LISTEN_FDNAMES is 'http', which is 1 names")]
    public void A_variable_that_makes_no_sense_is_named_with_its_value(string count, string process, string names, string message)
    {
        var world = new World(count, process, names);
        var failure = Assert.Throws<FormatException>(world.Take);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.Empty(world.Opened);
    }

    [Fact]
    public void When_one_is_no_listener_the_others_are_closed()
    {
        var world = new World("3", "4711", "a:b:c") { Fails = 4 };
        Assert.Throws<ArgumentException>(world.Take);
        Assert.True(Assert.Single(world.Handles).IsClosed);
    }

    [Fact]
    public void What_is_no_listening_stream_socket_is_an_error_with_number_and_name()
    {
        using var idle = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        idle.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Refused(idle.Handle, "doesn't listen");
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Refused(datagrams.Handle, "type Dgram");
        using var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Refused(local.Handle, "family Unix");
        using FileStream file = File.OpenRead(typeof(InheritedListenersTests).Assembly.Location);
        Refused(file.SafeFileHandle.DangerousGetHandle(), "isn't an open socket");
        Refused(99_999, "isn't an open socket");
        idle.Listen();
        using var handle = new ListenerHandle(idle.Handle, "fine now");
        handle.SetHandleAsInvalid();

        static void Refused(nint descriptor, string why)
        {
            var failure = Assert.Throws<ArgumentException>(() => new ListenerHandle(descriptor, "web"));
            Assert.Contains($"Descriptor {descriptor} ('web')", failure.Message, StringComparison.Ordinal);
            Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a\tb")]
    [InlineData("\u00e9")]
    public void A_name_that_cannot_be_passed_on_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => new ListenerHandle(3, name));

    private static void Close(IReadOnlyList<ListenerHandle> handles)
    {
        foreach (ListenerHandle handle in handles)
        {
            handle.Dispose();
        }
    }

    private sealed class World
    {
        private readonly Dictionary<string, string?> _variables;

        public World(string? count, string? process, string? names) => _variables = new Dictionary<string, string?>
        {
            ["LISTEN_FDS"] = count,
            ["LISTEN_PID"] = process,
            ["LISTEN_FDNAMES"] = names,
        };

        public IEnumerable<string> Variables => _variables.Keys;

        public List<(int Descriptor, string Name)> Opened { get; } = [];

        public List<ListenerHandle> Handles { get; } = [];

        public int Fails { get; init; }

        public IReadOnlyList<ListenerHandle> Take() =>
            InheritedListeners.Take(_variables.GetValueOrDefault, name => _variables.Remove(name), Process, Open);

        private ListenerHandle Open(int descriptor, string name)
        {
            if (descriptor == Fails)
            {
                throw new ArgumentException("It is no listener.");
            }

            Opened.Add((descriptor, name));
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            socket.Listen();
            var handle = new ListenerHandle(socket.Handle, name);
            socket.SafeHandle.SetHandleAsInvalid();
            GC.SuppressFinalize(socket);
            Handles.Add(handle);
            return handle;
        }
    }
}
