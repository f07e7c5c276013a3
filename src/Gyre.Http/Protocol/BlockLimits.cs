namespace Gyre.Http.Protocol;

/// <summary>What bounds one block of lines.</summary>
/// <param name="End">The position in the text that the block's last line must not pass.</param>
/// <param name="CountMax">How many lines it may have.</param>
/// <param name="TooLarge">What passing <paramref name="End"/> is called.</param>
internal readonly record struct BlockLimits(int End, int CountMax, ProtocolFault TooLarge);
