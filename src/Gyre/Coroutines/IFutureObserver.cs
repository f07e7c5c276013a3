namespace Gyre.Coroutines;

/// <summary>A flow or a callback that is told when a future settles. It queues what is to run; nothing runs inside the setter.</summary>
internal interface IFutureObserver
{
    /// <summary>
    /// Whether being told counts as having seen a failure. Who says no sees to it with <see cref="Waitable.KeepUnlessSeen"/>
    /// once whoever might look has had the chance.
    /// </summary>
    bool SeesFailures => true;

    /// <summary>Where it stands in an <see cref="ObserverList"/>, kept by that; whoever leaves rarely needn't remember.</summary>
    int Place
    {
        get => -1;
        set { }
    }

    /// <summary>On the loop's thread, once, unless it was taken out before.</summary>
    void OnSettled(Waitable settled);
}
