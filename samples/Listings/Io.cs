namespace Gyre.Samples.Listings;

/// <summary>A request to a server elsewhere: the description, which does nothing by itself.</summary>
/// <param name="Name">What is asked for; whatever begins with "broken" fails.</param>
/// <param name="Takes">Milliseconds until it is answered.</param>
public sealed record Io(string Name, int Takes)
{
    /// <inheritdoc/>
    public override string ToString() => $"request for {Name}";
}
