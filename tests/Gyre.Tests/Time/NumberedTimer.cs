using Gyre.Time;

namespace Gyre.Tests;

/// <summary>A timer that is told apart by its number.</summary>
internal sealed class NumberedTimer(int number) : TimerEntry
{
    public int Number => number;

    protected internal override void OnDue()
    {
    }
}
