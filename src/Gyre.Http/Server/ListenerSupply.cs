using System.Diagnostics;
using System.Net;
using Gyre.Drivers;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>Listening sockets that another process opened: inherited from the parent, or handed over by the server that is replaced.</summary>
[DebuggerDisplay("{_handles.Count} left")]
internal sealed class ListenerSupply : IDisposable
{
    private readonly List<ListenerHandle> _handles;
    private readonly TakenListeners? _taken;

    private ListenerSupply(List<ListenerHandle> handles, TakenListeners? taken)
    {
        _handles = handles;
        _taken = taken;
    }

    /// <summary>Asks the parent, then the server that offers its own, as far as the options say.</summary>
    /// <param name="options">Of the server.</param>
    /// <param name="end">Ends the wait for the other server, which may hang.</param>
    public static async Task<ListenerSupply> OpenAsync(HttpServerOptions options, CancellationToken end)
    {
        var handles = new List<ListenerHandle>();
        if (options.TakesInheritedListeners)
        {
            handles.AddRange(InheritedListeners.Take());
            if (handles.Count == 0)
            {
                ServerLog.NothingInherited(new SafeLogger(options.Logger));
            }
        }

        TakenListeners? taken = options.HandOverPath is { } path ? await ListenerHandOff.TakeAsync(path, end) : null;
        if (taken is not null)
        {
            handles.AddRange(taken.Listeners);
        }

        return new ListenerSupply(handles, taken);
    }

    /// <summary>The sockets of an endpoint, by a name or else its address; they are no longer in the supply.</summary>
    public IReadOnlyList<ListenerHandle> TakeFor(string name, IPEndPoint address)
    {
        List<ListenerHandle> found = _handles.FindAll(handle => handle.Name == name);
        if (found.Count == 0)
        {
            found = _handles.FindAll(handle => handle.LocalEndPoint.Equals(address));
        }

        _handles.RemoveAll(found.Contains);
        return found;
    }

    /// <summary>What no endpoint wanted, and will be closed: none, when the process is set up as the one that it replaces.</summary>
    public IEnumerable<string> Unwanted => _handles.Select(static handle => handle.ToString());

    /// <summary>Tells the server that is replaced that this one accepts.</summary>
    /// <exception cref="IOException">It refused, and goes on; this process has to end.</exception>
    public async Task SayReadyAsync()
    {
        if (_taken is not null)
        {
            await _taken.ReadyAsync();
        }
    }

    /// <summary>Closes what no endpoint wanted: clients would wait on it for ever.</summary>
    public void Dispose()
    {
        _handles.ForEach(static handle => handle.Dispose());
        _handles.Clear();
        _taken?.Dispose();
    }
}
