namespace Gyre.Channels;

/// <summary>What is in a channel and who waits at it, at one moment.</summary>
/// <param name="Stored">Items that are stored.</param>
/// <param name="Capacity">How many may be; <see cref="int.MaxValue"/> for no limit.</param>
/// <param name="ReadersWaiting">Flows, and cases of selects, that wait for an item.</param>
/// <param name="WritersWaiting">Flows, and cases of selects, that wait for room.</param>
/// <param name="OpenReaders">Reading ends that weren't disposed.</param>
/// <param name="OpenWriters">Writing ends that weren't disposed.</param>
/// <param name="IsClosed">Whether nothing more can be written.</param>
public readonly record struct ChannelStatistics(
    int Stored, int Capacity, int ReadersWaiting, int WritersWaiting, int OpenReaders, int OpenWriters, bool IsClosed);
