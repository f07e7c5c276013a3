using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gyre.Http.Routing;

namespace Gyre.Http;

/// <summary>
/// The values of a route's parameters: segments of the path, decoded exactly once. Good until the handler ends. Reading bytes or
/// numbers allocates nothing.
/// </summary>
/// <remarks>Used on the loop of its connection.</remarks>
[DebuggerDisplay("{Count} values")]
public sealed class RouteValues
{
    private readonly RequestPath _path;
    private (int Start, int Length)[] _ranges = new (int, int)[8];
    private string[] _names = [];

    internal RouteValues(RequestPath path) => _path = path;

    /// <summary>How many parameters have a value; an optional one that was left out has none.</summary>
    public int Count { get; private set; }

    /// <summary>The value as text; null when the parameter was left out, or the route has none of that name.</summary>
    /// <param name="name">As the template writes it.</param>
    public string? this[string name] => TryGetValue(name, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : null;

    /// <summary>The name of a parameter.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1, in the template's order.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such value.</exception>
    public string GetName(int index)
    {
        Verify(index);
        return _names[index];
    }

    /// <summary>The value of a parameter, UTF-8.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1, in the template's order.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such value.</exception>
    public ReadOnlySpan<byte> GetValue(int index)
    {
        Verify(index);
        return _path.Decoded.Slice(_ranges[index].Start, _ranges[index].Length);
    }

    /// <summary>Finds a value.</summary>
    /// <param name="name">As the template writes it.</param>
    /// <param name="value">UTF-8; of a catch-all, segments with slashes between, none at the start.</param>
    /// <returns>False when the parameter was left out, or the route has none of that name.</returns>
    public bool TryGetValue(string name, out ReadOnlySpan<byte> value)
    {
        ArgumentNullException.ThrowIfNull(name);
        for (int i = 0; i < Count; i++)
        {
            if (_names[i] == name)
            {
                value = GetValue(i);
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>A value as a whole number. The template's <c>:int</c> or <c>:long</c> makes sure that it is one.</summary>
    /// <param name="name">As the template writes it.</param>
    /// <exception cref="InvalidOperationException">There is no such value, or it is no number.</exception>
    public long GetInt64(string name)
    {
        ReadOnlySpan<byte> value = Required(name);
        return Utf8Parser.TryParse(value, out long number, out int used) && used == value.Length
            ? number
            : throw new InvalidOperationException(
                $"The parameter '{name}' is '{Encoding.UTF8.GetString(value)}', which is no whole number; constrain it with {{{name}:long}}.");
    }

    /// <summary>A value as a whole number.</summary>
    /// <inheritdoc cref="GetInt64"/>
    /// <exception cref="OverflowException">The number has more than 32 bits; constrain it with <c>:int</c>.</exception>
    public int GetInt32(string name)
    {
        long number = GetInt64(name);
        return number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw new OverflowException($"The parameter '{name}' is '{this[name]}', which has more than 32 bits; constrain it with {{{name}:int}}.");
    }

    /// <summary>A value as a GUID. The template's <c>:guid</c> makes sure that it is one.</summary>
    /// <param name="name">As the template writes it.</param>
    /// <exception cref="InvalidOperationException">There is no such value, or it is no GUID.</exception>
    public Guid GetGuid(string name)
    {
        ReadOnlySpan<byte> value = Required(name);
        return Guid.TryParse(value, CultureInfo.InvariantCulture, out Guid guid)
            ? guid
            : throw new InvalidOperationException(
                $"The parameter '{name}' is '{Encoding.UTF8.GetString(value)}', which is no GUID; constrain it with {{{name}:guid}}.");
    }

    internal void Push(int start, int length)
    {
        if (Count == _ranges.Length)
        {
            Array.Resize(ref _ranges, Count * 2);
        }

        _ranges[Count++] = (start, length);
    }

    internal void Pop() => Count--;

    internal void Name(string[] names) => _names = names;

    internal void Clear()
    {
        Count = 0;
        _names = [];
    }

    private ReadOnlySpan<byte> Required(string name) => TryGetValue(name, out ReadOnlySpan<byte> value)
        ? value
        : throw new InvalidOperationException($"The request's path has no value for a parameter '{name}'; the template names the parameters.");

    private void Verify(int index) => ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
}
