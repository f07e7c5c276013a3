using System.Runtime.CompilerServices;

namespace Gyre.Scopes;

/// <summary>Keeps the failures that happened beside the one that was rethrown, without touching the exceptions themselves.</summary>
internal static class FurtherFailures
{
    private static readonly ConditionalWeakTable<Exception, List<Exception>> s_further = [];

    /// <summary>Remembers <paramref name="further"/> beside <paramref name="first"/>, which may be null or the same.</summary>
    /// <returns>The one to rethrow.</returns>
    public static Exception Add(Exception? first, Exception further)
    {
        if (first is null || first == further)
        {
            return further;
        }

        // The same exception may be on its way through several loops.
        List<Exception> list = s_further.GetOrCreateValue(first);
        lock (list)
        {
            if (!list.Contains(further))
            {
                list.Add(further);
            }
        }

        return first;
    }

    /// <summary>What was remembered, oldest first; any thread.</summary>
    public static IReadOnlyList<Exception> Of(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        if (!s_further.TryGetValue(failure, out List<Exception>? list))
        {
            return [];
        }

        lock (list)
        {
            return [.. list];
        }
    }
}
