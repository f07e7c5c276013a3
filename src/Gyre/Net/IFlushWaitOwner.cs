using System.IO.Pipelines;

namespace Gyre.Net;

/// <summary>The writer whose flush waits.</summary>
internal interface IFlushWaitOwner
{
    bool IsBroken { get; }

    /// <summary>Why, once it is.</summary>
    Exception BrokenReason { get; }

    FlushResult TakeResult();
}
