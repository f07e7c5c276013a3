using System.Net;
using System.Net.Sockets;
using System.Text;
using Gyre.Drivers;
using Gyre.Interop.Linux;
using Gyre.Net;
using Gyre.Tests.Drivers;
using TcpListener = Gyre.Net.TcpListener;

namespace Gyre.Tests;

/// <summary>Both sides of a hand-off in one process; that of two is in ListenerMoveTests. Counts descriptors, so nothing runs beside it.</summary>
[Collection(DescriptorCollection.Name)]
public sealed class ListenerHandOffTests
{
    [Fact]
    public void What_is_offered_is_taken_with_name_and_address_and_the_file_goes() => Run(async (path, listener) =>
    {
        using ListenerHandle http = listener.DuplicateHandle("http");
        using ListenerHandle admin = listener.DuplicateHandle("the admin's");
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> offer = group.Spawn(() => ListenerHandOff.OfferAsync(path, [http, admin]));
            using TakenListeners taken = await TakeAsync(path);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(path).UnixFileMode);
            Assert.Equal(["http", "the admin's"], taken.Listeners.Select(static one => one.Name));
            Assert.All(taken.Listeners, one => Assert.Equal(listener.LocalEndPoint, one.LocalEndPoint));
            Assert.Equal(Environment.ProcessId, taken.OfferingProcess);
            Assert.True(await taken.ReadyAsync());
            Assert.False(File.Exists(path));
            Assert.Equal(Environment.ProcessId, await offer);
            Assert.Throws<InvalidOperationException>(() => { _ = taken.ReadyAsync(); });
            await using TcpListener second = TcpListener.Adopt(taken.Listeners[0]);
            await listener.StopAcceptingAsync();
            await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
            await using TcpConnection server = await second.AcceptAsync();
        });
    });

    [Fact]
    public void When_nobody_offers_there_is_nothing_to_take() => Run(async (path, _) =>
    {
        Assert.Null(await ListenerHandOff.TakeAsync(path));
        LeaveStale(path);
        Assert.Null(await ListenerHandOff.TakeAsync(path));
    });

    [Fact]
    public void A_file_that_a_dead_process_left_is_replaced_and_a_living_or_a_foreign_one_is_not() => Run(async (path, listener) =>
    {
        using ListenerHandle handle = listener.DuplicateHandle("http");
        LeaveStale(path);
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> offer = group.Spawn(() => ListenerHandOff.OfferAsync(path, [handle]));
            await OnLoop.TurnsAsync(2);
            var failure = await Assert.ThrowsAsync<IOException>(() => ListenerHandOff.OfferAsync(path, [handle]));
            Assert.Contains("another process offers there", failure.Message, StringComparison.Ordinal);
            using TakenListeners taken = await TakeAsync(path);
            Assert.True(await taken.ReadyAsync());
            await offer;
        });
        await File.WriteAllTextAsync(path, "precious");
        await Assert.ThrowsAsync<IOException>(() => ListenerHandOff.OfferAsync(path, [handle]));
        Assert.Equal("precious", await File.ReadAllTextAsync(path));
        File.Delete(path);
    });

    [Fact]
    public void A_folder_that_isnt_there_is_named() => Run(async (path, listener) =>
    {
        using ListenerHandle handle = listener.DuplicateHandle("http");
        string missing = path + ".d";
        var failure = await Assert.ThrowsAsync<SocketException>(() => ListenerHandOff.OfferAsync(Path.Combine(missing, "door"), [handle]));
        Assert.Contains($"the folder '{missing}' doesn't exist", failure.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Cancelled_at_each_wait_it_leaves_no_descriptor_and_no_file() => Run(async (path, listener) =>
    {
        using ListenerHandle handle = listener.DuplicateHandle("http");
        await CancelSoonAsync(() => ListenerHandOff.OfferAsync(path, [handle]));
        Assert.False(File.Exists(path));

        // While the other side has the listeners, and isn't ready.
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine offer = group.Spawn(() => CancelWhenAsync(() => File.Exists(path + ".go"), () => ListenerHandOff.OfferAsync(path, [handle])));
            using TakenListeners taken = await TakeAsync(path);
            await File.WriteAllTextAsync(path + ".go", "");
            await offer;
            File.Delete(path + ".go");
            Assert.False(File.Exists(path));
            Assert.False(await taken.ReadyAsync());
        });

        // Connected, but no offer comes; and told ready, but no answer comes.
        using Socket door = MuteDoor(path);
        await CancelSoonAsync(() => ListenerHandOff.TakeAsync(path));
        (await door.AcceptAsync()).Dispose();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<TakenListeners?> taking = group.Spawn(() => ListenerHandOff.TakeAsync(path));
            using Socket old = await door.AcceptAsync();
            Send(old, HandOffMessage.Offer([handle]), handle);
            using TakenListeners taken = (await taking)!;
            await CancelSoonAsync(() => taken.ReadyAsync());
        });
    });

    [Fact]
    public void One_that_ends_says_something_else_or_is_late_is_refused_and_the_next_is_served() => Run(async (path, listener) =>
    {
        using ListenerHandle handle = listener.DuplicateHandle("http");
        var refused = new List<Exception>();
        var options = new ListenerHandOffOptions { OnRefused = refused.Add, ReadyTimeout = TimeSpan.FromMilliseconds(300) };
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> offer = group.Spawn(() => ListenerHandOff.OfferAsync(path, [handle], options));
            (await TakeAsync(path)).Dispose();
            await OnLoop.UntilAsync(() => refused.Count == 1);
            using (Socket strange = HandOffSocket.New())
            {
                await strange.ConnectAsync(new UnixDomainSocketEndPoint(path));
                await strange.SendAsync("hello"u8.ToArray());
                await OnLoop.UntilAsync(() => refused.Count == 2);
            }

            using (TakenListeners late = await TakeAsync(path))
            {
                await OnLoop.UntilAsync(() => refused.Count == 3);
                var failure = await Assert.ThrowsAsync<IOException>(() => late.ReadyAsync());
                Assert.Contains("goes on as before", failure.Message, StringComparison.Ordinal);
            }

            using TakenListeners taken = await TakeAsync(path);
            Assert.True(await taken.ReadyAsync());
            await offer;
        });
        Assert.Collection(
            refused,
            static ended => Assert.IsType<IOException>(ended),
            static strange => Assert.Contains("answered 'hello'", Assert.IsType<InvalidDataException>(strange).Message, StringComparison.Ordinal),
            static late => Assert.IsType<TimeoutException>(late));
    });

    [Fact]
    public void A_process_of_another_user_gets_nothing_and_is_believed_nothing() => Run(async (path, listener) =>
    {
        using ListenerHandle handle = listener.DuplicateHandle("http");
        var door = new UnixDomainSocketEndPoint(path);
        Exception? refusal = null;
        var options = new ListenerHandOffOptions { OnRefused = reason => refusal = reason };
        var offer = new HandOffOffer(door, [handle], options, trusts: static _ => false);
        await CancelScope.RunAsync(async scope => await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => ListenerHandOff.CancellableAsync(offer.RunAsync, default));
            await OnLoop.UntilAsync(() => File.Exists(path));
            var failure = await Assert.ThrowsAsync<IOException>(() => ListenerHandOff.TakeAsync(path));
            Assert.Contains("refused: Process", failure.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<UnauthorizedAccessException>(() => TakenListeners.TakeAsync(door, static _ => false, default));
            scope.Cancel();
        }));
        Assert.IsType<UnauthorizedAccessException>(refusal);
        Assert.True(HandOffSocket.IsTrusted(0) && HandOffSocket.IsTrusted(Libc.EffectiveUser()) && !HandOffSocket.IsTrusted(54_321));
    });

    [Theory]
    [InlineData("gyre-listeners 2 1\n{0}\thttp\n", "understands 'gyre-listeners 1'")]
    [InlineData("gyre-listeners 1 x\n", "lines follow")]
    [InlineData("gyre-listeners 1 2\n{0}\thttp\n", "lines follow")]
    [InlineData("gyre-listeners 1 1\n{0}\thttp", "lines follow")]
    [InlineData("gyre-listeners 1 2\n{0}\thttp\n{0}\tadmin\n", "but 1 descriptors came")]
    [InlineData("gyre-listeners 1 0\n", "but 1 descriptors came")]
    [InlineData("gyre-listeners 1 1\n{0}\n", "an address, a tab and a name")]
    [InlineData("gyre-listeners 1 1\n{0}\ta:b\n", "can't name a listener")]
    [InlineData("gyre-listeners 1 1\n1.2.3.4:5\thttp\n", "but it is bound to")]
    [InlineData("gyre-refused no", "refused: no")]
    public void An_offer_that_is_wrong_is_an_error_and_its_descriptors_are_closed(string text, string message) => Run(async (_, listener) =>
    {
        using ListenerHandle handle = listener.DuplicateHandle("http");
        byte[] offer = Encoding.ASCII.GetBytes(text.Replace("{0}", listener.LocalEndPoint.ToString(), StringComparison.Ordinal));
        IOException failure = await ReceiveWrongAsync(offer, DescriptorMessage.DescriptorsMax, handle);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Descriptors_that_do_not_fit_are_an_error_and_those_that_came_are_closed() => Run(async (_, listener) =>
    {
        using ListenerHandle handle = listener.DuplicateHandle("http");
        IOException failure = await ReceiveWrongAsync(HandOffMessage.Offer([handle, handle, handle, handle]), 2, handle, handle, handle, handle);
        Assert.Contains("were lost", failure.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void More_listeners_than_one_message_takes_go_in_parts() => Run(async (path, listener) =>
    {
        const int count = (2 * DescriptorMessage.DescriptorsMax) + 1;
        ListenerHandle[] handles = [.. Enumerable.Range(0, count).Select(i => listener.DuplicateHandle($"listener {i}"))];
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => ListenerHandOff.OfferAsync(path, handles));
            await OnLoop.UntilAsync(() => File.Exists(path));
            using TakenListeners taken = await TakeAsync(path);
            Assert.Equal(handles.Select(static handle => handle.Name), taken.Listeners.Select(static handle => handle.Name));
            Assert.True(await taken.ReadyAsync());
        });
        Array.ForEach(handles, static handle => handle.Dispose());
    });

    [Theory]
    [InlineData("gyre-listeners 1 x\n")]
    [InlineData(null)]
    public void An_offer_that_breaks_behind_its_first_part_leaves_nothing_open(string? second) => Run(async (_, listener) =>
    {
        using ListenerHandle handle = listener.DuplicateHandle("http");
        using var folder = new TemporaryFolder();
        using Socket door = MuteDoor(folder.Path("door"));
        using Socket mine = HandOffSocket.New();
        await mine.ConnectAsync(door.LocalEndPoint!);
        Socket other = await door.AcceptAsync();
        int before = OpenDescriptors.Count();
        Send(other, HandOffMessage.Offer([handle], isLast: false), handle);
        if (second is not null)
        {
            Send(other, Encoding.ASCII.GetBytes(second), handle);
        }
        else
        {
            other.Dispose();
            before--;
        }

        await Assert.ThrowsAnyAsync<Exception>(() => TakenListeners.ReceiveOfferAsync(mine, 1, default));
        Assert.Equal(before, OpenDescriptors.Count());
        other.Dispose();
    });

    private static async Task<IOException> ReceiveWrongAsync(byte[] offer, int descriptorsMax, params ListenerHandle[] handles)
    {
        using var folder = new TemporaryFolder();
        using Socket door = MuteDoor(folder.Path("door"));
        using Socket mine = HandOffSocket.New();
        await mine.ConnectAsync(door.LocalEndPoint!);
        using Socket other = await door.AcceptAsync();
        int before = OpenDescriptors.Count();
        Send(other, offer, handles);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => TakenListeners.ReceiveOfferAsync(mine, 1, default, descriptorsMax));
        Assert.Equal(before, OpenDescriptors.Count());
        return failure as IOException ?? new IOException(Assert.IsType<InvalidDataException>(failure).Message);
    }

    private static void Send(Socket socket, byte[] text, params ListenerHandle[] handles) => Assert.Equal(
        text.Length, DescriptorMessage.Send((int)socket.Handle, text, [.. handles.Select(static one => (int)one.DangerousGetHandle())]));

    private static Socket MuteDoor(string path)
    {
        Socket door = HandOffSocket.New();
        door.Bind(new UnixDomainSocketEndPoint(path));
        door.Listen();
        return door;
    }

    /// <summary>Makes the file of a socket whose process has ended: the BCL removes it, so it is kept under another name meanwhile.</summary>
    private static void LeaveStale(string path)
    {
        using (MuteDoor(path))
        {
            File.Move(path, path + ".kept");
        }

        File.Move(path + ".kept", path);
    }

    private static async Task<TakenListeners> TakeAsync(string path)
    {
        while (true)
        {
            if (await ListenerHandOff.TakeAsync(path) is { } taken)
            {
                return taken;
            }

            await Coroutine.YieldAsync();
        }
    }

    private static Task CancelSoonAsync(Func<Task> body)
    {
        int turns = 0;
        return CancelWhenAsync(() => ++turns > 20, body);
    }

    private static async Task CancelWhenAsync(Func<bool> when, Func<Task> body)
    {
        bool cancelled = false;
        await CancelScope.RunAsync(async scope => await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                await OnLoop.UntilAsync(when);
                scope.Cancel();
            });
            try
            {
                await body();
            }
            catch (OperationCanceledException)
            {
                cancelled = true;
                throw;
            }
        }));
        Assert.True(cancelled);
    }

    /// <summary>Runs a body with a path and a listener; afterwards as many descriptors must be open as before it.</summary>
    private static void Run(Func<string, TcpListener, Task> body)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && !Gyre.TestSupport.PInvokeGuard.IsOn, "driver: it takes system calls of Linux.");
        OnLoop.Run(async () =>
        {
            await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            using var folder = new TemporaryFolder();

            // The BCL's engine opens descriptors of its own at the first wait.
            using (Socket door = MuteDoor(folder.Path("warm")))
            {
                using var cancel = new CancellationTokenSource();
                ValueTask<Socket> accepting = door.AcceptAsync(cancel.Token);
                await cancel.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await accepting);
            }

            int before = OpenDescriptors.Count();
            await body(folder.Path("door"), listener);
            await OnLoop.UntilAsync(() => OpenDescriptors.Count() <= before);
            Assert.DoesNotContain(Directory.GetFileSystemEntries(folder.Root), static one => !one.EndsWith("/door", StringComparison.Ordinal));
        });
    }
}
