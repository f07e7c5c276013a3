using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

/// <summary>
/// These use up the descriptors of their process, so they run in one of their own whose limit is low. They assert by
/// <c>Assert.True</c> alone: what the others need may be an assembly that can't be opened any more.
/// </summary>
internal static class ExhaustionCases
{
    private const long Millisecond = 1_000_000;

    [ConformanceCase(Needs = DriverCapabilities.RealWorld, UsesUpDescriptors = true)]
    public static void Accepting_pauses_without_spinning_and_recovers(Rig rig)
    {
        const int waiting = 30;
        const int spare = 4;
        AcceptProbe listener = rig.Listen(accept: false);
        ConnectProbe[] attempts = [.. Enumerable.Range(0, waiting).Select(_ => rig.Connect(listener.Listener.LocalEndPoint))];
        rig.TurnUntil(() => Array.TrueForAll(attempts, static one => one.HasEnded), "the clients are in the backlog");
        using var ballast = new Ballast(spare);

        listener.Start();
        rig.TurnUntil(() => !listener.IsAccepting, "the accept pauses");
        Assert.True(listener.Ends is [SocketError.TooManyOpenSockets], $"The accept ended with {listener.Ends[0]}.");
        Assert.True(listener.AcceptedCount <= spare, "More were accepted than there were descriptors.");
        AssertRests(rig, listener);

        int started = 1;
        while (listener.AcceptedCount < waiting)
        {
            // Each round frees some descriptors, and the accept goes on until they are used up again.
            while (listener.Accepted.TryDequeue(out ConnectionProbe? accepted))
            {
                accepted.Close(abort: true);
                rig.TurnUntil(() => accepted.IsClosed, "an accepted connection is closed");
            }

            started++;
            Assert.True(started < 100, $"After {started} rounds only {listener.AcceptedCount} of {waiting} were accepted.");
            int before = listener.AcceptedCount;
            listener.Start();
            rig.TurnUntil(() => !listener.IsAccepting || listener.AcceptedCount == waiting, "the accept goes on or pauses");
            Assert.True(listener.AcceptedCount > before, "With descriptors free again, at least one more is accepted.");
        }

        Assert.True(
            listener.Ends.TrueForAll(static reason => reason == SocketError.TooManyOpenSockets), "The accept ended for another reason.");
    }

    [ConformanceCase(Needs = DriverCapabilities.RealWorld, UsesUpDescriptors = true)]
    public static void Connecting_and_listening_without_descriptors_are_errors(Rig rig)
    {
        AcceptProbe listener = rig.Listen();
        using (new Ballast(spare: 0))
        {
            ConnectProbe attempt = rig.Connect(listener.Listener.LocalEndPoint);
            Assert.False(attempt.HasEnded, "An outcome is delivered in a turn only.");
            rig.TurnUntil(() => attempt.HasEnded, "the attempt ends");
            Assert.True(attempt.Error == SocketError.TooManyOpenSockets, $"The attempt ended with {attempt.Error}.");

            // The runtime closes files when it likes; what came free meanwhile is used up as well.
            using var again = new Ballast(spare: 0);
            SocketException? error = FailureOf(() => rig.Listen());
            Assert.True(error?.SocketErrorCode == SocketError.TooManyOpenSockets, $"Listening failed with {error?.SocketErrorCode}.");
            Assert.True(error!.Message.Contains("ulimit -n", StringComparison.Ordinal), $"No remedy in: {error.Message}");
        }

        rig.Settle();
    }

    /// <summary>Waits must be real waits while nothing can be accepted, though the backlog is full of clients.</summary>
    private static void AssertRests(Rig rig, AcceptProbe listener)
    {
        int accepted = listener.AcceptedCount;
        long start = rig.Driver.GetTimestamp();
        int turns = 0;
        while (rig.Driver.GetTimestamp() - start < 100 * Millisecond)
        {
            rig.Turn(20 * Millisecond);
            turns++;
        }

        Assert.True(turns <= 40, $"The driver spins: {turns} turns in a tenth of a second.");
        Assert.True(listener.Ends.Count == 1 && listener.AcceptedCount == accepted, "A paused accept goes on by itself.");
    }

    private static SocketException? FailureOf(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (SocketException failure)
        {
            return failure;
        }
    }

    /// <summary>Takes every free descriptor of the process but a few.</summary>
    private sealed class Ballast : IDisposable
    {
        private readonly Stack<Socket> _sockets = new();

        public Ballast(int spare)
        {
            try
            {
                while (true)
                {
                    _sockets.Push(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                }
            }
            catch (SocketException full) when (full.SocketErrorCode == SocketError.TooManyOpenSockets)
            {
                for (int i = 0; i < spare; i++)
                {
                    _sockets.Pop().Dispose();
                }
            }
        }

        public void Dispose()
        {
            foreach (Socket socket in _sockets)
            {
                socket.Dispose();
            }
        }
    }
}
