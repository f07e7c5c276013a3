using Gyre.Coroutines;

namespace Gyre;

/// <summary>Combinators: one future of many.</summary>
public partial class Future
{
    /// <summary>All values, in the order of the futures; the first failure or cancellation is that of the whole.</summary>
    /// <param name="futures">Of the current loop; none gives an empty array at once.</param>
    /// <param name="losers">What becomes of the others once one has failed, or the whole is cancelled.</param>
    /// <exception cref="InvalidOperationException">The calling code isn't run by the loop of the futures.</exception>
    public static Future<T[]> All<T>(IEnumerable<Future<T>> futures, Losers losers = Losers.LeaveAlone)
    {
        ArgumentNullException.ThrowIfNull(futures);
        return new AllOf<T>([.. futures], losers).Begin();
    }

    /// <summary>Ends when all have succeeded, whatever their types; the first failure or cancellation is that of the whole.</summary>
    /// <inheritdoc cref="All{T}(IEnumerable{Future{T}}, Losers)"/>
    public static Future All(IEnumerable<Waitable> futures, Losers losers = Losers.LeaveAlone)
    {
        ArgumentNullException.ThrowIfNull(futures);
        return new AllDone([.. futures], losers).Begin();
    }

    /// <summary>All values by their keys; the first failure or cancellation is that of the whole.</summary>
    /// <inheritdoc cref="All{T}(IEnumerable{Future{T}}, Losers)"/>
    public static Future<IReadOnlyDictionary<TKey, T>> All<TKey, T>(
        IReadOnlyDictionary<TKey, Future<T>> futures, Losers losers = Losers.LeaveAlone)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(futures);
        IEqualityComparer<TKey>? comparer = (futures as Dictionary<TKey, Future<T>>)?.Comparer;
        return new AllByKey<TKey, T>([.. futures], comparer, losers).Begin();
    }

    /// <summary>How each settled, in the order of the futures; never fails.</summary>
    /// <param name="futures">Of the current loop.</param>
    /// <exception cref="InvalidOperationException">The calling code isn't run by the loop of the futures.</exception>
    public static Future<FutureOutcome<T>[]> AllSettled<T>(IEnumerable<Future<T>> futures)
    {
        ArgumentNullException.ThrowIfNull(futures);
        return new AllOutcomes<T>([.. futures]).Begin();
    }

    /// <summary>The first value; fails with an <see cref="AggregateException"/> of all when none succeeds.</summary>
    /// <param name="futures">Of the current loop; none fails at once.</param>
    /// <param name="losers">What becomes of the others once one has succeeded.</param>
    /// <exception cref="InvalidOperationException">The calling code isn't run by the loop of the futures.</exception>
    public static Future<T> Any<T>(IEnumerable<Future<T>> futures, Losers losers = Losers.LeaveAlone)
    {
        ArgumentNullException.ThrowIfNull(futures);
        return new AnyOf<T>([.. futures], losers).Begin();
    }

    /// <summary>Settles as the first of them does.</summary>
    /// <param name="futures">Of the current loop; at least one.</param>
    /// <param name="losers">What becomes of the others.</param>
    /// <exception cref="ArgumentException">There are none: such a race would never end.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by the loop of the futures.</exception>
    public static Future<T> Race<T>(IEnumerable<Future<T>> futures, Losers losers = Losers.LeaveAlone)
    {
        ArgumentNullException.ThrowIfNull(futures);
        Future<T>[] all = [.. futures];
        return all.Length > 0
            ? new RaceOf<T>(all, losers).Begin()
            : throw new ArgumentException("A race of no futures would never end; give at least one.", nameof(futures));
    }

    /// <summary>The futures themselves, each when it has settled, in the order in which they do. Waiting for the next is a checkpoint.</summary>
    /// <param name="futures">Of the current loop.</param>
    /// <exception cref="InvalidOperationException">The calling code isn't run by the loop of the futures.</exception>
    public static IAsyncEnumerable<Future<T>> AsCompleted<T>(IEnumerable<Future<T>> futures)
    {
        ArgumentNullException.ThrowIfNull(futures);
        return CompletionOrder<T>.Of([.. futures]);
    }
}
