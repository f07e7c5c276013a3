using System.Globalization;
using System.Text;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.References;

/// <summary>What a handler made of a body: what it read to its end, and how it came to an end itself. The limits are held against what it saw.</summary>
/// <param name="limits">Which it had.</param>
internal sealed class FormAccount(FormLimits limits)
{
    private const int PieceBytes = 16;

    /// <summary>Everything that was read whole, one entry for each.</summary>
    internal List<string> Entries { get; } = [];

    /// <summary>The status: 200, or what the failure says.</summary>
    internal int Status { get; private set; }

    /// <summary>Bytes that were allocated while it read, its own entries included.</summary>
    internal long Allocated { get; private set; }

    /// <summary>What was thrown and isn't documented, or what an oracle said; the server would make a 500 of it.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Walks over the parts; of every third it leaves the body, of every second it reads a piece at a time.</summary>
    internal Task WalkAsync(HttpRequest request) => MeasureAsync(async () =>
    {
        int count = 0;
        await foreach (MultipartPart part in request.ReadMultipartAsync(limits.Parts))
        {
            Verify.That(count < limits.Parts.PartsMax, "more parts than may be");
            JudgeHeaders(part);
            string content = (count++ % 3) switch
            {
                0 => Convert.ToHexString(await part.ReadBytesAsync()),
                1 => await ReadPiecesAsync(part),
                _ => "left",
            };
            Entries.Add($"{Described(part)} {content}");
        }
    });

    /// <summary>Reads the form into memory.</summary>
    internal Task GatherAsync(HttpRequest request) => MeasureAsync(async () =>
    {
        HttpForm form = await request.ReadFormAsync(limits.Form);
        Verify.That(form.Fields.Count + form.Files.Count <= limits.Form.FieldsMax, "more fields than may be");
        foreach ((string name, string value) in form.Fields)
        {
            // A byte as sent is at most three bytes of text: what isn't UTF-8 may become U+FFFD.
            Verify.That(Encoding.UTF8.GetByteCount(name) <= 3 * limits.Form.NameBytesMax, "a longer name than may be");
            Verify.That(Encoding.UTF8.GetByteCount(value) <= 3 * limits.Form.ValueBytesMax, "a longer value than may be");
            Entries.Add($"{name}={value}");
        }

        foreach (HttpFormFile file in form.Files)
        {
            Verify.That(file.Content.Length <= limits.Form.ValueBytesMax, "a longer file than may be");
            JudgeFileName(file.SafeFileName);
            Entries.Add($"{file.Name}: {file.FileName} ({file.SafeFileName}), {file.ContentType} {Convert.ToHexString(file.Content.Span)}");
        }
    });

    /// <summary>How it ended, for messages.</summary>
    public override string ToString() => $"{Status.ToString(CultureInfo.InvariantCulture)}: {string.Join(" | ", Entries)}";

    private async Task MeasureAsync(Func<Task> read)
    {
        // The simulation has one thread, so that nothing escapes this.
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            await read();
            Status = 200;
        }
        catch (HttpException failure) when (failure.StatusCode is 400 or 413 or 415)
        {
            Status = failure.StatusCode;
            throw;
        }
        catch (RemoteProtocolException failure) when (failure.Error.StatusCode == 413)
        {
            Status = 413;
            throw;
        }
        catch (Exception failure)
        {
            Failure = failure;
            throw;
        }
        finally
        {
            Allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private async Task<string> ReadPiecesAsync(MultipartPart part)
    {
        StringBuilder text = new();
        byte[] piece = new byte[PieceBytes];
        long length = 0;
        for (int count; (count = await part.Body.ReadAsync(piece)) > 0;)
        {
            length += count;
            Verify.That(length <= limits.Parts.PartBytesMax, "more bytes of a part than may be");
            text.Append(Convert.ToHexString(piece.AsSpan(0, count)));
        }

        return text.ToString();
    }

    private void JudgeHeaders(MultipartPart part)
    {
        Verify.That(part.Headers.Count <= limits.Parts.HeaderCountMax, "more headers than may be");
        Verify.That(part.Headers.Sum(header => header.Key.Length + header.Value.Length) <= limits.Parts.HeaderBytesMax, "longer headers than may be");
        JudgeFileName(part.SafeFileName);
    }

    private static void JudgeFileName(string? safe) => Verify.That(
        safe is null || (safe.Length > 0 && safe.Trim('.').Length > 0 && safe.IndexOfAny(['/', '\\', ':', '\0', '\r', '\n']) < 0), "an unsafe file name");

    private static string Described(MultipartPart part) =>
        $"{part.Name}: {part.FileName} ({part.SafeFileName}) {string.Join(' ', part.Headers.Select(header => $"{header.Key}={header.Value}"))}";
}
