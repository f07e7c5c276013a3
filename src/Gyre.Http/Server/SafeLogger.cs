using Microsoft.Extensions.Logging;

namespace Gyre.Http.Server;

/// <summary>A logger that fails must not end the connections that it is told about.</summary>
internal sealed class SafeLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
#pragma warning disable CA1031 // Whatever a logger throws, the server goes on.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Nobody is left to tell: the logger is who would be.
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
#pragma warning disable CA1031 // Whatever a logger throws, the server goes on.
        catch (Exception)
#pragma warning restore CA1031
        {
            // As above.
        }
    }
}
