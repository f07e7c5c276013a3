using System.Globalization;
using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

/// <summary>
/// Feeds bytes to a reader in given pieces and writes down what it said, data joined, so that two ways of splitting can
/// be compared as text. The bytes behind what was consumed are offered again, as a server would.
/// </summary>
internal static class Transcript
{
    internal static string Whole(byte[] message, HttpLimits? limits = null) => Split(message, [], limits);

    internal static string Bytewise(byte[] message, HttpLimits? limits = null) =>
        Split(message, Enumerable.Range(1, Math.Max(message.Length - 1, 0)), limits);

    internal static string Split(byte[] message, IEnumerable<int> cuts, HttpLimits? limits = null)
    {
        Recorder recorder = new(new RequestReader(limits));
        int from = 0;
        foreach (int cut in cuts.Append(message.Length))
        {
            recorder.Feed(message.AsSpan(from, cut - from));
            from = cut;
        }

        return recorder.Finish();
    }

    internal static string Describe(RequestHead head)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"HEAD {Latin1(head.MethodSpan)}({head.Method})");
        text.Append(CultureInfo.InvariantCulture, $" {Latin1(head.TargetSpan)}({head.TargetForm})");
        text.Append(CultureInfo.InvariantCulture, $" {head.Version} path={Latin1(head.PathSpan)} query={Latin1(head.QuerySpan)}");
        text.Append(CultureInfo.InvariantCulture, $" authority={Latin1(head.AuthoritySpan)} {head.Framing}");
        text.Append(head.ContentLength is long length ? $" length={length}" : "");
        text.Append(head.KeepAlive ? " keep-alive" : " close");
        text.Append(head.ExpectContinue ? " expects-100" : "");
        text.Append(head.IsUpgrade ? " upgrade" : "");
        AppendFields(text, head.Headers);
        return text.Append('\n').ToString();
    }

    private static void AppendFields(StringBuilder text, FieldSection fields)
    {
        foreach (FieldLine line in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $" [{line.Known}|{Latin1(line.Name)}|{Latin1(line.Value)}]");
        }
    }

    private static string Latin1(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>One connection's account.</summary>
    internal sealed class Recorder(RequestReader reader)
    {
        private readonly StringBuilder _text = new();
        private readonly StringBuilder _data = new();
        private long _events;

        internal bool IsFailed { get; private set; }

        internal void Feed(ReadOnlySpan<byte> input)
        {
            // A copy, wiped afterwards: what the reader keeps must not depend on the input.
            byte[] copy = input.ToArray();
            ReadOnlySpan<byte> rest = copy;
            while (!IsFailed)
            {
                ReaderEvent found = reader.Read(rest, out int consumed);
                Record(found, rest);
                if (found == ReaderEvent.Error)
                {
                    break;
                }

                rest = rest[consumed..];
                if (found == ReaderEvent.NeedData)
                {
                    Xunit.Assert.True(rest.IsEmpty, "NeedData left input behind.");
                    break;
                }

                Xunit.Assert.True(++_events < 1_000_000, "The reader goes round in circles.");
            }

            Array.Clear(copy);
        }

        internal string Finish()
        {
            if (!IsFailed)
            {
                Record(reader.InputEnded(), default);
            }

            return _text.ToString();
        }

        private void Record(ReaderEvent found, ReadOnlySpan<byte> input)
        {
            switch (found)
            {
                case ReaderEvent.Head:
                    _text.Append(Describe(reader.Head));
                    break;
                case ReaderEvent.Data:
                    Xunit.Assert.NotEqual(0, reader.DataLength);
                    _data.Append(Latin1(input[reader.DataRange]));
                    break;
                case ReaderEvent.End:
                    FlushData();
                    _text.Append("END");
                    AppendFields(_text, reader.Trailers);
                    _text.Append('\n');
                    reader.Reset();
                    break;
                case ReaderEvent.Closed:
                    _text.Append("CLOSED\n");
                    break;
                case ReaderEvent.Error:
                    IsFailed = true;
                    FlushData();
                    _text.Append(CultureInfo.InvariantCulture, $"ERROR {reader.Error!.Fault} {reader.Error}\n");
                    Xunit.Assert.Equal(ReaderEvent.Error, reader.Read("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8, out int consumed));
                    Xunit.Assert.Equal(0, consumed);
                    break;
            }
        }

        private void FlushData()
        {
            if (_data.Length > 0)
            {
                _text.Append(CultureInfo.InvariantCulture, $"DATA {_data}\n");
                _data.Clear();
            }
        }
    }
}
