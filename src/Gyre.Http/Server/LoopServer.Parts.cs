namespace Gyre.Http.Server;

/// <summary>What middleware keeps on each loop: made when first asked for, ended with the server.</summary>
internal sealed partial class LoopServer
{
    private readonly Dictionary<object, ILoopPart> _parts = new(ReferenceEqualityComparer.Instance);

    /// <summary>The part of <paramref name="owner"/> on this loop.</summary>
    public TPart PartOf<TPart>(object owner, Func<LoopServer, TPart> make)
        where TPart : class, ILoopPart
    {
        if (_parts.TryGetValue(owner, out ILoopPart? found))
        {
            return (TPart)found;
        }

        TPart part = make(this);
        _parts.Add(owner, part);
        return part;
    }

    /// <summary>Runs <paramref name="body"/> as a coroutine of the server's part; false when that has ended.</summary>
    public bool TrySpawn(Func<Task> body, string name)
    {
        if (_group is null or { IsCancelRequested: true })
        {
            return false;
        }

        _group.Spawn(body, name);
        return true;
    }

    private void TickParts()
    {
        foreach (ILoopPart part in _parts.Values)
        {
            part.OnSecond();
        }
    }

    private async Task RunAsync(Func<Task> feed)
    {
        try
        {
            await ServeConnectionsAsync(feed);
        }
        finally
        {
            if (_parts.Count > 0)
            {
                await CancelScope.RunAsync(EndPartsAsync);
            }
        }
    }

    private async Task EndPartsAsync(CancelScope scope)
    {
        scope.Shield = true;
        foreach (ILoopPart part in _parts.Values)
        {
            await part.EndAsync();
        }
    }
}
