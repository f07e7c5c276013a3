using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>What <c>await foreach</c> goes through: reads, rather than waits to read, so that it can be met by a writer that only tries.</summary>
internal static class SourceItems
{
    public static async IAsyncEnumerable<T> AllOf<T>(
        ChannelReader<T> reader, Func<bool> isOver, [EnumeratorCancellation] CancellationToken token)
    {
        while (true)
        {
            T item;
            try
            {
                item = await reader.ReadAsync(token);
            }
            catch (ChannelClosedException end) when (end.InnerException is null && isOver())
            {
                yield break;
            }

            yield return item;
        }
    }
}
