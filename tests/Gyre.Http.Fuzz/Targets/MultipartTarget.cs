using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>
/// Forms from the wire to fields: a line with the content type, then the body. A server in a simulated world reads it, whole and cut,
/// under usual and under small limits, part by part and as a form in memory.
/// </summary>
internal sealed class MultipartTarget : FuzzTarget
{
    /// <summary>Allocated for any body: the library's buffer and its lists, a failure with its text and stack.</summary>
    private const int AllocatedAlways = 160 * 1024;

    /// <summary>And for each byte: headers, names and values as text, and the account of them in hexadecimal.</summary>
    private const int AllocatedPerByteMax = 64;

    /// <summary>The library's limit for what stands behind a boundary on its line.</summary>
    private const int LibraryLineMax = 100;

    private readonly FormServer[] _servers = [new(FormLimits.Roomy), new(FormLimits.Tight)];
    private long _heads;
    private long _read;
    private long _refused;
    private long _byPieces;
    private long _allocatedMost;

    internal override string Name => "multipart";

    internal override int LengthMax => 768;

    /// <summary>Eight times a server's start, a connection and the end of both.</summary>
    internal override int BranchesAlways => 50_000;

    internal override int BranchesPerByteMax => 1000;

    /// <summary>Each sends eight bodies to a server.</summary>
    internal override int MutationsInTests => 200;

    internal override IReadOnlyList<string> Seeds =>
    [
        "multipart/form-data; boundary=b\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--b--\r\n",
        "multipart/form-data; boundary=b\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\x.txt\"\r\n" +
        "Content-Type: text/plain\r\n\r\nx\r\n--bb\r\n--b \r\n" +
        "Content-Disposition: form-data; name=c\r\nContent-Type: text/plain; charset=utf-16\r\n\r\nA\0\r\n--b--",
        "multipart/mixed; boundary=\"b b\"\npreamble\r\n--b b\r\n\r\n\r\n--b b--epilogue", "multipart/form-data; boundary=b\n--b--",
        "application/x-www-form-urlencoded\na=b&c=%20+%zz&=", "text/plain\n",
    ];

    internal override IReadOnlyList<string> Words =>
    [
        "--b", "\r\n--b", "\r\n--b--", "--", "\r\n", "\r\n\r\n", "Content-Disposition: form-data; name=\"a\"", "; filename=\"\"", "; name=\"\"",
        "Content-Type: text/plain; charset=", "utf-8", "utf-16", "utf-16be", "us-ascii", "latin1", "\r", "\n", "b", ": ", " ", "\\", "\\\"", "%22", "../",
        "multipart/form-data; boundary=", "multipart/mixed; boundary=", "application/x-www-form-urlencoded", "&", "=", "+", "%00", "\u00ef\u00bb\u00bf",
        "\u00ff\u00fe",
    ];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        int end = input.IndexOf((byte)'\n') is >= 0 and int found ? found : input.Length;
        ReadOnlySpan<byte> type = input[..end];
        byte[] body = input[Math.Min(end + 1, input.Length)..].ToArray();
        foreach (FormServer server in _servers)
        {
            if (Read(server, "/walk", type, body) is { } walk && server == _servers[0])
            {
                JudgeByLibrary(walk, type, body);
            }

            Read(server, "/gather", type, body);
        }
    }

    internal override IEnumerable<string> Tallies() =>
    [
        $"{_heads} heads refused, {_read} bodies read, {_refused} refused, {_byPieces} taken or refused by how they were cut",
        $"at most {_allocatedMost} bytes allocated for a body",
    ];

    private FormAccount? Read(FormServer server, string path, ReadOnlySpan<byte> type, byte[] body)
    {
        FormAccount? whole = server.Ask(path, type, body, FormServer.BytesAtOnce);
        _heads += whole is null ? 1 : 0;
        if (whole is not null)
        {
            JudgeMemory(whole, body.Length);
            _read += whole.Status == 200 ? 1 : 0;
            _refused += whole.Status == 200 ? 0 : 1;
        }

        // By every byte, by odd pieces, and in chunks, whose end isn't known before.
        int kind = body.Length % 3;
        Compare(whole, server.Ask(path, type, body, kind == 0 ? 1 : kind == 1 ? 7 : 0), HasLongBoundaryLine(body));
        return whole;
    }

    private void Compare(FormAccount? whole, FormAccount? cut, bool hasLongBoundaryLine)
    {
        Verify.Same(whole is null, cut is null, "a cut decides about the head");
        if (whole is null || cut is null)
        {
            return;
        }

        if (whole.Status == 200 && cut.Status == 200)
        {
            Verify.Same(whole.ToString(), cut.ToString(), "a cut changes what is read");
            return;
        }

        int common = Math.Min(whole.Entries.Count, cut.Entries.Count);
        Verify.Same(string.Join('|', whole.Entries.Take(common)), string.Join('|', cut.Entries.Take(common)), "a cut changes what is read before a refusal");
        _byPieces += (whole.Status == 200) == (cut.Status == 200) ? 0 : 1;

        // A length that is too much is refused at once, chunks when they are too many, which others may forestall.
        bool areRefused = whole.Status != 200 && cut.Status != 200;
        Verify.That(whole.Status == cut.Status || areRefused || hasLongBoundaryLine, $"a cut changes the verdict from {whole.Status} to {cut.Status}");
    }

    /// <summary>
    /// Whether the library may meet its limit for what stands behind a boundary on the same line: it looks at what has come of it, not at
    /// what there is in all. README.md says more.
    /// </summary>
    private static bool HasLongBoundaryLine(ReadOnlySpan<byte> body)
    {
        for (int at = 0; body[at..].IndexOf("--"u8) is >= 0 and int found; at += found + 1)
        {
            ReadOnlySpan<byte> line = body[(at + found)..];
            int end = line.IndexOf("\r\n"u8);
            if ((end < 0 ? line.Length : end) > LibraryLineMax)
            {
                return true;
            }
        }

        return false;
    }

    private void JudgeMemory(FormAccount account, int length)
    {
        _allocatedMost = Math.Max(_allocatedMost, account.Allocated);
        Verify.That(account.Allocated <= AllocatedAlways + (AllocatedPerByteMax * length), "memory beyond the body's own size");
    }

    private static void JudgeByLibrary(FormAccount walk, ReadOnlySpan<byte> type, byte[] body)
    {
        List<string>? parts = LibraryForm.Parts(type, body, FormLimits.Roomy.Parts);
        if (walk.Status != 200 || parts is null)
        {
            Verify.That(walk.Status != 200 || HasLongBoundaryLine(body), "a body is read that the library refuses");
            return;
        }

        Verify.Same(parts.Count, walk.Entries.Count, "other parts than the library's");
        for (int i = 0; i < parts.Count; i++)
        {
            Verify.That(i % 3 == 2 || walk.Entries[i].EndsWith($" {parts[i]}", StringComparison.Ordinal), "another content than the library's");
        }
    }
}
