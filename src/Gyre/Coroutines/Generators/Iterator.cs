using Gyre.Loop;

namespace Gyre.Generators;

/// <summary>
/// Coroutines written as C# iterators: each <c>yield return</c> of a <see cref="Yieldable"/> waits for it, and its result is
/// read off it afterwards.
/// </summary>
/// <remarks>
/// C# doesn't let an iterator <c>yield</c> inside a <c>try</c> with a <c>catch</c>, so a failure is caught around the reading of
/// a result; <c>finally</c> blocks run whenever the iterator ends.
/// </remarks>
public static class Iterator
{
    /// <summary>A call of an iterator without a value: yield it to wait for its end.</summary>
    /// <param name="body">The iterator; called once.</param>
    /// <param name="name">Its name in messages; null for none.</param>
    public static IteratorCall Call(IEnumerable<Yieldable> body, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new IteratorCall(body, name);
    }

    /// <summary>A call of an iterator that ends with <see cref="Return{T}"/>: yield it, then read its result.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <inheritdoc cref="Call(IEnumerable{Yieldable}, string?)"/>
    public static IteratorCall<T> Call<T>(IEnumerable<Yieldable> body, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new IteratorCall<T>(body, name);
    }

    /// <summary>The return value of an iterator: <c>yield return Iterator.Return(value);</c> ends it there.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    public static Yieldable Return<T>(T value) => new IteratorReturn<T>(value);

    /// <summary>An awaitable operation, begun when it is yielded: <c>Iterator.Operation(() =&gt; connection.ReadAsync(…))</c>.</summary>
    /// <typeparam name="T">The type of its result.</typeparam>
    public static IteratorOperation<T> Operation<T>(Func<ValueTask<T>> begin)
    {
        ArgumentNullException.ThrowIfNull(begin);
        return new IteratorOperation<T>(begin);
    }

    /// <summary>An awaitable operation without a result; its <c>Result</c> is true.</summary>
    public static IteratorOperation<bool> Operation(Func<ValueTask> begin)
    {
        ArgumentNullException.ThrowIfNull(begin);
        return new IteratorOperation<bool>(async () =>
        {
            await begin();
            return true;
        });
    }

    /// <summary>Runs an iterator on the current loop, in the current coroutine and scope. A checkpoint where the iterator waits.</summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    /// <exception cref="OperationCanceledException">The scope was cancelled; the <c>finally</c> blocks have run.</exception>
    /// <exception cref="Exception">What it failed with.</exception>
    public static async Task RunAsync(IEnumerable<Yieldable> body)
    {
        var trampoline = new Trampoline(Call(body));
        await DriveAsync(trampoline);
        trampoline.ThrowIfFailed();
    }

    /// <summary>Runs an iterator that ends with <see cref="Return{T}"/>, and gives its value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <inheritdoc cref="RunAsync(IEnumerable{Yieldable})"/>
    public static async Task<T> RunAsync<T>(IEnumerable<Yieldable> body)
    {
        IteratorCall<T> call = Call<T>(body);
        var trampoline = new Trampoline(call);
        await DriveAsync(trampoline);
        trampoline.ThrowIfFailed();
        return call.Result;
    }

    private static async Task DriveAsync(Trampoline trampoline)
    {
        ScopeContext scope = ScopeContext.Resolve(EventLoop.Current);
        scope.Enter();
        try
        {
            bool goesOn = trampoline.MoveNext();
            while (goesOn)
            {
                goesOn = await SettleAsync(trampoline.Current) is { } cancellation ? trampoline.Throw(cancellation) : trampoline.MoveNext();
            }
        }
        finally
        {
            scope.Exit();
        }
    }

    /// <summary>Waits until it has ended in any way; what keeps it from that is thrown into the iterator, whose finally blocks run.</summary>
    private static async ValueTask<Exception?> SettleAsync(Yieldable awaited)
    {
        try
        {
            await awaited.SettleAsync();
            return null;
        }
#pragma warning disable CA1031 // Returned to be thrown there.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            return thrown;
        }
    }
}
