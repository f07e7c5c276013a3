namespace Gyre.Channels;

/// <summary>What is in an <see cref="AsyncQueue{T}"/> and who waits at it, at one moment.</summary>
/// <param name="Count">Items in it.</param>
/// <param name="Capacity">How many may be; <see cref="int.MaxValue"/> for no limit.</param>
/// <param name="Unfinished">Items that were put and not reported done.</param>
/// <param name="GettersWaiting">Flows that wait for an item.</param>
/// <param name="PuttersWaiting">Flows that wait for room.</param>
/// <param name="JoinersWaiting">Flows that wait until everything is done.</param>
/// <param name="IsShutDown">Whether nothing more can be put.</param>
public readonly record struct QueueStatistics(
    int Count, int Capacity, long Unfinished, int GettersWaiting, int PuttersWaiting, int JoinersWaiting, bool IsShutDown);
