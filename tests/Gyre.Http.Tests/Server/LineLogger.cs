using Microsoft.Extensions.Logging;

namespace Gyre.Http.Tests.Server;

/// <summary>Hands on what the server says as lines, in the form of its own default logger.</summary>
internal sealed class LineLogger(Action<string> take) : ILogger
{
    public static readonly LineLogger Silent = new(static _ => { });

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            take($"gyre: {formatter(state, exception)}" + (exception is null ? "" : $": {exception}"));
        }
    }
}
