namespace Gyre.Generators;

/// <summary>A generator as the one that delegates to it sees it.</summary>
internal interface IDelegate<TYield, TSend>
{
    /// <summary>The frame of its own body.</summary>
    GeneratorFlow<TYield, TSend> Frame { get; }

    /// <summary>The innermost frame, which is the next to run: of another one, if it delegated before.</summary>
    GeneratorFlow<TYield, TSend> Top { get; }

    /// <summary>From now on the outermost generator alone drives it.</summary>
    void Lend();
}
