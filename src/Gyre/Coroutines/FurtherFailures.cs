using System.Runtime.CompilerServices;

namespace Gyre.Coroutines;

/// <summary>Keeps the failures that happened beside the one that was rethrown, without touching the exceptions themselves.</summary>
internal static class FurtherFailures
{
    private static readonly ConditionalWeakTable<Exception, IReadOnlyList<Exception>> s_further = [];

    /// <summary>Remembers all of <paramref name="failures"/> but the first beside <paramref name="first"/>.</summary>
    public static void Attach(Exception first, List<Exception> failures)
    {
        if (failures.Count == 1)
        {
            return;
        }

        IEnumerable<Exception> others = failures.Where(failure => failure != first);
        s_further.AddOrUpdate(first, [.. Of(first), .. others]);
    }

    public static IReadOnlyList<Exception> Of(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return s_further.TryGetValue(failure, out IReadOnlyList<Exception>? further) ? further : [];
    }
}
