using System.Runtime.CompilerServices;
using Gyre.Coroutines;

namespace Gyre;

/// <summary>Spawning into a loop itself.</summary>
public static class EventLoopSpawn
{
    extension(EventLoop loop)
    {
        /// <summary>
        /// Spawns a background coroutine that the run of the loop owns: when the main coroutine ends, it is cancelled and
        /// awaited; when it fails, the run fails. Prefer a <see cref="TaskGroup"/>, whose end you choose.
        /// </summary>
        /// <inheritdoc cref="TaskGroup.Spawn(Func{Task}, string?, string?, int)"/>
        public Coroutine Spawn(
            Func<Task> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
        {
            IBackgroundOwner owner = OwnerOf(loop, body);
            var coroutine = new Coroutine(loop.Root, owner, body, name, file, line);
            owner.OnSpawned(coroutine.Run);
            coroutine.Run.Schedule();
            return coroutine;
        }

        /// <summary>As the other overload, for a coroutine that ends with a value.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <inheritdoc cref="TaskGroup.Spawn(Func{Task}, string?, string?, int)"/>
        public Coroutine<T> Spawn<T>(
            Func<Task<T>> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
        {
            IBackgroundOwner owner = OwnerOf(loop, body);
            var coroutine = new Coroutine<T>(loop.Root, owner, body, name, file, line);
            owner.OnSpawned(coroutine.Run);
            coroutine.Run.Schedule();
            return coroutine;
        }
    }

    private static IBackgroundOwner OwnerOf(EventLoop loop, Delegate body)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(body);
        loop.VerifyAccess(loop);
        return loop.RunOwner as IBackgroundOwner
            ?? throw new InvalidOperationException($"Loop '{loop.Name}' isn't run by anyone who could own a coroutine.");
    }
}
