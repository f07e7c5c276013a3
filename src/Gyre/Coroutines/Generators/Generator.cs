namespace Gyre.Generators;

/// <summary>Makes two-way generators.</summary>
public static class Generator
{
    /// <summary>The key under which an exception that unwound several generators names them, innermost first, in its <c>Data</c>.</summary>
    public const string TraceKey = "Gyre.Generators.Trace";

    /// <summary>Makes a generator that yields, is sent values and returns one; nothing of its body runs before it is driven.</summary>
    /// <typeparam name="TYield">The type of what it yields.</typeparam>
    /// <typeparam name="TSend">The type of what is sent in.</typeparam>
    /// <typeparam name="TReturn">The type of what it returns at its end.</typeparam>
    /// <param name="body">The body; it awaits nothing but <c>g.Yield(…)</c> and <c>g.YieldFrom(…)</c>.</param>
    /// <param name="name">Its name in messages; null for none.</param>
    public static Generator<TYield, TSend, TReturn> Create<TYield, TSend, TReturn>(
        Func<GeneratorFlow<TYield, TSend>, GeneratorBody<TReturn>> body, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new Generator<TYield, TSend, TReturn>(body, name);
    }
}
