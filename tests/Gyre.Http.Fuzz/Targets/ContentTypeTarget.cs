using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Fuzz.Engine;
using Microsoft.Net.Http.Headers;

namespace Gyre.Http.Fuzz.Targets;

/// <summary><c>Content-Type</c>, written again, and read by ASP.NET Core's parser too.</summary>
internal sealed class ContentTypeTarget : FuzzTarget
{
    internal override string Name => "content-type";

    internal override IReadOnlyList<string> Seeds =>
    [
        "text/html", "text/html; charset=utf-8", "multipart/form-data; boundary=\"a b\"", "multipart/form-data;boundary=x;;a=b ; c=\"\\\"\"",
        "a/b;charset=x;CHARSET=y",
        "text/html; charset=\"utf-8\"; q=1",
    ];

    internal override IReadOnlyList<string> Words =>
        ["/", ";", "; ", "=", "\"", "\\", "\\\"", "charset=", "boundary=", "BOUNDARY=\"", "utf-8", "text/html", " ", "\t", "\0", "\u0080", new string('x', 70)];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        if (!ContentTypeReader.TryParse(input, out ContentTypeReader type))
        {
            return;
        }

        byte[] again = Rewrite(input, type);
        Verify.That(ContentTypeReader.TryParse(again, out ContentTypeReader second), "a type that was written again isn't read");
        Verify.SameBytes(again, Rewrite(again, second), "a type that was written again reads otherwise");
        JudgeBoundary(type, second);
        JudgeOther(Encoding.Latin1.GetString(input), type);
    }

    private static byte[] Rewrite(ReadOnlySpan<byte> input, ContentTypeReader type)
    {
        List<byte> text = [.. type.Type, (byte)'/', .. type.Subtype];
        ParameterReader parameters = new(input[(type.Type.Length + 1 + type.Subtype.Length)..]);
        while (parameters.MoveNext())
        {
            text.AddRange([(byte)';', .. parameters.Name, (byte)'=', .. parameters.Value]);
        }

        return [.. text];
    }

    private static void JudgeBoundary(ContentTypeReader type, ContentTypeReader second)
    {
        bool isOne = type.TryGetBoundary(out ReadOnlySpan<byte> boundary);
        Verify.Same(isOne, second.TryGetBoundary(out ReadOnlySpan<byte> again), "a boundary is lost");
        if (isOne)
        {
            Verify.SameBytes(boundary, again, "a boundary is another");
            Verify.That(boundary.Length is > 0 and <= 70 && boundary.IndexOfAny((byte)'\r', (byte)'\n', (byte)'"') < 0, "a boundary holds what it can't");
        }
    }

    // It is laxer; where it understands the same text, it must not understand another thing.
    private static void JudgeOther(string text, ContentTypeReader type)
    {
        if (!MediaTypeHeaderValue.TryParse(text, out MediaTypeHeaderValue? theirs))
        {
            return;
        }

        Verify.Same($"{Encoding.ASCII.GetString(type.Type)}/{Encoding.ASCII.GetString(type.Subtype)}", theirs.MediaType.Value, "the type is another");
        if (type.TryGetBoundary(out ReadOnlySpan<byte> boundary))
        {
            Verify.Same(theirs.Boundary.Value!.Trim('"'), Encoding.ASCII.GetString(boundary), "the boundary is another than ASP.NET Core's");
        }

        if (type.TryGetCharset(out ReadOnlySpan<byte> charset))
        {
            Verify.Same(theirs.Charset.Value!.Trim('"'), Encoding.ASCII.GetString(charset), "the charset is another than ASP.NET Core's");
        }
    }
}
