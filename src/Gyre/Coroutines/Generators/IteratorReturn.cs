using System.Diagnostics;

namespace Gyre.Generators;

/// <summary>The return value of an iterator, as the last thing that it yields.</summary>
internal abstract class IteratorReturn : Yieldable
{
    public abstract string TypeName { get; }

    internal override bool IsSeen { get; set; }

    internal override Exception? Thrown => null;

    internal override ValueTask SettleAsync() => throw new UnreachableException("A return value is taken by the trampoline.");
}
