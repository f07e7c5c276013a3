using Gyre.Loop;

namespace Gyre.Coroutines;

/// <summary>The futures that a combined one watches. It lets go of all of them as soon as the combined one has settled.</summary>
internal sealed class Combination
{
    private readonly Losers _losers;
    private readonly Action<int, Waitable> _settled;
    private Waitable[]? _parts;
    private Watcher[]? _watchers;

    public Combination(Waitable[] parts, Losers losers, Action<int, Waitable> settled)
    {
        EventLoop loop = EventLoop.Current;
        foreach (Waitable part in parts)
        {
            ArgumentNullException.ThrowIfNull(part, "futures");
            loop.VerifySame(part, part.Loop);
        }

        _parts = parts;
        _losers = losers;
        _settled = settled;
    }

    public static InvalidOperationException SettledByParts(Waitable whole) =>
        new($"'{whole}' is a combination of futures; it settles as its parts do. Settle those, or cancel it.");

    /// <summary>Watches them in their order; one that has settled already is told of at once.</summary>
    public void Begin()
    {
        if (_parts is not { } parts)
        {
            // There are none, and the whole has settled for that.
            return;
        }

        _watchers = new Watcher[parts.Length];
        for (int i = 0; i < parts.Length && _parts is not null; i++)
        {
            _watchers[i] = new Watcher(this, i);
            parts[i].AddObserver(_watchers[i]);
        }
    }

    /// <summary>The combined future has settled: refers to nothing any more, and cancels who is still pending if that was the choice.</summary>
    /// <param name="isSettledByParts">
    /// Whether the parts brought it about, so that their failures have been seen; a cancelled one has made nothing of them.
    /// </param>
    public void LetGo(bool isSettledByParts)
    {
        if (_parts is not { } parts)
        {
            return;
        }

        _parts = null;
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].IsDone)
            {
                parts[i].KeepUnless(isSettledByParts);
            }
            else
            {
                if (_watchers?[i] is { } watcher)
                {
                    parts[i].RemoveObserver(watcher);
                }

                if (_losers == Losers.Cancel)
                {
                    CancelLoser(parts[i]);
                }
            }
        }

        _watchers = null;
    }

    private static void CancelLoser(Waitable loser) =>
        Later.Run(loser.Loop, loser, static loser => ((Waitable)loser).Cancel("another one was enough"));

    private sealed class Watcher(Combination combination, int index) : IFutureObserver
    {
        /// <summary>The combined future decides, when it lets go.</summary>
        public bool SeesFailures => false;

        public void OnSettled(Waitable settled) =>
            Later.Run(settled.Loop, (this, settled), static told => told.Item1.Tell(told.settled));

        private void Tell(Waitable settled)
        {
            if (combination._parts is not null)
            {
                combination._settled(index, settled);
            }
            else
            {
                settled.KeepUnlessSeen();
            }
        }
    }
}
