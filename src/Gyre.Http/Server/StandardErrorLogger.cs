using Microsoft.Extensions.Logging;

namespace Gyre.Http.Server;

/// <summary>The logger of a server that was given none: warnings and errors, as lines on standard error.</summary>
internal sealed class StandardErrorLogger : ILogger
{
    public static readonly StandardErrorLogger Instance = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            string behind = exception is null ? "" : $": {exception}";
            Console.Error.WriteLine($"gyre: {formatter(state, exception)}{behind}");
        }
    }
}
