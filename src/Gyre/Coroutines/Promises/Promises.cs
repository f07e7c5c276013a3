namespace Gyre.Promises;

/// <summary>Futures in the manner of promises: continuations that give futures.</summary>
/// <remarks>
/// Handlers run as ready work of the scope that added them, never inside the setter. What a handler returns settles the new
/// future; a future or task that it returns is followed; what it throws fails the new future, and when nobody looks at that,
/// its scope. A cancellation passes through like a failure, but only <c>Finally</c> sees it. Loop thread; not a checkpoint.
/// </remarks>
public static class Promises
{
    extension<T>(Future<T> source)
    {
        /// <summary>A future of what <paramref name="handler"/> makes of the value; a failure passes it by.</summary>
        /// <typeparam name="TNext">The type of what the handler returns.</typeparam>
        /// <exception cref="InvalidOperationException">This isn't the future's loop's thread.</exception>
        public Future<TNext> Then<TNext>(Func<T, TNext> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            return new Derived<TNext>(source, next => next.Settle(handler(source.Result)), onlyOn: FutureState.Succeeded).Begin();
        }

        /// <summary>A future that follows the one that <paramref name="handler"/> returns; a failure passes it by.</summary>
        /// <inheritdoc cref="Then{T, TNext}(Future{T}, Func{T, TNext})"/>
        public Future<TNext> Then<TNext>(Func<T, Future<TNext>> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            return new Derived<TNext>(source, next => next.Follow(handler(source.Result)), onlyOn: FutureState.Succeeded).Begin();
        }

        /// <summary>A future that follows the task that <paramref name="handler"/> returns; a failure passes it by.</summary>
        /// <inheritdoc cref="Then{T, TNext}(Future{T}, Func{T, TNext})"/>
        public Future<TNext> Then<TNext>(Func<T, Task<TNext>> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            return new Derived<TNext>(source, next => next.Follow(handler(source.Result)?.AsFuture()), onlyOn: FutureState.Succeeded).Begin();
        }

        /// <summary>A future of the value, or of what <paramref name="handler"/> makes of the failure.</summary>
        /// <exception cref="InvalidOperationException">This isn't the future's loop's thread.</exception>
        public Future<T> Catch(Func<Exception, T> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            return new Derived<T>(source, next => next.Settle(handler(source.Failure!)), onlyOn: FutureState.Failed).Begin();
        }

        /// <summary>A future of the value, or one that follows what <paramref name="handler"/> returns for the failure.</summary>
        /// <exception cref="InvalidOperationException">This isn't the future's loop's thread.</exception>
        public Future<T> Catch(Func<Exception, Future<T>> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            return new Derived<T>(source, next => next.Follow(handler(source.Failure!)), onlyOn: FutureState.Failed).Begin();
        }

        /// <summary>
        /// A future that settles as this one does, after <paramref name="handler"/> has run, whichever way it settled; a failure
        /// of the handler takes its place.
        /// </summary>
        /// <exception cref="InvalidOperationException">This isn't the future's loop's thread.</exception>
        public Future<T> Finally(Action handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            return new Derived<T>(
                source,
                next =>
                {
                    handler();
                    next.SettleAs(source);
                },
                onlyOn: null).Begin();
        }
    }
}
