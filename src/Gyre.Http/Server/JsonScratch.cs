using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gyre.Http.Server;

/// <summary>A writer and its buffer, kept by the loop's server, so that an answer in JSON allocates no more than the serializer does.</summary>
internal sealed class JsonScratch
{
    private const int BytesInitial = 1024;
    private const int BytesKept = 256 * 1024;

    private readonly Utf8JsonWriter _writer;
    private ArrayBufferWriter<byte> _buffer = new(BytesInitial);

    public JsonScratch() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });

    public ReadOnlySpan<byte> Serialize<T>(T value, JsonTypeInfo<T> typeInfo)
    {
        Clear();
        return Write(value, typeInfo);
    }

    /// <summary>The same with a byte before it: the bracket or comma of an array.</summary>
    public ReadOnlySpan<byte> Serialize<T>(byte before, T value, JsonTypeInfo<T> typeInfo)
    {
        Clear();
        _buffer.GetSpan(1)[0] = before;
        _buffer.Advance(1);
        return Write(value, typeInfo);
    }

    private ReadOnlySpan<byte> Write<T>(T value, JsonTypeInfo<T> typeInfo)
    {
        _writer.Reset(_buffer);
        JsonSerializer.Serialize(_writer, value, typeInfo);
        _writer.Flush();
        return _buffer.WrittenSpan;
    }

    private void Clear()
    {
        if (_buffer.Capacity > BytesKept)
        {
            _buffer = new ArrayBufferWriter<byte>(BytesInitial);
        }

        _buffer.ResetWrittenCount();
    }
}
