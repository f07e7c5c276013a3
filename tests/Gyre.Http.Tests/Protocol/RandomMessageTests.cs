using System.Globalization;
using System.Text;
using CsCheck;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

/// <summary>Properties over random messages. CsCheck prints the seed of a failure; set <c>CsCheck_Seed</c> to see it again.</summary>
public class RandomMessageTests
{
    private const string TokenBytes = "!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz";

    private static readonly string[] s_framingNames = ["content-length", "transfer-encoding"];

    private static readonly Gen<string> s_token = Gen.Char[TokenBytes].Array[1, 12].Select(chars => new string(chars));

    private static readonly Gen<string> s_value =
        Gen.OneOf(Gen.Char['!', '~'], Gen.Char['\u0080', '\u00ff'], Gen.Const(' '), Gen.Const('\t')).Array[0, 40]
            .Select(chars => new string(chars).Trim(' ', '\t'));

    private static readonly Gen<(string Name, string Value)[]> s_fields =
        Gen.Select(s_token, s_value, (name, value) => ("x-" + name, value)).Array[0, 8];

    private static readonly string[] s_splinters =
    [
        "\r", "\n", "\r\n", "\r\n\r\n", " ", "\t", "\0", ":", ";", ",", "0", "5", "f", "\u0080", "\"", "#", "HTTP/1.1", "HTTP/1.0",
        "Host: y\r\n", "Content-Length: 3\r\n", "content-length:0\r\n", "Transfer-Encoding: chunked\r\n",
        "transfer-encoding: gzip\r\n", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n", "1\r\nz\r\n", "7fffffffffffffff\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "Expect: 100-continue\r\n", "Connection: close\r\n",
    ];

