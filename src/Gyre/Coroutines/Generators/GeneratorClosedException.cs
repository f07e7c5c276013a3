namespace Gyre.Generators;

/// <summary>Thrown at the pending yield of a generator that is closed, so that its <c>finally</c> blocks run. Let it pass.</summary>
public sealed class GeneratorClosedException : Exception
{
    /// <summary>Makes one with the usual text.</summary>
    public GeneratorClosedException()
        : base("The generator is closed; let this exception pass.")
    {
    }

    /// <summary>Makes one with a text of your own.</summary>
    public GeneratorClosedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a text and a cause.</summary>
    public GeneratorClosedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
