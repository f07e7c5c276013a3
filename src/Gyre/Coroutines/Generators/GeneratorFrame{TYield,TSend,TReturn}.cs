namespace Gyre.Generators;

/// <summary>One generator's body, from its first step to its end.</summary>
internal sealed class GeneratorFrame<TYield, TSend, TReturn>(
    Func<GeneratorFlow<TYield, TSend>, GeneratorBody<TReturn>> body, string? name) : GeneratorFlow<TYield, TSend>
{
    private GeneratorBody<TReturn>? _running;
    private bool _isDriven;

    internal override string Name => name ?? "a generator";

    internal override bool HasEnded => _running is { HasEnded: true };

    internal override Exception? Thrown => _running?.Thrown;

    internal TReturn Returned => _running!.Returned!;

    private protected override bool IsDriven => _isDriven;

    internal override bool IsLost => _running is { AwaitsForeign: true };

    internal override void Resume()
    {
        _isDriven = true;
        if (_running is { } running)
        {
            running.Resume();
        }
        else
        {
            Start();
        }

        _isDriven = false;
    }

    internal override void EndWith(Exception thrown) => _running!.SetThrown(thrown);

    private void Start()
    {
        try
        {
            _running = body(this) ?? throw new InvalidOperationException($"The body of {Name} returned null; make it an async method.");
        }
#pragma warning disable CA1031 // It has failed like any other, and whoever delegates to it has to be told.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            _running = GeneratorBody<TReturn>.FailedWith(thrown);
            return;
        }

        if (Injected is { } injected)
        {
            // Thrown into one that hasn't begun: it ends there, and none of its body runs.
            Injected = null;
            _running.SetThrown(injected);
            return;
        }

        _running.Resume();
    }
}
