using Gyre.Files;
using Gyre.Http.Server;
using Gyre.Http.StaticFiles;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Http;

/// <summary>A file as the body.</summary>
public sealed partial class HttpResponse
{
    /// <summary>
    /// Answers with a file beneath a root, as the routes of <see cref="StaticFileExtensions.Files"/> do: content type, validators, conditional requests and
    /// ranges, precompressed siblings; 404 for all that isn't given out. A checkpoint.
    /// </summary>
    /// <param name="root">Where the file is.</param>
    /// <param name="path">A file's path beneath it, decoded, with slashes: <c>reports/2024.pdf</c>.</param>
    /// <param name="downloadName">
    /// The name under which the client is to save it (RFC 6266 and 8187); slashes and control characters become underscores. Null lets the client show it.
    /// </param>
    /// <param name="options">Null for the defaults. What concerns directories and the cache doesn't count here: a file that is sent so is opened each time.</param>
    /// <remarks>
    /// Conditions and ranges count for GET and HEAD and while <see cref="StatusCode"/> is 200, so that a page for an error is sent whole. A <c>Content-Type</c> or
    /// <c>Cache-Control</c> that was set stays. The body is never compressed on its way, and nothing may follow.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The response has begun already.</exception>
    /// <exception cref="IOException">The connection broke, the file was cut while it was sent, or no descriptor is free.</exception>
    /// <exception cref="OperationCanceledException">The scope was cancelled.</exception>
    public ValueTask SendFileAsync(FileRoot root, string path, string? downloadName = null, StaticFileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(path);
        VerifyNotStarted();
        return new FileServer(root, options ?? StaticFileOptions.Default).SendOneAsync(_context, path, downloadName);
    }

    /// <summary>Takes the filter away: what comes next is sent as it is.</summary>
    internal void DropFilter()
    {
        _filter?.Release();
        _filter = null;
    }

    /// <summary>Sends bytes of a file as a piece of the body, behind the head if that hasn't been sent. A checkpoint.</summary>
    internal async ValueTask SendPieceAsync(SafeFileHandle file, long offset, long count)
    {
        HttpConnection connection = Connection;
        if (!HasStarted)
        {
            WriteHead(connection);
        }

        _context.Writer.WriteBodyPrefix(connection.Output, count);
        if (_context.Writer.SendsBody)
        {
            await connection.SendFileAsync(file, offset, count);
        }

        _context.Writer.WriteBodySuffix(connection.Output);
    }
}
