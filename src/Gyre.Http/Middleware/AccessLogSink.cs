using Gyre.Http.Middleware;

namespace Gyre.Http;

/// <summary>Takes the lines of access logs, many at a time.</summary>
/// <remarks>Every loop writes to it, each from its own thread, and each once at a time. Derive from it for a sink of one's own.</remarks>
public abstract class AccessLogSink
{
    /// <summary>The process's standard output; written by a thread of the pool, since a pipe that nobody reads blocks.</summary>
    public static AccessLogSink StandardOutput { get; } = new FileLogSink(null);

    /// <summary>
    /// Appends to a file, by a thread of the pool. The file is opened for each batch, at most once a second while there is little to
    /// write: it may be renamed, removed or cut off at any time, as rotation does, without telling the server.
    /// </summary>
    /// <param name="path">Made when it doesn't exist, readable by everybody whom the process's umask lets.</param>
    /// <exception cref="IOException">The file can't be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not write to it.</exception>
    public static AccessLogSink ToFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var sink = new FileLogSink(Path.GetFullPath(path));
        sink.Verify();
        return sink;
    }

    /// <summary>Writes to a stream by <see cref="Stream.WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>, one batch at a time.</summary>
    /// <param name="stream">Its <c>WriteAsync</c> must not block: it is called by loops. Left open.</param>
    public static AccessLogSink ToStream(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new StreamLogSink(stream);
    }

    /// <summary>Writes a batch of whole lines. Called on a loop, and must not block it.</summary>
    /// <param name="lines">ASCII, each line ended by LF; good until the returned task has ended.</param>
    /// <remarks>What it throws costs the lines, and is logged. The next batch comes when it has ended.</remarks>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> lines);
}
