using System.Diagnostics;

namespace Gyre.Generators;

/// <summary>What a generator did when it was driven: it yielded a value, or it ended with one.</summary>
/// <typeparam name="TYield">The type of what it yields.</typeparam>
/// <typeparam name="TReturn">The type of what it returns at its end.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct Step<TYield, TReturn> : IEquatable<Step<TYield, TReturn>>
{
    private readonly TYield? _yielded;
    private readonly TReturn? _returned;

    private Step(bool isReturn, TYield? yielded, TReturn? returned)
    {
        IsReturn = isReturn;
        _yielded = yielded;
        _returned = returned;
    }

    /// <summary>Whether the generator has ended.</summary>
    public bool IsReturn { get; }

    /// <summary>The yielded value.</summary>
    /// <exception cref="InvalidOperationException">The generator ended instead.</exception>
    public TYield Yielded => IsReturn
        ? throw new InvalidOperationException("The generator ended with this step and yielded nothing; ask IsReturn first, and read Returned.")
        : _yielded!;

    /// <summary>The returned value.</summary>
    /// <exception cref="InvalidOperationException">The generator yielded instead.</exception>
    public TReturn Returned => IsReturn
        ? _returned!
        : throw new InvalidOperationException("The generator yielded with this step and has not ended; ask IsReturn first, and read Yielded.");

    /// <summary>Whether both are the same sort of step with the same value.</summary>
    public static bool operator ==(Step<TYield, TReturn> left, Step<TYield, TReturn> right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(Step<TYield, TReturn> left, Step<TYield, TReturn> right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Step<TYield, TReturn> other) =>
        IsReturn == other.IsReturn &&
        EqualityComparer<TYield?>.Default.Equals(_yielded, other._yielded) &&
        EqualityComparer<TReturn?>.Default.Equals(_returned, other._returned);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Step<TYield, TReturn> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsReturn, _yielded, _returned);

    /// <inheritdoc/>
    public override string ToString() => IsReturn ? $"returned {_returned}" : $"yielded {_yielded}";

    internal static Step<TYield, TReturn> Yield(TYield value) => new(isReturn: false, value, default);

    internal static Step<TYield, TReturn> Return(TReturn value) => new(isReturn: true, default, value);
}
