using System.Globalization;
using System.Text;
using Gyre.Drivers;
using Gyre.Interop;
using Gyre.Interop.Linux;

namespace Gyre.Net;

/// <summary>
/// The messages of a hand-off, as text: the offer with the descriptors, in parts if they are many; <c>ready</c> from the new process,
/// <c>over</c> from the old one. A refusal takes the place of the first or the last.
/// </summary>
internal static class HandOffMessage
{
    /// <summary>Listeners of one offer: what fits a socket's buffer by default, so that nobody has to wait while it is sent.</summary>
    public const int ListenersMax = 2000;

    /// <summary>Bytes of the longest part: a line for each descriptor, with an IPv6 address, its scope, a port and a name.</summary>
    public const int SizeMax = 64 + (DescriptorMessage.DescriptorsMax * (ListenerHandle.NameMax + 65));

    /// <summary>The version goes up when a process of the one kind can't work with one of the other.</summary>
    private const string Start = "gyre-listeners 1";

    /// <summary>Behind the count, when another part follows.</summary>
    private const string MoreFollows = " more";

    private const string RefusalStart = "gyre-refused ";

    public static ReadOnlySpan<byte> Ready => "gyre-ready 1"u8;

    public static ReadOnlySpan<byte> Over => "gyre-over 1"u8;

    public static byte[] Refusal(string reason) => Encoding.UTF8.GetBytes(RefusalStart + reason);

    /// <summary>The reason, when the message is a refusal.</summary>
    public static string? ReasonOf(ReadOnlySpan<byte> message)
    {
        string text = Encoding.UTF8.GetString(message);
        return text.StartsWith(RefusalStart, StringComparison.Ordinal) ? text[RefusalStart.Length..] : null;
    }

    public static byte[] Offer(IReadOnlyCollection<ListenerHandle> listeners, bool isLast = true)
    {
        StringBuilder text = new StringBuilder(Start).Append(' ').Append(listeners.Count).Append(isLast ? "" : MoreFollows).Append('\n');
        foreach (ListenerHandle listener in listeners)
        {
            text.Append(listener.LocalEndPoint).Append('\t').Append(listener.Name).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Makes handles of a part of an offer and its descriptors, which are closed when anything is wrong.</summary>
    /// <exception cref="InvalidDataException">The offer isn't one, or doesn't fit the descriptors; the message says how.</exception>
    public static List<ListenerHandle> Open(ReadOnlySpan<byte> message, List<int> descriptors, out bool isLast)
    {
        var handles = new List<ListenerHandle>(descriptors.Count);
        try
        {
            string[] lines = LinesOf(message, descriptors.Count, out isLast);
            foreach (string line in lines)
            {
                handles.Add(OpenOne(line, descriptors[handles.Count]));
            }

            return handles;
        }
        catch
        {
            int owned = handles.Count;
            handles.ForEach(static handle => handle.Dispose());
            CloseAll(descriptors.Skip(owned));
            throw;
        }
    }

    public static void CloseAll(IEnumerable<int> descriptors)
    {
        foreach (int descriptor in descriptors)
        {
            ListeningSocket.Close(descriptor);
        }
    }

    private static string[] LinesOf(ReadOnlySpan<byte> message, int descriptors, out bool isLast)
    {
        string text = Encoding.ASCII.GetString(message);
        string[] lines = text.Split('\n');
        if (!lines[0].StartsWith(Start + " ", StringComparison.Ordinal))
        {
            string shown = lines[0].Length > 40 ? lines[0][..40] : lines[0];
            throw new InvalidDataException($"The offer begins with '{shown}'; this version of Gyre understands '{Start}' and a count.");
        }

        isLast = !lines[0].EndsWith(MoreFollows, StringComparison.Ordinal);
        ReadOnlySpan<char> number = isLast ? lines[0].AsSpan(Start.Length + 1) : lines[0].AsSpan()[(Start.Length + 1)..^MoreFollows.Length];
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ||
            lines.Length != count + 2 || lines[^1].Length != 0)
        {
            throw new InvalidDataException($"The offer says '{lines[0]}', but {lines.Length - 2} lines follow; there is one for each listener.");
        }

        return count == descriptors
            ? lines[1..^1]
            : throw new InvalidDataException($"The offer names {count} listeners, but {descriptors} descriptors came along.");
    }

    private static ListenerHandle OpenOne(string line, int descriptor)
    {
        if (line.Split('\t') is not [string endPoint, string name])
        {
            throw new InvalidDataException($"The offer has the line '{line}'; a line is an address, a tab and a name.");
        }

        ListenerHandle handle;
        try
        {
            handle = new ListenerHandle(descriptor, name);
        }
        catch (ArgumentException failure)
        {
            throw new InvalidDataException($"The offer is wrong: {failure.Message}", failure);
        }

        if (handle.LocalEndPoint.ToString() == endPoint)
        {
            return handle;
        }

        // Back to a bare descriptor, which the caller closes with the others.
        handle.Release();
        throw new InvalidDataException($"The offer says that '{name}' listens on {endPoint}, but it is bound to {handle.LocalEndPoint}.");
    }
}
