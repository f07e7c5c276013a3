using System.Runtime.CompilerServices;
using Gyre.Loop;

namespace Gyre;

/// <summary>What is often done with a group: wait until a child is ready, until all have ended, or for the first success.</summary>
public sealed partial class TaskGroup
{
    private Future? _drained;

    /// <summary>
    /// Runs all <paramref name="bodies"/> side by side and gives the value of the first that succeeds; the others are cancelled
    /// and awaited. A checkpoint.
    /// </summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <exception cref="Exception">What a loser failed with while it was cancelled: no failure is dropped, not even for a value.</exception>
    /// <exception cref="ArgumentException">There are no bodies: nobody could succeed.</exception>
    /// <exception cref="AggregateException">All failed.</exception>
    /// <exception cref="OperationCanceledException">A scope around was cancelled.</exception>
    public static async Task<T> FirstSuccessAsync<T>(params Func<Task<T>>[] bodies)
    {
        ArgumentNullException.ThrowIfNull(bodies);
        if (bodies.Length == 0)
        {
            throw new ArgumentException("None of no bodies can succeed; give at least one.", nameof(bodies));
        }

        ScopeContext outer = ScopeContext.Resolve(EventLoop.Current);
        outer.Enter();
        try
        {
            return await FindFirstSuccessAsync(bodies);
        }
        finally
        {
            outer.Exit();
        }
    }

    private static async Task<T> FindFirstSuccessAsync<T>(Func<Task<T>>[] bodies)
    {
        var first = new Future<T>("the first success");
        var failures = new List<Exception>();
        await RunAsync(group =>
        {
            foreach (Func<Task<T>> body in bodies)
            {
                group.Spawn(async () =>
                {
                    try
                    {
                        first.TrySetResult(await body());
                        group.Cancel("another one succeeded first");
                    }
#pragma warning disable CA1031 // Thrown below when nobody succeeds; a cancellation of the group isn't a failure.
                    catch (Exception failure) when (Coroutine.Current is not { IsCancelled: true })
#pragma warning restore CA1031
                    {
                        failures.Add(failure);
                    }
                });
            }

            return Task.CompletedTask;
        });
        return first.IsDone ? first.Result : throw new AggregateException("None of the bodies succeeded.", failures);
    }

    /// <summary>
    /// Spawns a child and waits until it says that it is ready, by settling the future that it is given; the child goes on
    /// after that. A checkpoint.
    /// </summary>
    /// <typeparam name="T">What the child tells when it is ready, for example the port that it listens on.</typeparam>
    /// <param name="body">The work; it calls <c>ready.SetResult(…)</c> once it can be relied upon.</param>
    /// <param name="name">Its name in the tree and in messages; null numbers it.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <remarks>A failure before it was ready is thrown here, not by the group. When this wait is cancelled, so is the child.</remarks>
    /// <exception cref="InvalidOperationException">It ended without being ready; or the group was left.</exception>
    /// <exception cref="OperationCanceledException">The scope was cancelled.</exception>
    /// <exception cref="Exception">What it failed with before it was ready.</exception>
    public async Task<T> StartAsync<T>(
        Func<Future<T>, Task> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        ScopeContext caller = ScopeContext.Resolve(_loop);
        var ready = new Future<T>($"the readiness of {name ?? "a child"}");
        Coroutine child = Spawn(() => RunUntilReadyAsync(body, ready), name, file, line);
        caller.Enter();
        try
        {
            return await ready;
        }
        catch (OperationCanceledException) when (!ready.IsDone)
        {
            child.Cancel("whoever started it was cancelled");
            throw;
        }
        finally
        {
            caller.Exit();
        }
    }

    /// <summary>Waits until no child is left, and leaves the group open. A checkpoint when there are children.</summary>
    /// <remarks>Not for a child of the group: it would wait for itself.</remarks>
    /// <exception cref="OperationCanceledException">The scope was cancelled; a failed child cancels the group.</exception>
    /// <exception cref="InvalidOperationException">The group was left, or this isn't its loop's thread.</exception>
    public ValueTask DrainAsync()
    {
        VerifyOpen(DrainAsync);
        if (_count == 0)
        {
            return default;
        }

        _drained ??= new Future(_context, "the end of a group's children");
        return _drained.WaitAsync();
    }

    private static async Task RunUntilReadyAsync<T>(Func<Future<T>, Task> body, Future<T> ready)
    {
        try
        {
            await (body(ready) ?? throw new InvalidOperationException("The body of a child returned null instead of a task."));
        }
        catch (Exception failure) when (!ready.IsDone && Coroutine.Current is not { IsCancelled: true })
        {
            ready.SetException(failure);
            return;
        }
        catch (Exception) when (!ready.IsDone)
        {
            // Whoever waits for it may be outside of what was cancelled, and would wait for ever.
            ready.Cancel("the child was cancelled before it was ready");
            throw;
        }

        if (!ready.IsDone)
        {
            ready.SetException(new InvalidOperationException(
                "A child that was started ended without saying that it is ready; let it settle the future that it is given."));
        }
    }
}
