using System.Buffers;
using System.Text;
using Gyre.Generators;
using Gyre.Samples.Resp;

namespace Gyre.Tests.Samples;

/// <summary>The parser of <c>samples/Resp</c> without any IO.</summary>
public sealed class RespTests
{
    private static readonly RespOptions s_small = new()
    {
        BulkBytesMax = 8, ArrayItemsMax = 3, ArrayDepthMax = 2, LineBytesMax = 10, MessageBytesMax = 40,
    };

    [Theory]
    [InlineData("+OK\r\n", "OK")]
    [InlineData("+\r\n", "")]
    [InlineData("-ERR no\r\n", "(error) ERR no")]
    [InlineData(":0\r\n", "(integer) 0")]
    [InlineData(":+7\r\n", "(integer) 7")]
    [InlineData(":-9223372036854775808\r\n", "(integer) -9223372036854775808")]
    [InlineData("$0\r\n\r\n", "\"\"")]
    [InlineData("$5\r\na\r\nb\0\r\n", "\"a\\r\\nb\\x00\"")]
    [InlineData("$-1\r\n", "(nil)")]
    [InlineData("*0\r\n", "[]")]
    [InlineData("*-1\r\n", "(nil)")]
    [InlineData("*3\r\n:1\r\n$1\r\na\r\n$-1\r\n", "[(integer) 1, \"a\", (nil)]")]
    [InlineData("*2\r\n*1\r\n+a\r\n*2\r\n*0\r\n:1\r\n", "[[a], [[], (integer) 1]]")]
    [InlineData("PING\r\n", "[\"PING\"]")]
    [InlineData("PING\n", "[\"PING\"]")]
    [InlineData("  SET\ta  1 \r\n", "[\"SET\", \"a\", \"1\"]")]
    [InlineData("ECHO \"a b\\n\\x41\\\"\" 'c \\n\\''\r\n", "[\"ECHO\", \"a b\\nA\\\"\", \"c \\\\n'\"]")]
    [InlineData("ECHO \"\" ''\r\n", "[\"ECHO\", \"\", \"\"]")]
    public void A_value_is_what_it_says_however_it_is_cut(string text, string value) => Assert.Equal([value], RespDriver.ParseInEveryCut(text));

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\n  \r\n")]
    public void Nothing_and_empty_lines_are_no_values(string text) => Assert.Empty(RespDriver.ParseInEveryCut(text));

    [Fact]
    public void Values_that_come_together_are_told_one_by_one() =>
        Assert.Equal(
            ["[\"SET\", \"a\", \"1\"]", "[\"GET\", \"a\"]", "OK", "(integer) 1", "\"1\""],
            RespDriver.ParseInEveryCut("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\nGET a\n\r\n+OK\r\n:1\r\n$1\r\n1\r\n"));

    [Theory]
    [InlineData("?\r\n", "At byte 0: \"?\" begins no value; one begins with +, -, :, $ or *.")]
    [InlineData("\r\n", "At byte 0: \"\\r\" begins no value; one begins with +, -, :, $ or *.")]
    [InlineData(":1\r\n*1\r\nx\r\n", "At byte 8: \"x\" begins no value; one begins with +, -, :, $ or *.")]
    [InlineData("+OK\n", "At byte 0: the line of a simple string, \"+OK\", ends in LF without CR.")]
    [InlineData("-a\rb\r\n", "At byte 0: the line of an error, \"-a\\rb\\r\", has a CR in its middle.")]
    [InlineData(":\r\n", "At byte 0: an integer is \"\", not a number of 64 bits.")]
    [InlineData(":1 \r\n", "At byte 0: an integer is \"1 \", not a number of 64 bits.")]
    [InlineData(":9223372036854775808\r\n", "At byte 0: an integer is \"9223372036854775808\", not a number of 64 bits.")]
    [InlineData(":1\0\r\n", "At byte 0: an integer is \"1\\x00\", not a number of 64 bits.")]
    [InlineData("$x\r\n", "At byte 0: the length of a bulk string is \"x\", not a number of 64 bits.")]
    [InlineData("$-2\r\n", "At byte 0: the length of a bulk string is -2; it is from 0 to 536870912, or -1 for null.")]
    [InlineData("$536870913\r\n", "At byte 0: the length of a bulk string is 536870913; it is from 0 to 536870912, or -1 for null.")]
    [InlineData("$1\r\nabc", "At byte 0: a bulk string of 1 bytes is followed by \"bc\", not by CR LF.")]
    [InlineData("*1.5\r\n", "At byte 0: the count of an array is \"1.5\", not a number of 64 bits.")]
    [InlineData("*1048577\r\n", "At byte 0: the count of an array is 1048577; it is from 0 to 1048576, or -1 for null.")]
    [InlineData("+OK", "At byte 0: the input ends in the middle of a simple string.")]
    [InlineData("$3\r\nab", "At byte 0: the input ends in the middle of a bulk string of 3 bytes.")]
    [InlineData("$3\r\nabc\r", "At byte 0: the input ends in the middle of a bulk string of 3 bytes.")]
    [InlineData("*2\r\n:1\r\n", "At byte 8: the input ends in the middle of an array.")]
    public void What_is_malformed_is_told_with_its_place(string text, string error) =>
        Assert.Equal(error, RespDriver.ParseInEveryCut(text, new RespOptions { AllowInline = false })[^1]);

