namespace Gyre.Loop;

/// <summary>Something that gathers work during a turn and hands it to the driver at the turn's end.</summary>
internal interface IFlushable
{
    /// <summary>Hands over what was gathered. Called once per request, before the loop submits.</summary>
    void FlushAtEndOfTurn();
}
