using System.Globalization;

namespace Gyre.Samples.Resp;

/// <summary>
/// A command as people type it: words apart by blanks. In double quotes blanks count, and <c>\n \r \t \b \a \xHH</c> and an
/// escaped character stand for one byte; in single quotes only <c>\'</c> does.
/// </summary>
internal static class InlineCommand
{
    /// <summary>The words as an array of bulk strings; null when there are none.</summary>
    /// <exception cref="RespException">A quote isn't closed, or a word goes on behind one.</exception>
    public static RespValue? Parse(ReadOnlySpan<byte> line, long at)
    {
        var words = new List<RespValue>();
        for (int i = 0; ;)
        {
            while (i < line.Length && IsBlank(line[i]))
            {
                i++;
            }

            if (i == line.Length)
            {
                return words.Count == 0 ? null : RespValue.Array(words);
            }

            words.Add(RespValue.Bulk(ReadWord(line, ref i, at)));
        }
    }

    private static bool IsBlank(byte one) => one is (byte)' ' or (byte)'\t';

    private static byte[] ReadWord(ReadOnlySpan<byte> line, ref int i, long at)
    {
        var word = new List<byte>();
        while (i < line.Length && !IsBlank(line[i]))
        {
            byte one = line[i++];
            if (one is not ((byte)'"' or (byte)'\''))
            {
                word.Add(one);
                continue;
            }

            ReadQuoted(line, ref i, one, word, at);
            if (i < line.Length && !IsBlank(line[i]))
            {
                throw new RespException(at, $"a word of an inline command goes on behind its closing quote, at {RespText.Show(line[i..])}.");
            }
        }

        return [.. word];
    }

    private static void ReadQuoted(ReadOnlySpan<byte> line, ref int i, byte quote, List<byte> word, long at)
    {
        while (i < line.Length && line[i] != quote)
        {
            word.Add(line[i] == '\\' ? ReadEscape(line, ref i, quote) : line[i]);
            i++;
        }

        if (i == line.Length)
        {
            throw new RespException(at, $"a {(char)quote} in an inline command isn't closed.");
        }

        i++;
    }

    /// <summary>The byte that an escape stands for; <paramref name="i"/> is left on its last character.</summary>
    private static byte ReadEscape(ReadOnlySpan<byte> line, ref int i, byte quote)
    {
        bool isSingle = quote == '\'';
        if (i + 1 == line.Length || (isSingle && line[i + 1] != quote))
        {
            return line[i];
        }

        i++;
        if (line[i] == 'x' && i + 2 < line.Length && byte.TryParse(line.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, null, out byte value))
        {
            i += 2;
            return value;
        }

        return (char)line[i] switch
        {
            'n' => (byte)'\n',
            'r' => (byte)'\r',
            't' => (byte)'\t',
            'b' => (byte)'\b',
            'a' => (byte)'\a',
            _ => line[i],
        };
    }
}
