namespace Gyre.Loop;

/// <summary>The <see cref="CancellationToken"/> face of a scope, made only for scopes that are asked for one.</summary>
internal sealed class ScopeToken
{
    private readonly CancellationTokenSource _source = new();

    public ScopeToken(bool cancelled)
    {
        if (cancelled)
        {
            _source.Cancel();
        }
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Cancels the token. Registrations run inline, as they do for any token; a failing one doesn't stop the others.</summary>
    public void Cancel() => _source.Cancel();
}
