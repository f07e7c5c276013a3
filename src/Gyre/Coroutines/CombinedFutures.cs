namespace Gyre.Coroutines;

/// <summary>A future of many others; cancelled, it lets go of them as when it settles.</summary>
internal abstract class Combined<T> : Future<T>
{
    private readonly Combination _parts;

    protected Combined(Waitable[] parts, Losers losers, string name)
        : base(name)
    {
        _parts = new Combination(parts, losers, OnPart);
        Left = parts.Length;
    }

    /// <summary>How many haven't settled.</summary>
    protected int Left { get; private set; }

    public Future<T> Begin()
    {
        if (Left == 0)
        {
            OnAll();
        }

        _parts.Begin();
        return this;
    }

    public override bool Cancel(string? reason = null)
    {
        bool cancelled = base.Cancel(reason);
        _parts.LetGo(isSettledByParts: false);
        return cancelled;
    }

    /// <summary>One settled.</summary>
    protected abstract void OnSettled(int index, Waitable settled);

    /// <summary>All settled, and the whole hasn't yet.</summary>
    protected abstract void OnAll();

    protected void Succeed(T result)
    {
        TrySettleWith(result);
        _parts.LetGo(isSettledByParts: true);
    }

    protected void Fail(Exception failure)
    {
        TrySettleFailed(failure);
        _parts.LetGo(isSettledByParts: true);
    }

    /// <summary>Settles as <paramref name="part"/> did, which didn't succeed.</summary>
    protected void FailAs(Waitable part)
    {
        if (part.State == FutureState.Cancelled)
        {
            TrySettleCancelled((OperationCanceledException)part.Thrown!);
        }
        else
        {
            TrySettleFailed(part.Thrown!);
        }

        _parts.LetGo(isSettledByParts: true);
    }

    private protected override void VerifySettable() => throw Combination.SettledByParts(this);

    private void OnPart(int index, Waitable settled)
    {
        Left--;
        OnSettled(index, settled);
        if (Left == 0 && !IsDone)
        {
            OnAll();
        }
    }
}

/// <summary>See <see cref="Future.All{T}(IEnumerable{Future{T}}, Losers)"/>.</summary>
internal sealed class AllOf<T>(Future<T>[] parts, Losers losers) : Combined<T[]>(parts, losers, "all of them")
{
    private readonly T[] _values = new T[parts.Length];

    protected override void OnSettled(int index, Waitable settled)
    {
        if (settled.State == FutureState.Succeeded)
        {
            _values[index] = ((Future<T>)settled).Value;
        }
        else
        {
            FailAs(settled);
        }
    }

    protected override void OnAll() => Succeed(_values);
}

/// <summary>See <see cref="Future.All{TKey, T}(IReadOnlyDictionary{TKey, Future{T}}, Losers)"/>.</summary>
internal sealed class AllByKey<TKey, T>(KeyValuePair<TKey, Future<T>>[] parts, IEqualityComparer<TKey>? comparer, Losers losers)
    : Combined<IReadOnlyDictionary<TKey, T>>(Array.ConvertAll(parts, static Waitable (part) => part.Value), losers, "all of them")
    where TKey : notnull
{
    private readonly TKey[] _keys = Array.ConvertAll(parts, static part => part.Key);

    /// <summary>With all keys from the start: one that comes twice is refused to whoever calls, not to whoever settles the last part.</summary>
    private readonly Dictionary<TKey, T> _values = Empty(parts, comparer);

    protected override void OnSettled(int index, Waitable settled)
    {
        if (settled.State == FutureState.Succeeded)
        {
            _values[_keys[index]] = ((Future<T>)settled).Value;
        }
        else
        {
            FailAs(settled);
        }
    }

    protected override void OnAll() => Succeed(_values);

    private static Dictionary<TKey, T> Empty(KeyValuePair<TKey, Future<T>>[] parts, IEqualityComparer<TKey>? comparer)
    {
        var values = new Dictionary<TKey, T>(parts.Length, comparer);
        foreach (KeyValuePair<TKey, Future<T>> part in parts)
        {
            values.Add(part.Key, default!);
        }

        return values;
    }
}

/// <summary>See <see cref="Future.AllSettled{T}"/>.</summary>
internal sealed class AllOutcomes<T>(Future<T>[] parts) : Combined<FutureOutcome<T>[]>(parts, Losers.LeaveAlone, "all of them settled")
{
    private readonly FutureOutcome<T>[] _outcomes = new FutureOutcome<T>[parts.Length];

    protected override void OnSettled(int index, Waitable settled) =>
        _outcomes[index] = new FutureOutcome<T>(settled.State, ((Future<T>)settled).Value, settled.Thrown);

    protected override void OnAll() => Succeed(_outcomes);
}

/// <summary>See <see cref="Future.Any{T}"/>.</summary>
internal sealed class AnyOf<T>(Future<T>[] parts, Losers losers) : Combined<T>(parts, losers, "any of them")
{
    private readonly Exception?[] _thrown = new Exception?[parts.Length];

    protected override void OnSettled(int index, Waitable settled)
    {
        if (settled.State == FutureState.Succeeded)
        {
            Succeed(((Future<T>)settled).Value);
        }
        else
        {
            _thrown[index] = settled.Thrown;
        }
    }

    protected override void OnAll() => Fail(
        _thrown.Length == 0
            ? new AggregateException("None of no futures succeeded.")
            : new AggregateException("None of the futures succeeded.", _thrown!));
}

/// <summary>See <see cref="Future.Race{T}"/>.</summary>
internal sealed class RaceOf<T>(Future<T>[] parts, Losers losers) : Combined<T>(parts, losers, "the first of them")
{
    protected override void OnSettled(int index, Waitable settled)
    {
        if (settled.State == FutureState.Succeeded)
        {
            Succeed(((Future<T>)settled).Value);
        }
        else
        {
            FailAs(settled);
        }
    }

    protected override void OnAll()
    {
        // There is at least one, and it settled the race.
    }
}
