using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>What <c>await foreach</c> goes through: reads, rather than waits to read, so that it can be met by a writer that only tries.</summary>
internal static class SourceItems
{
    public static async IAsyncEnumerable<T> AllOf<T>(
        ChannelReader<T> reader, [EnumeratorCancellation] CancellationToken token)
    {
        while (true)
        {
            T item;
            try
            {
                item = await reader.ReadAsync(token);
            }
            catch (ChannelClosedException end)
            {
                if (end.InnerException is { } failure)
                {
                    // As the BCL's channels do, which say what happened rather than that the channel was closed because of it.
                    ExceptionDispatchInfo.Throw(failure);
                }

                yield break;
            }

            yield return item;
        }
    }
}