    private static readonly Gen<(int Kind, int At, string Splinter)> s_mutation =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 10_000], Gen.Int[0, s_splinters.Length - 1], (kind, at, i) => (kind, at, s_splinters[i]));

    private static readonly Gen<string> s_blank = Gen.Char[" \t"].Array[0, 3].Select(chars => new string(chars));

    private static readonly Gen<Message> s_message =
        from target in Gen.Char['!', '~'].Where(c => c != '#').Array[0, 60].Select(chars => "/" + new string(chars))
        from fields in s_fields
        from blanks in s_blank.Array[fields.Length * 2]
        from body in Gen.Byte.Array[0, 60]
        from chunkSizes in Gen.Int[1, 20].Array[1, 60]
        from isChunked in Gen.Bool
        from trailers in s_fields
        select new Message(target, fields, blanks, body, chunkSizes, isChunked, isChunked ? trailers : []);

    [Fact]
    public void A_valid_message_is_understood_in_any_split() =>
        Gen.Select(s_message.Array[1, 3], Gen.Int[1, 50].Array[1, 200]).Sample(
            (messages, steps) =>
            {
                byte[] bytes = [.. messages.SelectMany(message => message.ToBytes())];
                string expected = string.Concat(messages.Select(message => message.Expected())) + "CLOSED\n";
                Assert.Equal(expected, Transcript.Whole(bytes));
                Assert.Equal(expected, Transcript.Bytewise(bytes));
                Assert.Equal(expected, Transcript.Split(bytes, Cuts(steps, bytes.Length)));
            },
            iter: 3000);

    [Fact]
    public void A_mutated_message_never_throws_nor_depends_on_splits_nor_is_framed_in_two_ways() =>
        Gen.Select(s_message.Array[1, 2], s_mutation.Array[1, 4], Gen.Int[1, 50].Array[1, 200])
            .Sample(
                (messages, mutations, steps) =>
                {
                    List<byte> bytes = [.. messages.SelectMany(message => message.ToBytes())];
                    foreach ((int kind, int at, string splinter) in mutations)
                    {
                        Mutate(bytes, kind, at, Encoding.Latin1.GetBytes(splinter));
                    }

                    byte[] mutated = [.. bytes];
                    string whole = Transcript.Whole(mutated);
                    Assert.Equal(whole, Transcript.Bytewise(mutated));
                    Assert.Equal(whole, Transcript.Split(mutated, Cuts(steps, mutated.Length)));
                    AssertFramedInOneWay(mutated);
                },
                iter: 20_000);

    private static IEnumerable<int> Cuts(int[] steps, int length)
    {
        int at = 0;
        foreach (int step in steps)
        {
            at += step;
            if (at >= length)
            {
                yield break;
            }

            yield return at;
        }
    }

    private static void Mutate(List<byte> bytes, int kind, int at, byte[] splinter)
    {
        int index = at % (bytes.Count + 1);
        int end = Math.Min(index + splinter.Length, bytes.Count);
        switch (kind)
        {
            case 0:
                bytes.RemoveRange(index, end - index);
                break;
            case 1:
                bytes.InsertRange(index, bytes[index..Math.Min(index + 20, bytes.Count)]);
                break;
            case 2:
                bytes.RemoveRange(index, end - index);
                bytes.InsertRange(index, splinter);
                break;
            default:
                // Where a line starts, so that whole header lines and chunks land where they count.
                int lineEnd = bytes.IndexOf((byte)'\n', Math.Min(index, bytes.Count));
                bytes.InsertRange(kind == 3 || lineEnd < 0 ? index : lineEnd + 1, splinter);
                break;
        }
    }

    /// <summary>
    /// Reads what was accepted again, in the most careless way: if a careless reader would see other framing than ours
    /// in an accepted head, two readers would disagree about where it ends.
    /// </summary>
    private static void AssertFramedInOneWay(byte[] bytes)
    {
        RequestReader reader = new();
        ReadOnlySpan<byte> rest = bytes;
        for (int i = 0; i < 100_000; i++)
        {
            ReaderEvent found = reader.Read(rest, out int consumed);
            if (found == ReaderEvent.Head)
            {
                AssertCarelessReaderAgrees(Encoding.Latin1.GetString(rest[..consumed]), reader.Head);
            }
            else if (found is ReaderEvent.Error or ReaderEvent.NeedData)
            {
                return;
            }
            else if (found == ReaderEvent.End)
            {
                reader.Reset();
            }

            rest = rest[consumed..];
        }

        Assert.Fail("The reader goes round in circles.");
    }

    private static void AssertCarelessReaderAgrees(string head, RequestHead accepted)
    {
        string unix = head.Replace("\r\n", "\n", StringComparison.Ordinal);
        Assert.DoesNotContain('\r', unix);
        Assert.Equal(head.Count(c => c == '\n'), head.Count(c => c == '\r'));
        string[] framing = [.. unix.Split('\n').Where(line => s_framingNames.Contains(CarelessName(line)))];
        if (framing.Length == 0)
        {
            Assert.Equal(BodyFraming.None, accepted.Framing);
            return;
        }

        string only = Assert.Single(framing);
        string value = only[(only.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(' ');
        if (CarelessName(only) == "transfer-encoding")
        {
            Assert.Equal("chunked", value, ignoreCase: true);
            Assert.Equal(BodyFraming.Chunked, accepted.Framing);
        }
        else
        {
            Assert.Equal(value, accepted.ContentLength?.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static string CarelessName(string line) => new([.. line.Split(':')[0].ToLowerInvariant().Where(c => c > ' ' && c != '\u007f')]);

    private sealed record Message(
        string Target,
        (string Name, string Value)[] Fields,
        string[] Blanks,
        byte[] Body,
        int[] ChunkSizes,
        bool IsChunked,
        (string Name, string Value)[] Trailers)
    {
        internal byte[] ToBytes()
        {
            StringBuilder text = new($"POST {Target} HTTP/1.1\r\nHost: x\r\n");
            for (int i = 0; i < Fields.Length; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Fields[i].Name}:{Blanks[i * 2]}{Fields[i].Value}{Blanks[(i * 2) + 1]}\r\n");
            }

            string body = Encoding.Latin1.GetString(Body);
            text.Append(IsChunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {Body.Length}\r\n\r\n");
            text.Append(IsChunked ? Chunks(body) : body);
            return Encoding.Latin1.GetBytes(text.ToString());
        }

        internal string Expected()
        {
            StringBuilder text = new($"HEAD POST(Post) {Target}(Origin) Http11");
            int mark = Target.IndexOf('?', StringComparison.Ordinal);
            text.Append(mark < 0 ? $" path={Target} query=" : $" path={Target[..mark]} query={Target[(mark + 1)..]}");
            text.Append(CultureInfo.InvariantCulture, $" authority=x {(IsChunked ? "Chunked" : Body.Length > 0 ? "Length" : "None")}");
            text.Append(IsChunked ? "" : $" length={Body.Length}").Append(" keep-alive [Host|Host|x]");
            text.Append(string.Concat(Fields.Select(field => $" [{Known(field.Name)}|{field.Name}|{field.Value}]")));
            text.Append(IsChunked ? " [TransferEncoding|Transfer-Encoding|chunked]\n" : $" [ContentLength|Content-Length|{Body.Length}]\n");
            text.Append(Body.Length > 0 ? $"DATA {Encoding.Latin1.GetString(Body)}\n" : "");
            text.Append("END" + string.Concat(Trailers.Select(field => $" [{Known(field.Name)}|{field.Name}|{field.Value}]")));
            return text.Append('\n').ToString();
        }

        private static KnownHeader Known(string name) => KnownHeaders.Find(Encoding.ASCII.GetBytes(name));

        private string Chunks(string body)
        {
            StringBuilder text = new();
            int at = 0;
            for (int i = 0; at < body.Length; i++)
            {
                int size = Math.Min(ChunkSizes[i % ChunkSizes.Length], body.Length - at);
                text.Append(size.ToString(i % 2 == 0 ? "x" : "X4", CultureInfo.InvariantCulture));
                text.Append(i % 3 == 0 ? ";a=\"b;\"\r\n" : "\r\n");
                text.Append(body.AsSpan(at, size)).Append("\r\n");
                at += size;
            }

            text.Append("0\r\n");
            foreach ((string name, string value) in Trailers)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
            }

            return text.Append("\r\n").ToString();
        }
    }
}
