using System.Runtime.CompilerServices;

namespace Gyre.Generators;

/// <summary>Spawning iterators into a group.</summary>
public static class IteratorSpawn
{
    extension(TaskGroup group)
    {
        /// <summary>Spawns an iterator as a coroutine; its first step runs in the next turn.</summary>
        /// <inheritdoc cref="TaskGroup.Spawn(Func{Task}, string?, string?, int)"/>
        public Coroutine Spawn(
            IEnumerable<Yieldable> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
        {
            ArgumentNullException.ThrowIfNull(group);
            ArgumentNullException.ThrowIfNull(body);
            return group.Spawn(() => Iterator.RunAsync(body), name, file, line);
        }

        /// <summary>Spawns an iterator that ends with <see cref="Iterator.Return{T}"/> as a coroutine.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <inheritdoc cref="TaskGroup.Spawn(Func{Task}, string?, string?, int)"/>
        public Coroutine<T> Spawn<T>(
            IEnumerable<Yieldable> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
        {
            ArgumentNullException.ThrowIfNull(group);
            ArgumentNullException.ThrowIfNull(body);
            return group.Spawn(() => Iterator.RunAsync<T>(body), name, file, line);
        }
    }
}
