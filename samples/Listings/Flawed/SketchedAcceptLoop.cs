namespace Gyre.Samples.Listings.Flawed;

/// <summary>The accept loop as it is first written down.</summary>
public static class SketchedAcceptLoop
{
    /// <summary>Takes whatever the handler returns for nothing, as a call in Python does.</summary>
    public static void Serve(TinySystem system, Dictionary<string, Func<string, object?>> routes)
    {
        while (system.HasArrivals)
        {
            string request = system.Accept();
            Func<string, object?> handler = routes[request];
            handler(request);
        }
    }
}
