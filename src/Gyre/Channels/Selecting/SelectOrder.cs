namespace Gyre.Channels;

/// <summary>Which of several cases that are ready a <see cref="Select"/> takes.</summary>
public enum SelectOrder
{
    /// <summary>Any, with equal chances: none can starve another. A simulation decides by its seed.</summary>
    Random,

    /// <summary>The one that was added first: for a case that is more urgent than the others, a stop signal say.</summary>
    Biased,
}
