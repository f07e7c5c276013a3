using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Gyre.Http.Routing;

/// <summary>The constraints that templates name: <c>int</c>, <c>range(1,9)</c>, <c>regex(^a+$)</c>… and those that a program adds.</summary>
internal sealed class RouteConstraints
{
    private const int TextCharactersMax = 256;

    private readonly Dictionary<string, RouteConstraint> _own = new(StringComparer.Ordinal);

    /// <summary>Adds a constraint without arguments.</summary>
    public void Add(string name, RouteConstraint constraint)
    {
        if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit))
        {
            throw new ArgumentException($"'{name}' is no name of a constraint: use ASCII letters and digits.", nameof(name));
        }

        if (IsBuiltIn(name) || !_own.TryAdd(name, constraint))
        {
            throw new ArgumentException($"There is a constraint '{name}' already.", nameof(name));
        }
    }

    /// <summary>The constraint that a template writes as <paramref name="text"/>.</summary>
    /// <exception cref="ArgumentException">There is none, or its arguments are wrong.</exception>
    public RouteConstraint Get(string text, string template)
    {
        int open = text.IndexOf('(', StringComparison.Ordinal);
        if (open >= 0 && !text.EndsWith(')'))
        {
            throw new ArgumentException($"The constraint '{text}' of route '{template}' has a parenthesis that isn't closed at its end.");
        }

        string name = open < 0 ? text : text[..open];
        string? arguments = open < 0 ? null : text[(open + 1)..^1];
        if (arguments is null && _own.TryGetValue(name, out RouteConstraint? own))
        {
            return own;
        }

        string form = FormOf(name) ?? throw new ArgumentException(
            $"The constraint '{text}' of route '{template}' is unknown; there are int, long, guid, alpha, bool, decimal, min(n), max(n), " +
            "range(a,b), length(n), length(a,b), minlength(n), maxlength(n), regex(…), and those added with Constraint.");
        try
        {
            // Arguments of one that takes none aren't looked at.
            return (arguments is null ? Plain(name) : form == name ? null : WithArguments(name, arguments)) ?? throw new ArgumentException(
                $"The constraint '{text}' of route '{template}' has a wrong number of arguments; write {form}.");
        }
        catch (Exception failure) when (failure is FormatException or OverflowException)
        {
            throw new ArgumentException(
                $"The arguments of the constraint '{text}' of route '{template}' must be whole numbers of 64 bits, the smaller one first.");
        }
        catch (Exception failure) when (failure is RegexParseException or NotSupportedException)
        {
            throw new ArgumentException(
                $"The constraint '{text}' of route '{template}' isn't a pattern that is matched in linear time: {failure.Message}", failure);
        }
    }

    private static bool IsBuiltIn(string name) => FormOfBuiltIn(name) is not null;

    /// <summary>How a constraint is written; null when there is none of that name.</summary>
    private string? FormOf(string name) => _own.ContainsKey(name) ? name : FormOfBuiltIn(name);

    private static string? FormOfBuiltIn(string name) => name switch
    {
        "min" or "max" or "minlength" or "maxlength" => $"{name}(n)",
        "range" => "range(a,b)",
        "length" => "length(n) or length(a,b)",
        "regex" => "regex(…)",
        _ => Plain(name) is null ? null : name,
    };

    private static RouteConstraint? Plain(string name) => name switch
    {
        "int" => static value => IsWhole<int>(value),
        "long" => static value => IsWhole<long>(value),
        "guid" => static value => Guid.TryParse(value, out _),
        "alpha" => static value => !value.ContainsAnyExcept(s_letters),
        "bool" => static value => Ascii.EqualsIgnoreCase(value, "true"u8) || Ascii.EqualsIgnoreCase(value, "false"u8),
        "decimal" => static value => decimal.TryParse(
            value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _),
        _ => null,
    };

    private static RouteConstraint? WithArguments(string name, string arguments)
    {
        if (name == "regex")
        {
            // Without backtracking its time is linear in the value, whoever sent that.
            var regex = new Regex(arguments, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return value => Matches(regex, value);
        }

        long[] numbers = [.. arguments.Split(',').Select(static n => long.Parse(n.Trim(), CultureInfo.InvariantCulture))];
        if (numbers is [long first, long second] && first > second)
        {
            throw new FormatException("No number is between them.");
        }

        return (name, numbers) switch
        {
            ("min", [long least]) => value => TryWhole(value, out long found) && found >= least,
            ("max", [long most]) => value => TryWhole(value, out long found) && found <= most,
            ("range", [long least, long most]) => value => TryWhole(value, out long found) && found >= least && found <= most,
            ("length", [long length]) => value => CharactersOf(value) == length,
            ("length", [long least, long most]) => value => CharactersOf(value) is int found && found >= least && found <= most,
            ("minlength", [long least]) => value => CharactersOf(value) >= least,
            ("maxlength", [long most]) => value => CharactersOf(value) <= most,
            _ => null,
        };
    }

    private static readonly System.Buffers.SearchValues<byte> s_letters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private static bool IsWhole<T>(ReadOnlySpan<byte> value)
        where T : System.Numerics.IBinaryInteger<T> =>
        T.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static bool TryWhole(ReadOnlySpan<byte> value, out long found) =>
        Utf8Parser.TryParse(value, out found, out int used) && used == value.Length;

    private static int CharactersOf(ReadOnlySpan<byte> value) => Encoding.UTF8.GetCharCount(value);

    private static bool Matches(Regex regex, ReadOnlySpan<byte> value)
    {
        if (value.Length > TextCharactersMax)
        {
            return regex.IsMatch(Encoding.UTF8.GetString(value));
        }

        Span<char> text = stackalloc char[TextCharactersMax];
        return regex.IsMatch(text[..Encoding.UTF8.GetChars(value, text)]);
    }
}
