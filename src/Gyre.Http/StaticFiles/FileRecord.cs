using System.Diagnostics;
using Gyre.Files;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.StaticFiles;

/// <summary>What a path leads to: a file, with its precompressed siblings. Used on one loop at a time.</summary>
[DebuggerDisplay("{Identity}, siblings = {_siblings.Length}")]
internal sealed class FileRecord(byte[] key, FileVariant identity, FileVariant[] siblings, byte[] contentType, byte[]? cacheControl)
{
    /// <summary>What a record takes besides contents and paths: some objects of about 500 bytes together.</summary>
    private const int OverheadBytes = 512;

    private FileVariant[] _siblings = siblings;
    private ContentCoding[] _offered = OfferedBy(siblings);

    /// <summary>The path of the request that leads here, beneath the prefix.</summary>
    public byte[] Key { get; } = key;

    public FileVariant Identity { get; private set; } = identity;

    public ReadOnlySpan<FileVariant> Siblings => _siblings;

    /// <summary>On the loop's clock, when it has to be looked at again.</summary>
    public TimeSpan ValidUntil { get; set; }

    /// <summary>Neighbours in the cache, in order of use.</summary>
    public FileRecord? Newer { get; set; }

    public FileRecord? Older { get; set; }

    /// <summary>What the cache has counted for it.</summary>
    public int BytesCounted { get; set; }

    public int Bytes
    {
        get
        {
            int bytes = OverheadBytes + Key.Length + Identity.Path.Length + (Identity.Content?.Length ?? 0);
            foreach (FileVariant sibling in _siblings)
            {
                bytes += OverheadBytes + sibling.Path.Length + (sibling.Content?.Length ?? 0);
            }

            return bytes;
        }
    }

    /// <summary>What this client gets. One that accepts nothing that there is gets the file itself, as RFC 9110 section 12.5.3 allows.</summary>
    public FileVariant Choose(FieldSection headers)
    {
        if (_siblings.Length == 0 || !headers.Contains(KnownHeader.AcceptEncoding))
        {
            return Identity;
        }

        ContentCoding coding = AcceptEncoding.Negotiate(headers, _offered);
        int index = Array.IndexOf(_offered, coding);
        return index < 0 ? Identity : _siblings[index];
    }

    /// <summary>Puts what was found when a file was opened in the place of what was known of it.</summary>
    public FileVariant Replace(FileVariant old, FileStat stat, DateTimeOffset now)
    {
        var variant = new FileVariant(old.Path, stat, old.Coding, now);
        int index = Array.IndexOf(_siblings, old);
        if (index >= 0)
        {
            _siblings[index] = variant;
        }
        else if (old == Identity)
        {
            Identity = variant;
        }

        // Else another request has put it in place already: a sibling must not stand for the file itself.
        return variant;
    }

    /// <summary>A sibling is gone.</summary>
    public void Drop(FileVariant sibling)
    {
        _siblings = [.. _siblings.Where(other => other != sibling)];
        _offered = OfferedBy(_siblings);
    }

    /// <summary>Adds what every answer about the file has, 304 among them (RFC 9110 section 15.4.5).</summary>
    public void AddValidators(ResponseHeaders headers, FileVariant variant)
    {
        headers.Set(KnownHeader.ETag, variant.Tag);
        if (!variant.LastModified.IsEmpty)
        {
            headers.Set(KnownHeader.LastModified, variant.LastModified);
        }

        if (cacheControl is not null && !headers.Contains(KnownHeader.CacheControl))
        {
            headers.Add(KnownHeader.CacheControl, cacheControl);
        }

        if (_siblings.Length > 0)
        {
            headers.Add(KnownHeader.Vary, "Accept-Encoding"u8);
        }
    }

    /// <summary>Adds what tells about the content. A type that the handler chose stays.</summary>
    public void AddContentHeaders(ResponseHeaders headers, FileVariant variant)
    {
        AddContentType(headers);
        if (variant.Coding != ContentCoding.Identity)
        {
            headers.Set(KnownHeader.ContentEncoding, AcceptEncoding.Name(variant.Coding));
        }
    }

    public void AddContentType(ResponseHeaders headers)
    {
        if (!headers.Contains(KnownHeader.ContentType))
        {
            headers.Add(KnownHeader.ContentType, contentType);
        }
    }

    private static ContentCoding[] OfferedBy(FileVariant[] siblings) => [.. siblings.Select(static sibling => sibling.Coding)];
}
