using Microsoft.Extensions.Logging;

namespace Gyre.Http.Server;

/// <summary>What the server says, each with an id that stays.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Error, "a handler failed: {Request}, id {RequestId}")]
    public static partial void HandlerFailed(ILogger logger, string request, string requestId, Exception failure);

    [LoggerMessage(2, LogLevel.Error, "a handler failed after its response had begun: {Request}, id {RequestId}")]
    public static partial void HandlerFailedLate(ILogger logger, string request, string requestId, Exception failure);

    [LoggerMessage(
        3, LogLevel.Error, "a handler promised a body of {Promised} bytes and wrote {Written}, so the connection was aborted: {Request}, id {RequestId}")]
    public static partial void BodyIncomplete(ILogger logger, long? promised, long written, string request, string requestId);

    [LoggerMessage(4, LogLevel.Error, "{Connection} was aborted")]
    public static partial void ConnectionFailed(ILogger logger, object connection, Exception failure);

    [LoggerMessage(5, LogLevel.Warning, "a connection could not be handed to loop '{Loop}': {Reason}")]
    public static partial void HandOverFailed(ILogger logger, string loop, string reason);

    [LoggerMessage(6, LogLevel.Debug, "a connection from {Peer} ended before it spoke HTTP: {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, object? peer, string reason);

    [LoggerMessage(7, LogLevel.Information, "draining: {InFlight} requests in flight, {Timeout} to finish them")]
    public static partial void Draining(ILogger logger, int inFlight, TimeSpan timeout);

    [LoggerMessage(9, LogLevel.Information, "process {Process} has taken over the listeners")]
    public static partial void HandedOver(ILogger logger, int process);

    [LoggerMessage(10, LogLevel.Warning, "a process asked for the listeners in vain: {Reason}")]
    public static partial void HandOverRefused(ILogger logger, string reason);

    [LoggerMessage(8, LogLevel.Warning, "drained by force: {InFlight} requests hadn't ended after {Timeout}")]
    public static partial void DrainTimedOut(ILogger logger, int inFlight, TimeSpan timeout);

    [LoggerMessage(
        11, LogLevel.Warning, "{Listener} was passed on, but no endpoint is named like it or has its address, so it is closed and its clients are refused")]
    public static partial void ListenerUnwanted(ILogger logger, string listener);

    [LoggerMessage(12, LogLevel.Debug, "a request from {Peer} was refused with {Status}: {Reason}")]
    public static partial void RequestRefused(ILogger logger, object? peer, int status, string reason);

    [LoggerMessage(13, LogLevel.Warning, "no listener was inherited (LISTEN_FDS), so all endpoints are opened here")]
    public static partial void NothingInherited(ILogger logger);

    [LoggerMessage(20, LogLevel.Warning, "the access log dropped {Lines} lines, because its sink is slower than the requests come")]
    public static partial void AccessLogDropped(ILogger logger, long lines);

    [LoggerMessage(21, LogLevel.Error, "the access log could not be written, so {Lines} lines are lost: {Reason}")]
    public static partial void AccessLogFailed(ILogger logger, long lines, string reason);

    [LoggerMessage(22, LogLevel.Warning, "a request was ended after {Timeout}, its response {Begun}: {Request}, id {RequestId}")]
    public static partial void RequestTimedOut(ILogger logger, TimeSpan timeout, string begun, string request, string requestId);

    [LoggerMessage(23, LogLevel.Warning, "the check '{Check}' failed: {Reason}")]
    public static partial void CheckFailed(ILogger logger, string check, string reason);
}
