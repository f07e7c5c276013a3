using System.Buffers.Text;
using System.Text;

namespace Gyre.Samples.Resp;

/// <summary>Keys and values in memory, and the commands on them. One loop runs all of them, so there is no lock.</summary>
public sealed class KeyValueStore
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _values = [];

    /// <summary>Runs a command and returns its reply; null for an empty one, which has none.</summary>
    /// <param name="command">An array of bulk strings, the first of them the name.</param>
    /// <param name="isLast">Whether the client asked to quit.</param>
    public RespValue? Execute(RespValue command, out bool isLast)
    {
        isLast = false;
        if (command.Kind != RespKind.Array || command.Items.FirstOrDefault(static item => item.Kind != RespKind.BulkString || item.IsNull) is not null)
        {
            return RespValue.Error($"ERR a command is an array of bulk strings, not {command}");
        }

        if (command.Items.Count == 0)
        {
            return null;
        }

        string name = TextOf(command.Items[0].Bytes).ToUpperInvariant();
        ReadOnlyMemory<byte>[] arguments = [.. command.Items.Skip(1).Select(static item => item.Bytes)];
        isLast = name == "QUIT";
        return (name, arguments.Length) switch
        {
            ("PING", 0) => RespValue.Simple("PONG"u8.ToArray()),
            ("PING", 1) or ("ECHO", 1) => RespValue.Bulk(arguments[0]),
            ("SET", 2) => Set(arguments[0], arguments[1]),
            ("GET", 1) => _values.TryGetValue(TextOf(arguments[0]), out ReadOnlyMemory<byte> value) ? RespValue.Bulk(value) : RespValue.NullBulk,
            ("DEL", > 0) => RespValue.Integer(arguments.Count(key => _values.Remove(TextOf(key)))),
            ("INCR", 1) => Increment(TextOf(arguments[0])),
            ("QUIT", _) => RespValue.Ok,
            ("PING" or "ECHO" or "SET" or "GET" or "DEL" or "INCR", _) =>
                RespValue.Error($"ERR wrong number of arguments for '{name.ToLowerInvariant()}' command"),
            _ => RespValue.Error($"ERR unknown command {RespText.Show(command.Items[0].Bytes.Span)}"),
        };
    }

    /// <summary>Latin-1 has a character for each byte, so that different keys stay different.</summary>
    private static string TextOf(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span);

    private RespValue Set(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
    {
        _values[TextOf(key)] = value;
        return RespValue.Ok;
    }

    private RespValue Increment(string key)
    {
        ReadOnlySpan<byte> old = _values.TryGetValue(key, out ReadOnlyMemory<byte> value) ? value.Span : "0"u8;
        if (!Utf8Parser.TryParse(old, out long number, out int used) || used != old.Length)
        {
            return RespValue.Error("ERR value is not an integer or out of range");
        }

        if (number == long.MaxValue)
        {
            return RespValue.Error("ERR increment or decrement would overflow");
        }

        _values[key] = Encoding.ASCII.GetBytes($"{number + 1}");
        return RespValue.Integer(number + 1);
    }
}
