using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Fields;

/// <summary>Header lines as the reader hands them over, in Latin-1.</summary>
internal static class Lines
{
    internal static FieldSection Of(params (string Name, string Value)[] lines)
    {
        StringBuilder text = new("GET / HTTP/1.1\r\nHost: x\r\n");
        foreach ((string name, string value) in lines)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        RequestReader reader = new();
        Assert.Equal(ReaderEvent.Head, reader.Read(Encoding.Latin1.GetBytes(text.Append("\r\n").ToString()), out _));
        return reader.Head.Headers;
    }

    internal static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    internal static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
