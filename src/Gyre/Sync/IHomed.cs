namespace Gyre.Sync;

/// <summary>Something that may outlive its loop and serve the next one.</summary>
internal interface IHomed
{
    /// <summary>Its loop has ended; what flows of that loop left here, waits above all, is nobody's any more.</summary>
    void ForgetFlows();
}
