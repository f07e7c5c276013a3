namespace Gyre.Drivers;

/// <summary>An operation under way that can be cancelled.</summary>
public abstract class DriverOperation
{
    /// <summary>
    /// Asks for an early end. The terminal event still follows: with <c>OperationAborted</c>, or with the outcome if that
    /// came first. Has no effect once the operation has ended.
    /// </summary>
    public abstract void Cancel();
}
