using System.Text;
using Gyre.Files;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.StaticFiles;

/// <summary>What goes on the wire.</summary>
internal sealed partial class FileServer
{
    private const string Path404 = "Not found";

    /// <summary>Sets status and headers for content; of several parts, returns what stands between them.</summary>
    private MultipartRanges? Begin(HttpContext context, FileRecord record, FileVariant variant, FilePlan plan)
    {
        HttpResponse response = context.Response;
        record.AddValidators(response.Headers, variant);
        record.AddContentHeaders(response.Headers, variant);
        if (_options.RangesMax > 0)
        {
            response.Headers.Set(KnownHeader.AcceptRanges, "bytes"u8);
        }

        response.ContentLength = plan.Part.Length;
        if (plan.Outcome == FileAnswer.Whole)
        {
            return null;
        }

        response.StatusCode = 206;
        if (plan.Outcome == FileAnswer.Part)
        {
            Span<byte> range = stackalloc byte[RangeHeader.ContentRangeBytesMax];
            response.Headers.Set(KnownHeader.ContentRange, range[..RangeHeader.WriteContentRange(plan.Part, variant.Stat.Length, range)]);
            return null;
        }

        response.Headers.TryGetValue(KnownHeader.ContentType, out ReadOnlySpan<byte> contentType);
        var frame = new MultipartRanges(plan.Parts!, variant.Stat.Length, contentType);
        response.Headers.Set(KnownHeader.ContentType, frame.ContentType);
        response.ContentLength = frame.Length;
        return frame;
    }

    private static async ValueTask SendAsync(HttpContext context, FileEntry entry, FilePlan plan, MultipartRanges? frame)
    {
        HttpResponse response = context.Response;
        if (frame is null)
        {
            await response.SendPieceAsync(entry.Handle, plan.Part.Start, plan.Part.Length);
            return;
        }

        for (int i = 0; i < plan.Parts!.Length; i++)
        {
            response.WriteBody(response.Connection, frame.HeadOf(i));
            await response.SendPieceAsync(entry.Handle, plan.Parts[i].Start, plan.Parts[i].Length);
        }

        response.WriteBody(response.Connection, frame.End);
    }

    private static void SendKept(HttpContext context, byte[] content, FilePlan plan, MultipartRanges? frame)
    {
        HttpResponse response = context.Response;
        if (frame is null)
        {
            response.Send(content.AsSpan((int)plan.Part.Start, (int)plan.Part.Length));
            return;
        }

        for (int i = 0; i < plan.Parts!.Length; i++)
        {
            response.WriteBody(response.Connection, frame.HeadOf(i));
            response.WriteBody(response.Connection, content.AsSpan((int)plan.Parts[i].Start, (int)plan.Parts[i].Length));
        }

        response.WriteBody(response.Connection, frame.End);
    }

    private static void AnswerWithoutContent(HttpContext context, FileRecord record, FileVariant variant, FilePlan plan)
    {
        HttpResponse response = context.Response;
        switch (plan.Outcome)
        {
            case FileAnswer.NotModified:
                record.AddValidators(response.Headers, variant);
                response.StatusCode = 304;
                response.Send(ReadOnlySpan<byte>.Empty);
                break;
            case FileAnswer.ConditionFailed:
                Refuse(response, 412, "The file isn't the one that the request's conditions name.");
                break;
            default:
                Span<byte> range = stackalloc byte[RangeHeader.ContentRangeBytesMax];
                response.Headers.Set(KnownHeader.ContentRange, range[..RangeHeader.WriteUnsatisfied(variant.Stat.Length, range)]);
                Refuse(response, 416, $"The file has {variant.Stat.Length} bytes, and none where the request asks for them.");
                break;
        }
    }

    private static ValueTask AnswerNotFound(HttpContext context)
    {
        Refuse(context.Response, 404, Path404);
        return default;
    }

    /// <summary>A download's name and a type that were set for the file don't belong to an error.</summary>
    private static void Refuse(HttpResponse response, int statusCode, string detail)
    {
        response.Headers.Remove(KnownHeader.ContentDisposition);
        response.SendError(statusCode, detail);
    }

    /// <summary>
    /// To the path with a slash, as it was received, and the query. One that begins with two slashes, or what browsers take for them, would
    /// lead to another host; routes take none, but parameters in a prefix may, so it is refused here as well.
    /// </summary>
    private static ValueTask AnswerRedirect(HttpContext context)
    {
        RequestHead head = context.Request.Head;
        ReadOnlySpan<byte> path = head.PathSpan;
        if (path.Length > 1 && path[1] is (byte)'/' or (byte)'\\')
        {
            return AnswerNotFound(context);
        }

        string query = head.QuerySpan.IsEmpty ? "" : "?" + Encoding.ASCII.GetString(head.QuerySpan);
        context.Response.Redirect($"{Encoding.ASCII.GetString(path)}/{query}", 301);
        return default;
    }

    private async ValueTask AnswerListingAsync(HttpContext context)
    {
        string path = Encoding.UTF8.GetString(PathOf(context));
        DirectoryListing? listing = await Offload.RunAsync(
            () =>
            {
                _root.TryList(path.TrimEnd('/'), _options.ListingNamesMax, out DirectoryListing? found);
                return found;
            },
            s_lookingUp);
        if (listing is null)
        {
            await AnswerNotFound(context);
            return;
        }

        HttpResponse response = context.Response;
        response.Headers.Set(KnownHeader.ContentType, "text/html; charset=utf-8"u8);
        response.Headers.Set(KnownHeader.CacheControl, "no-cache"u8);
        response.Headers.Set("Content-Security-Policy", DirectoryPage.SecurityPolicy);
        string shown = Encoding.UTF8.GetString(context.Search.Path.Decoded);
        response.Send(DirectoryPage.Render(shown, listing, path.Length == 0, _options.ServesHiddenFiles));
    }
}
