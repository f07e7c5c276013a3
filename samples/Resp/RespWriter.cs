using System.Buffers;
using System.Text;

namespace Gyre.Samples.Resp;

/// <summary>Values as bytes on the wire.</summary>
public static class RespWriter
{
    public static void Write(IBufferWriter<byte> output, RespValue value)
    {
        switch (value.Kind)
        {
            case RespKind.SimpleString:
                WriteLine(output, '+', value.Bytes.Span);
                break;
            case RespKind.Error:
                WriteLine(output, '-', value.Bytes.Span);
                break;
            case RespKind.Integer:
                WriteNumber(output, ':', value.Number);
                break;
            case RespKind.BulkString when !value.IsNull:
                WriteNumber(output, '$', value.Bytes.Length);
                output.Write(value.Bytes.Span);
                output.Write("\r\n"u8);
                break;
            case RespKind.BulkString:
                output.Write("$-1\r\n"u8);
                break;
            default:
                WriteArray(output, value);
                break;
        }
    }

    private static void WriteArray(IBufferWriter<byte> output, RespValue array)
    {
        WriteNumber(output, '*', array.IsNull ? -1 : array.Items.Count);
        foreach (RespValue item in array.Items)
        {
            Write(output, item);
        }
    }

    private static void WriteNumber(IBufferWriter<byte> output, char type, long number) => output.Write(Encoding.ASCII.GetBytes($"{type}{number}\r\n"));

    /// <summary>A line that held CR or LF would be read as two; an error may quote what a client sent, so they become blanks.</summary>
    private static void WriteLine(IBufferWriter<byte> output, char type, ReadOnlySpan<byte> text)
    {
        Span<byte> line = output.GetSpan(text.Length + 3);
        line[0] = (byte)type;
        text.CopyTo(line[1..]);
        line.Slice(1, text.Length).Replace((byte)'\r', (byte)' ');
        line.Slice(1, text.Length).Replace((byte)'\n', (byte)' ');
        "\r\n"u8.CopyTo(line[(text.Length + 1)..]);
        output.Advance(text.Length + 3);
    }
}
