using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Unicode;
using Gyre.Files;
using Gyre.Http.Protocol;
using Gyre.Http.Server;

namespace Gyre.Http.StaticFiles;

/// <summary>Gives out the files beneath a root. One for each prefix; its memory is each loop's own.</summary>
/// <remarks>
/// <para>Names are looked up and files opened on the loop, unless an option says otherwise: that takes microseconds when the system has the names in its cache,
/// and the way to the pool and back takes more. nginx decides the same. Contents are never read on the loop while they may come from a disk: the connection
/// looks at the page cache first.</para>
/// <para>A small file that is asked for a second time is kept with its headers, and then answered without a system call of its own, until it is time to look
/// whether it changed.</para>
/// </remarks>
[DebuggerDisplay("{_root}")]
internal sealed partial class FileServer
{
    private static readonly OffloadOptions s_lookingUp = new() { Name = "looking up a file" };

    private readonly FileRoot _root;
    private readonly StaticFileOptions _options;
    private readonly FileFinder _finder;

    public FileServer(FileRoot root, StaticFileOptions options)
    {
        _root = root;
        _options = options;
        _finder = new FileFinder(root, options);
    }

    public FileCache MakeCache() => new(_options.CachedFilesMax, _options.CachedBytesMax);

    /// <summary>Answers a request whose last parameter is the path beneath the prefix.</summary>
    public ValueTask Invoke(HttpContext context)
    {
        HttpConnection connection = context.Response.Connection;
        ReadOnlySpan<byte> path = PathOf(context);
        bool isSlashForm = IsSlashForm(context);
        FileCache? cache = _options.CachedFilesMax > 0 && _options.CachedBytesMax > 0 ? connection.Server.FilesOf(this) : null;

        // The empty path is the prefix itself, with or without a slash; without, it is only ever a redirect.
        FileRecord? known = path.IsEmpty && !isSlashForm ? null : cache?.Find(path);
        if (known is not null && connection.Tcp.Loop.Time < known.ValidUntil)
        {
            return Answer(context, known, cache);
        }

        if (_options.OffloadsLookUps)
        {
            return LookUpElsewhereAsync(context, path.ToArray(), known, cache);
        }

        TimeSpan time = connection.Tcp.Loop.Time;
        (FoundKind kind, FileRecord? record) = _finder.Find(path, isSlashForm, known, connection.Tcp.Loop.Clock.GetUtcNow());
        return Act(context, kind, record, known, cache, time);
    }

