namespace Gyre.Http.Server;

/// <summary>What the peer is told of a failure.</summary>
/// <param name="StatusCode">400 to 599.</param>
/// <param name="Detail">Null for the status's own phrase.</param>
/// <param name="IsDefect">Whether it is this side's fault, and therefore logged.</param>
/// <param name="EndsConnection">Whether what follows on the connection can't be trusted to start a request.</param>
internal readonly record struct FailureAnswer(int StatusCode, string? Detail, bool IsDefect = false, bool EndsConnection = false);
