using System.Globalization;
using Gyre.Drivers;
using Gyre.Interop.Linux;

namespace Gyre.Net;

/// <summary>
/// Listening sockets that whoever started the process opened: systemd's socket activation, or any program that follows it
/// (sd_listen_fds(3)).
/// </summary>
public static class InheritedListeners
{
    /// <summary>The first descriptor that is passed; those below are standard input, output and error.</summary>
    private const int FirstDescriptor = 3;

    /// <summary>More descriptors than a process may have by default at most (fs.nr_open); a larger number is a mistake.</summary>
    private const int CountMax = 1 << 20;

    /// <summary>What systemd calls a descriptor that nobody named.</summary>
    private const string Unnamed = "unknown";

    private const string CountVariable = "LISTEN_FDS";
    private const string ProcessVariable = "LISTEN_PID";
    private const string NamesVariable = "LISTEN_FDNAMES";

    /// <summary>
    /// Takes what was inherited; an empty list when nothing was, or it is meant for another process. Call it once, at the start,
    /// before threads and child processes are started: it removes the variables, so a second call finds nothing. Any thread.
    /// </summary>
    /// <remarks>
    /// On Linux the descriptors become close-on-exec; where native calls are not to be had, child processes inherit them. A handle that
    /// nobody adopts should be disposed: clients connect to it as long as it is open.
    /// </remarks>
    /// <exception cref="FormatException">A variable isn't what sd_listen_fds(3) says; the message names it and its value.</exception>
    /// <exception cref="ArgumentException">
    /// A descriptor isn't a listening TCP socket; the message gives its number and name. All others are closed.
    /// </exception>
    public static IReadOnlyList<ListenerHandle> Take() => Take(
        Environment.GetEnvironmentVariable, static name => Environment.SetEnvironmentVariable(name, null), Environment.ProcessId, Open);

    /// <summary>As <see cref="Take()"/>, in a world that a test makes.</summary>
    internal static IReadOnlyList<ListenerHandle> Take(
        Func<string, string?> read, Action<string> remove, int processId, Func<int, string, ListenerHandle> open)
    {
        string? count = read(CountVariable);
        string? process = read(ProcessVariable);
        string? names = read(NamesVariable);
        if (string.IsNullOrEmpty(count) || string.IsNullOrEmpty(process))
        {
            return [];
        }

        // Meant for another process, as when a shell stands between: its variables are not ours to remove.
        if (Number(ProcessVariable, process, int.MaxValue, "the number of a process") != processId)
        {
            return [];
        }

        remove(CountVariable);
        remove(ProcessVariable);
        remove(NamesVariable);
        return OpenAll(Names(Number(CountVariable, count, CountMax, "how many descriptors are passed"), names), open);
    }

    private static List<ListenerHandle> OpenAll(string[] names, Func<int, string, ListenerHandle> open)
    {
        var handles = new List<ListenerHandle>(names.Length);
        try
        {
            for (int i = 0; i < names.Length; i++)
            {
                handles.Add(open(FirstDescriptor + i, names[i]));
            }

            return handles;
        }
        catch
        {
            handles.ForEach(static handle => handle.Dispose());
            throw;
        }
    }

    private static ListenerHandle Open(int descriptor, string name)
    {
        if (NativeCalls.Refusal() is null)
        {
            // A number that isn't open fails here; the look at the socket that follows says so with its name.
            Libc.SetCloseOnExec(descriptor);
        }

        return new ListenerHandle(descriptor, name);
    }

    private static string[] Names(int count, string? names)
    {
        if (string.IsNullOrEmpty(names))
        {
            return [.. Enumerable.Repeat(Unnamed, count)];
        }

        string[] parts = names.Split(':');
        if (parts.Length != count)
        {
            throw new FormatException(
                $"{NamesVariable} is '{names}', which is {parts.Length} names, but {CountVariable} says {count}; it has one for each, with colons between.");
        }

        return [.. parts.Select(static name => ListenerHandle.IsName(name) ? name : Unnamed)];
    }

    private static int Number(string variable, string value, int max, string meaning) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= max
            ? number
            : throw new FormatException($"{variable} is '{value}'; it is {meaning}, a decimal number up to {max}.");
}