    /// <summary>Answers a handler's request for one file.</summary>
    public ValueTask SendOneAsync(HttpContext context, string path, string? downloadName)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(path.Length)];
        if (Utf8.FromUtf16(path, bytes, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            // Half of a surrogate pair, which no name holds.
            return AnswerNotFound(context);
        }

        bytes = bytes[..written];
        DateTimeOffset now = context.Response.Connection.Tcp.Loop.Clock.GetUtcNow();
        return _options.OffloadsLookUps
            ? FindElsewhereAsync(context, bytes, downloadName, now)
            : SendFound(context, _finder.FindFile(bytes, now), downloadName);
    }

    private async ValueTask FindElsewhereAsync(HttpContext context, byte[] path, string? downloadName, DateTimeOffset now) =>
        await SendFound(context, await Offload.RunAsync(() => _finder.FindFile(path, now), s_lookingUp), downloadName);

    private ValueTask SendFound(HttpContext context, FileRecord? record, string? downloadName)
    {
        if (record is null)
        {
            return AnswerNotFound(context);
        }

        if (downloadName is not null)
        {
            context.Response.Headers.Set(KnownHeader.ContentDisposition, ContentDisposition.Attachment(downloadName));
        }

        return Answer(context, record, null);
    }

    private async ValueTask LookUpElsewhereAsync(HttpContext context, byte[] path, FileRecord? known, FileCache? cache)
    {
        EventLoop loop = context.Response.Connection.Tcp.Loop;
        TimeSpan time = loop.Time;
        DateTimeOffset now = loop.Clock.GetUtcNow();
        bool isSlashForm = IsSlashForm(context);
        (FoundKind kind, FileRecord? record) = await Offload.RunAsync(() => _finder.Find(path, isSlashForm, known, now), s_lookingUp);
        await Act(context, kind, record, known, cache, time);
    }

    private ValueTask Act(HttpContext context, FoundKind kind, FileRecord? record, FileRecord? known, FileCache? cache, TimeSpan time)
    {
        if (record is null)
        {
            if (known is not null)
            {
                cache?.Remove(known);
            }

            return kind switch
            {
                FoundKind.Redirect => AnswerRedirect(context),
                FoundKind.Listing => AnswerListingAsync(context),
                _ => AnswerNotFound(context),
            };
        }

        record.ValidUntil = time + _options.CacheCheckInterval;
        cache?.Put(record);
        return Answer(context, record, cache);
    }

    private ValueTask Answer(HttpContext context, FileRecord record, FileCache? cache)
    {
        FileVariant variant = record.Choose(context.Request.Headers);
        FilePlan plan = FilePlan.Make(context, record, variant, _options.RangesMax);
        bool isHead = context.Request.Method == RequestMethod.Head;
        if (plan.HasContent && !isHead && variant.Content is null)
        {
            return SendOpenedAsync(context, record, variant, cache);
        }

        context.Response.DropFilter();
        if (!plan.HasContent)
        {
            AnswerWithoutContent(context, record, variant, plan);
            return default;
        }

        MultipartRanges? frame = Begin(context, record, variant, plan);
        if (!isHead)
        {
            SendKept(context, variant.Content!, plan, frame);
        }

        return default;
    }

    private async ValueTask SendOpenedAsync(HttpContext context, FileRecord record, FileVariant variant, FileCache? cache)
    {
        using FileEntry? entry = await OpenAsync(variant.Path);
        DateTimeOffset now = context.Response.Connection.Tcp.Loop.Clock.GetUtcNow();
        if (entry is null)
        {
            await AnswerWithoutFileAsync(context, record, variant, cache);
            return;
        }

        if (entry.Stat != variant.Stat)
        {
            variant = record.Replace(variant, entry.Stat, now);
        }

        FilePlan plan = FilePlan.Make(context, record, variant, _options.RangesMax);
        context.Response.DropFilter();
        if (!plan.HasContent)
        {
            AnswerWithoutContent(context, record, variant, plan);
            return;
        }

        MultipartRanges? frame = Begin(context, record, variant, plan);
        await SendAsync(context, entry, plan, frame);
        if (cache is not null && plan.Outcome == FileAnswer.Whole && entry.Length <= _options.CachedFileBytesMax && variant.IsWorthKeeping(now))
        {
            Keep(entry, record, variant, cache);
        }
    }

    /// <summary>The file was there a moment ago. Each sibling that is gone is tried once.</summary>
    private ValueTask AnswerWithoutFileAsync(HttpContext context, FileRecord record, FileVariant variant, FileCache? cache)
    {
        if (variant != record.Identity)
        {
            record.Drop(variant);
            return Answer(context, record, cache);
        }

        cache?.Remove(record);
        return AnswerNotFound(context);
    }

    private ValueTask<FileEntry?> OpenAsync(byte[] path)
    {
        if (_options.OffloadsLookUps)
        {
            return OpenElsewhereAsync(path);
        }

        _root.TryOpen(path, out FileEntry? entry);
        return new ValueTask<FileEntry?>(entry);
    }

    private async ValueTask<FileEntry?> OpenElsewhereAsync(byte[] path)
    {
        FileEntry? entry = null;
        try
        {
            await Offload.RunAsync(() => { _root.TryOpen(path, out entry); }, s_lookingUp);
            return entry;
        }
        catch
        {
            entry?.Dispose();
            throw;
        }
    }

    /// <summary>What was just sent is in the system's cache, so reading it again doesn't wait.</summary>
    private static void Keep(FileEntry entry, FileRecord record, FileVariant variant, FileCache cache)
    {
        byte[] content = new byte[entry.Length];
        try
        {
            if (HttpConnection.ReadFile(entry.Handle, content, 0) == content.Length)
            {
                variant.Keep(content);
                cache.Recount(record);
            }
        }
        catch (IOException)
        {
            // The request was answered; the next one meets the disk's trouble by itself.
        }
    }

    private static ReadOnlySpan<byte> PathOf(HttpContext context) => context.Route.GetValue(context.Route.Count - 1);

    private static bool IsSlashForm(HttpContext context) => context.Search.Path.Decoded.EndsWith("/"u8);
}
