namespace Gyre.Http.Middleware;

/// <summary>A file, or standard output when there is no path.</summary>
internal sealed class FileLogSink(string? path) : AccessLogSink
{
    private static readonly OffloadOptions s_offload = new() { Name = "the access log" };

    /// <summary>Several loops write; a batch of one must not stand within a line of another.</summary>
    private readonly Lock _turn = new();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> lines) => await Offload.RunAsync(() => Write(lines.Span), s_offload);

    /// <summary>Fails at once rather than at the first request.</summary>
    public void Verify() => Open().Dispose();

    private void Write(ReadOnlySpan<byte> lines)
    {
        lock (_turn)
        {
            using Stream stream = Open();
            stream.Write(lines);
        }
    }

    private Stream Open() => path is null
        ? Console.OpenStandardOutput()
        : new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
