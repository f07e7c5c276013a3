using System.Buffers;
using System.Text.Json;
using Gyre.Http.Protocol;

namespace Gyre.Http.Server;

/// <summary>An error for machines, RFC 9457: status, its phrase, a sentence, and the request's id to ask about.</summary>
internal static class ProblemDetails
{
    public static ReadOnlySpan<byte> Encode(int statusCode, string? detail, string requestId, string? exception = null)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, StatusLines.Reason(statusCode));
            json.WriteNumber("status"u8, statusCode);
            if (detail is not null)
            {
                json.WriteString("detail"u8, detail);
            }

            json.WriteString("requestId"u8, requestId);
            if (exception is not null)
            {
                json.WriteString("exception"u8, exception);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }
}
