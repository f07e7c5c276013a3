namespace Gyre.Http.Fuzz.Engine;

/// <summary>Something that reads a stranger's bytes, with every oracle that is known for it.</summary>
internal abstract class FuzzTarget
{
    /// <summary>As on the command line and as the folder of its corpus.</summary>
    internal abstract string Name { get; }

    /// <summary>Longest input that is made, in bytes: long enough to pass the limits that the target has.</summary>
    internal virtual int LengthMax => 1024;

    /// <summary>Branches that any input may take, however short: lists of fixed length, references, readers made ready.</summary>
    internal virtual int BranchesAlways => 10_000;

    /// <summary>
    /// Most branches that an execution may take for a byte of input, all oracles together; the watchdog counts them. What is
    /// linear stays below by far at every length, what is quadratic passes it at <see cref="LengthMax"/>.
    /// </summary>
    internal virtual int BranchesPerByteMax => 500;

    /// <summary>How many mutations the tests run each time: some seconds' worth at most.</summary>
    internal virtual int MutationsInTests => 2000;

    /// <summary>Inputs to begin with, in Latin-1.</summary>
    internal abstract IReadOnlyList<string> Seeds { get; }

    /// <summary>Words that mutations insert, in Latin-1.</summary>
    internal abstract IReadOnlyList<string> Words { get; }

    /// <summary>Runs one input through all oracles.</summary>
    /// <exception cref="OracleException">One of them was contradicted; whatever else is thrown is a finding too.</exception>
    internal abstract void Run(ReadOnlySpan<byte> input);

    /// <summary>What was counted besides executions, one line each; empty when there is nothing to say.</summary>
    internal virtual IEnumerable<string> Tallies() => [];
}
