using System.Runtime.CompilerServices;

namespace Gyre.Scopes;

/// <summary>Keeps the failures that happened beside the one that was rethrown, without touching the exceptions themselves.</summary>
internal static class FurtherFailures
{
    private static readonly ConditionalWeakTable<Exception, Further> s_further = [];

    /// <summary>Remembers <paramref name="further"/> beside <paramref name="first"/>, which may be null or the same.</summary>
    /// <returns>The one to rethrow.</returns>
    public static Exception Add(Exception? first, Exception further)
    {
        if (first is null || first == further)
        {
            return further;
        }

        // The same exception may be on its way through several loops.
        Further list = s_further.GetOrCreateValue(first);
        lock (list)
        {
            if (list.Known.Add(further))
            {
                list.InOrder.Add(further);
            }
        }

        return first;
    }

    /// <summary>What was remembered, oldest first; any thread.</summary>
    public static IReadOnlyList<Exception> Of(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        if (!s_further.TryGetValue(failure, out Further? list))
        {
            return [];
        }

        lock (list)
        {
            return [.. list.InOrder];
        }
    }

    /// <summary>Those beside one; a group of a hundred thousand children may have as many.</summary>
    internal sealed class Further
    {
        public List<Exception> InOrder { get; } = [];

        public HashSet<Exception> Known { get; } = new(ReferenceEqualityComparer.Instance);
    }
}
