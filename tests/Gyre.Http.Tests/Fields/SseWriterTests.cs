using System.Buffers;
using System.Text;
using CsCheck;
using Gyre.Http.Fields;

namespace Gyre.Http.Tests.Fields;

public sealed class SseWriterTests
{
    [Fact]
    public void An_event_is_lines_and_an_empty_line()
    {
        Assert.Equal("data: a\n\n", Write(new ServerSentEvent("a")));
        Assert.Equal("data: \n\n", Write(new ServerSentEvent("")));
        Assert.Equal("data:  a\n\n", Write(new ServerSentEvent(" a")));
        Assert.Equal(
            "event: e\nid: 7\nretry: 1500\ndata: a\u00e9\n\n",
            Write(new ServerSentEvent("a\u00e9") { Event = "e", Id = "7", Retry = TimeSpan.FromMilliseconds(1500.9) }));
        Assert.Equal("id: \n\n", Write(new ServerSentEvent { Id = "" }));
        Assert.Equal("retry: 0\n\n", Write(new ServerSentEvent { Retry = TimeSpan.Zero }));
        Assert.Equal("data: \ufffd\n\n", Write(new ServerSentEvent("\ud800")));
    }

    [Theory]
    [InlineData("a\nb", "data: a\ndata: b\n\n")]
    [InlineData("a\rb", "data: a\ndata: b\n\n")]
    [InlineData("a\r\nb", "data: a\ndata: b\n\n")]
    [InlineData("a\n\rb", "data: a\ndata: \ndata: b\n\n")]
    [InlineData("\n", "data: \ndata: \n\n")]
    [InlineData("a\n", "data: a\ndata: \n\n")]
    [InlineData("a\n\nevent: x\n", "data: a\ndata: \ndata: event: x\ndata: \n\n")]
    public void Line_ends_within_data_begin_another_data_line(string data, string expected) =>
        Assert.Equal(expected, Write(new ServerSentEvent(data)));

    [Fact]
    public void A_comment_may_have_lines()
    {
        ArrayBufferWriter<byte> output = new();
        SseWriter.WriteComment(output, "a\r\ndata: b");
        Assert.Equal(": a\n: data: b\n\n", Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Empty(Read(Encoding.UTF8.GetString(output.WrittenSpan) + Encoding.UTF8.GetString(SseWriter.HeartBeat)));
    }

    [Theory]
    [InlineData("a\nb", "U+000A at index 1")]
    [InlineData("a\r", "U+000D at index 1")]
    [InlineData("\0", "U+0000 at index 0")]
    public void An_id_or_name_of_several_lines_is_refused_before_anything_is_written(string text, string expected)
    {
        ArrayBufferWriter<byte> output = new();
        ArgumentException id = Assert.Throws<ArgumentException>(() => SseWriter.Write(output, new ServerSentEvent("x") { Id = text }));
        ArgumentException name = Assert.Throws<ArgumentException>(() => SseWriter.Write(output, new ServerSentEvent("x") { Event = text }));
        Assert.Contains($"Id of the event holds {expected}", id.Message, StringComparison.Ordinal);
        Assert.Contains($"Event of the event holds {expected}", name.Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void An_empty_event_and_a_negative_wait_are_refused()
    {
        Assert.Contains("The event is empty", Assert.Throws<ArgumentException>(() => Write(default)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "must not be negative",
            Assert.Throws<ArgumentException>(() => Write(new ServerSentEvent { Retry = TimeSpan.FromTicks(-1) })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_browser_reads_what_was_written() =>
        Gen.Select(Gen.Char["ab: \r\n\u00e9\0"].Array[0, 20], Gen.Char["ab: \u00e9"].Array[1, 5]).Array[1, 4].Sample(
            events =>
            {
                string stream = string.Concat(events.Select(item =>
                    Write(new ServerSentEvent(new string(item.Item1)) { Event = new string(item.Item2) })));
                string[] expected =
                    [.. events.Select(item => new string(item.Item2) + "|" + new string(item.Item1).ReplaceLineEndings("\n"))];
                Assert.Equal(expected, Read(stream));
            });

    private static string Write(ServerSentEvent item)
    {
        ArrayBufferWriter<byte> output = new();
        SseWriter.Write(output, item);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>The standard's reader, in short: fields and values, dispatch at an empty line.</summary>
    private static List<string> Read(string stream)
    {
        List<string> events = [];
        string name = "";
        string data = "";
        foreach (string line in stream.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string value = colon < 0 ? "" : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            string field = colon < 0 ? line : line[..colon];
            name = field == "event" ? value : name;
            data += field == "data" ? value + "\n" : "";
            if (line.Length == 0 && data.Length > 0)
            {
                events.Add($"{name}|{data[..^1]}");
                (name, data) = ("", "");
            }
        }

        return events;
    }
}
