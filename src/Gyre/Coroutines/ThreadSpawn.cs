using System.Runtime.CompilerServices;

namespace Gyre;

/// <summary>Spawning blocking-style code into a group.</summary>
public static class ThreadSpawn
{
    extension(TaskGroup group)
    {
        /// <summary>
        /// Spawns a coroutine whose body is blocking-style code in a cooperative thread (<see cref="CooperativeThread"/>); it begins in the next
        /// turn.
        /// </summary>
        /// <inheritdoc cref="TaskGroup.Spawn(Func{Task}, string?, string?, int)"/>
        public Coroutine SpawnThread(
            Action body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
        {
            ArgumentNullException.ThrowIfNull(group);
            ArgumentNullException.ThrowIfNull(body);
            return group.Spawn(() => CooperativeThread.Run(body), name, file, line);
        }

        /// <summary>As the other overload, for code that returns a value.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <inheritdoc cref="TaskGroup.Spawn(Func{Task}, string?, string?, int)"/>
        public Coroutine<T> SpawnThread<T>(
            Func<T> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
        {
            ArgumentNullException.ThrowIfNull(group);
            ArgumentNullException.ThrowIfNull(body);
            return group.Spawn(() => CooperativeThread.Run(body), name, file, line);
        }
    }
}