    [Theory]
    [InlineData("PING", "At byte 0: the input ends in the middle of an inline command.")]
    [InlineData("ECHO \"a\r\n", "At byte 0: a \" in an inline command isn't closed.")]
    [InlineData("ECHO 'a\r\n", "At byte 0: a ' in an inline command isn't closed.")]
    [InlineData("PING\r\nECHO \"a\"b\r\n", "At byte 6: a word of an inline command goes on behind its closing quote, at \"b\".")]
    public void So_is_a_malformed_inline_command(string text, string error) => Assert.Equal(error, RespDriver.ParseInEveryCut(text)[^1]);

    [Theory]
    [InlineData("$9\r\n", "At byte 0: the length of a bulk string is 9; it is from 0 to 8, or -1 for null.")]
    [InlineData("*4\r\n", "At byte 0: the count of an array is 4; it is from 0 to 3, or -1 for null.")]
    [InlineData("*1\r\n*1\r\n*1\r\n", "At byte 8: arrays are nested deeper than 2 levels.")]
    [InlineData("+1234567890\r\n", "At byte 0: the line of a simple string is longer than 10 bytes.")]
    [InlineData("+12345678901234567890", "At byte 0: the line of a simple string is longer than 10 bytes.")]
    [InlineData("PING 1234567890\r\n", "At byte 0: the line of an inline command is longer than 10 bytes.")]
    [InlineData(":1\r\n*3\r\n$8\r\n12345678\r\n$8\r\n12345678\r\n$8\r\n12345678\r\n", "At byte 4: the message is longer than 40 bytes.")]
    public void A_limit_is_told(string text, string error) => Assert.Equal(error, RespDriver.ParseInEveryCut(text, s_small)[^1]);

    [Theory]
    [InlineData("+123456789\r\n", "123456789")]
    [InlineData("$8\r\n12345678\r\n", "\"12345678\"")]
    [InlineData("*1\r\n*3\r\n:1\r\n:2\r\n:3\r\n", "[[(integer) 1, (integer) 2, (integer) 3]]")]
    public void What_just_fits_is_taken(string text, string value) => Assert.Equal([value], RespDriver.ParseInEveryCut(text, s_small));

    [Fact]
    public void A_bulk_string_larger_than_any_buffer_arrives_in_pieces()
    {
        byte[] large = [.. Enumerable.Range(0, 300_000).Select(static i => (byte)i)];
        byte[] bytes = [.. Encoding.ASCII.GetBytes($"${large.Length}\r\n"), .. large, .. "\r\n:1\r\n"u8];
        RespValue[] values = [.. RespDriver.Values(bytes.Chunk(1000))];
        Assert.Equal(large, values[0].Bytes.ToArray());
        Assert.Equal(1, values[1].Number);
    }

    [Fact]
    public void An_announced_length_costs_no_memory_before_its_bytes_come()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("ends in the middle", RespDriver.Parse(["*1048576\r\n$536870912\r\n"u8.ToArray()])[0], StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Arrays_may_nest_deeper_than_a_stack_would_bear()
    {
        const int depth = 100_000;
        var options = new RespOptions { ArrayDepthMax = depth };
        byte[] open = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("*1\r\n", depth)));
        RespValue value = Assert.Single(RespDriver.Values([open, ":7\r\n"u8.ToArray()], options));
        int levels = 0;
        for (; value.Kind == RespKind.Array; value = value.Items[0])
        {
            levels++;
        }

        Assert.Equal(depth, levels);
        Assert.Equal(7, value.Number);
        Assert.Equal(["At byte 400000: \"?\" begins no value; one begins with +, -, :, $ or *."], RespDriver.Parse([open, "?"u8.ToArray()], options));
    }

    [Fact]
    public void It_asks_for_bytes_before_it_has_any_and_returns_how_many_values_there_were()
    {
        Generator<RespEvent, ReadOnlySequence<byte>, long> parser = RespParser.Create();
        Assert.Equal(RespEvent.NeedsBytes, parser.Next().Yielded);
        Assert.Equal("OK", $"{parser.Send(Sequence("+OK\r\n:1")).Yielded.Value}");
        Assert.Equal(RespEvent.NeedsBytes, parser.Next().Yielded);
        Assert.Equal("(integer) 12", $"{parser.Send(Sequence("2\r\n")).Yielded.Value}");
        Assert.Equal(RespEvent.NeedsBytes, parser.Next().Yielded);
        Assert.Equal(2, parser.Send(default).Returned);
    }

    [Fact]
    public void Bytes_sent_where_a_value_was_yielded_are_kept()
    {
        Generator<RespEvent, ReadOnlySequence<byte>, long> parser = RespParser.Create();
        parser.Next();
        Assert.NotNull(parser.Send(Sequence("+a\r\n")).Yielded.Value);
        Assert.Equal("b", $"{parser.Send(Sequence("+b\r\n")).Yielded.Value}");
    }

    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData("-ERR\r\n")]
    [InlineData(":-12\r\n")]
    [InlineData("$2\r\n\r\n\r\n")]
    [InlineData("$-1\r\n")]
    [InlineData("*-1\r\n")]
    [InlineData("*2\r\n*1\r\n$0\r\n\r\n*0\r\n")]
    public void What_is_written_is_what_was_read(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        var output = new ArrayBufferWriter<byte>();
        foreach (RespValue value in RespDriver.Values([bytes]))
        {
            RespWriter.Write(output, value);
        }

        Assert.Equal(bytes, output.WrittenSpan.ToArray());
    }

    [Fact]
    public void An_error_that_quotes_line_ends_stays_one_line()
    {
        var output = new ArrayBufferWriter<byte>();
        RespWriter.Write(output, RespValue.Error("a\r\nb"));
        Assert.Equal("-a  b\r\n"u8, output.WrittenSpan);
    }

    private static ReadOnlySequence<byte> Sequence(string text) => new(Encoding.Latin1.GetBytes(text));
}
