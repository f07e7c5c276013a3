namespace Gyre.Drivers;

/// <summary>Counts of one driver since it was made.</summary>
/// <param name="SystemCalls">System calls to submit, wait and move bytes; 0 when the driver can't count them.</param>
/// <param name="Waits">Calls of <see cref="Driver.Turn"/> that were allowed to wait.</param>
/// <param name="Completions">Events found, whether or not a handler was called for each.</param>
/// <param name="Connections">Connections open now.</param>
/// <param name="BuffersHeld">Receive buffers that consumers hold now.</param>
/// <param name="StaleCompletions">Events that arrived for an object already gone, and were dropped.</param>
public readonly record struct DriverStatistics(
    long SystemCalls, long Waits, long Completions, int Connections, int BuffersHeld, long StaleCompletions);
