using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Interop.Linux;
using Gyre.Loop;
using Gyre.LowLevel;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Net;

/// <summary>One send of a file: by the driver where it can, else by reading it into the connection's output.</summary>
/// <remarks>
/// Neither may wait for the disk on the loop. preadv2 with RWF_NOWAIT says whether a page is in the system's cache, so each window
/// is looked at before the driver sends it, and when a page is missing the whole window is read once on the thread pool. Between
/// the look and the send a page may be evicted: then the loop waits for the disk after all, which is rare and can't be excluded.
/// </remarks>
internal sealed class FileSending(TcpConnection connection, ConnectionWriter writer, SafeFileHandle file, CancellationToken token)
{
    /// <summary>
    /// Up to here a file is read and sent with what is before it: one more system call of about 2 µs for 16 KiB, where a send of its own
    /// takes three to five and a turn of the loop. It is the size of a block of the pool.
    /// </summary>
    private const int SmallBytes = 16 * 1024;

    /// <summary>What the driver is given at a time, after a look at its pages: as much as it sends with one call.</summary>
    private const int WindowBytes = FileSend.BytesPerCallMax;

    /// <summary>Distance of the pages that are looked at: what the kernel reads ahead by default, and so caches together.</summary>
    private const int LookBytes = 128 * 1024;

    /// <summary>
    /// What is read at a time where the driver can't: half of what the output takes before it waits, so that one half is read while the
    /// other is sent.
    /// </summary>
    private const int ChunkBytes = 32 * 1024;

    private static readonly OffloadOptions s_reading = new() { Name = "reading a file" };

    private readonly EventLoop _loop = connection.Loop;
    private bool _isAllCommitted;

    /// <summary>Whether system calls are this driver's way at all.</summary>
    private bool DriverSendsFiles => _loop.Driver.Capabilities.HasFlag(DriverCapabilities.SendFile);

    private bool CanLookAtCache => DriverSendsFiles && OperatingSystem.IsLinux();

    /// <summary>Whether a small file was in the cache and is written now.</summary>
    public bool TryFillFromCache(long offset, long count)
    {
        if (count > SmallBytes || !CanLookAtCache)
        {
            return false;
        }

        Span<byte> room = writer.GetSpan((int)count)[..(int)count];
        if (!TryReadCached(room, offset))
        {
            return false;
        }

        writer.Advance((int)count);
        return true;
    }

    public async ValueTask SendAsync(long offset, long count)
    {
        ScopeContext scope = ScopeContext.Resolve(_loop);
        scope.Enter();
        bool referenced = false;
        try
        {
            // For all of it, so that no window finds the handle closed by somebody who was in a hurry.
            file.DangerousAddRef(ref referenced);
            if (count > SmallBytes && DriverSendsFiles)
            {
                (offset, count) = await SendByDriverAsync(offset, count);
            }

            await CopyAsync(offset, count);
        }
        catch when (!_isAllCommitted)
        {
            writer.IsCopyingFile = false;
            connection.Abort();
            writer.AbandonLease();
            throw;
        }
        finally
        {
            if (referenced)
            {
                file.DangerousRelease();
            }

            scope.Exit();
        }
    }

    private bool TryReadCached(Span<byte> destination, long offset)
    {
        int got = CachedRead.Read(file, destination, offset);
        if (got != -Errno.EOPNOTSUPP)
        {
            return got == destination.Length;
        }

        try
        {
            return ReadWhole(destination, offset) == destination.Length;
        }
        catch (IOException)
        {
            // Told by the reading on the pool, which has somebody to tell it to.
            return false;
        }
    }

    /// <summary>What is left, because the system can't send this file that way.</summary>
    private async ValueTask<(long Offset, long Count)> SendByDriverAsync(long offset, long count)
    {
        FileTransfer transfer = writer.BeginFile(file);
        try
        {
            while (count > 0)
            {
                int window = (int)Math.Min(count, WindowBytes);
                if (CanLookAtCache && !IsCached(offset, window))
                {
                    await Offload.RunAsync(() => Populate(offset, window), s_reading, token);
                }

                await transfer.SendAsync(offset, window, token);
                switch (transfer.Error)
                {
                    case SocketError.MessageSize:
                        throw TooShort(offset, window);
                    case SocketError.OperationNotSupported:
                        return (offset, count);
                }

                offset += window;
                count -= window;
            }
        }
        finally
        {
            writer.EndFile(transfer);
        }

        return (offset, 0);
    }

    private async ValueTask CopyAsync(long offset, long count)
    {
        writer.IsCopyingFile = count > 0;
        while (count > 0)
        {
            if (WaitSource.CancellationOf(_loop, token) is { } cancellation)
            {
                throw cancellation;
            }

            int chunk = (int)Math.Min(count, ChunkBytes);
            Memory<byte> room = writer.GetMemory(chunk)[..chunk];
            if (await ReadAsync(room, offset) < chunk)
            {
                throw TooShort(offset, chunk);
            }

            writer.Advance(chunk);
            offset += chunk;
            count -= chunk;
            _isAllCommitted = count == 0;
            writer.IsCopyingFile = count > 0;
            await writer.FlushOrThrowAsync(token);
        }
    }

    /// <summary>On the pool, because it may wait for the disk; in a world without real time on the spot.</summary>
    private ValueTask<int> ReadAsync(Memory<byte> destination, long offset)
    {
        if (!_loop.Driver.Capabilities.HasFlag(DriverCapabilities.RealWorld))
        {
            return new ValueTask<int>(ReadWhole(destination.Span, offset));
        }

        return new ValueTask<int>(Offload.RunAsync(() => ReadWhole(destination.Span, offset), s_reading, token));
    }

    /// <summary>Reads until there is enough, or the file ends.</summary>
    private int ReadWhole(Span<byte> destination, long offset)
    {
        int filled = 0;
        while (filled < destination.Length)
        {
            int got = RandomAccess.Read(file, destination[filled..], offset + filled);
            if (got == 0)
            {
                break;
            }

            filled += got;
        }

        return filled;
    }

    /// <summary>Looks at the first and the last page, and at some between. Any trouble but a missing page is for the send to find.</summary>
    private bool IsCached(long offset, int count)
    {
        Span<byte> one = stackalloc byte[1];
        for (int at = 0; at < count; at += LookBytes)
        {
            if (CachedRead.Read(file, one, offset + at) == -Errno.EAGAIN)
            {
                return false;
            }
        }

        return CachedRead.Read(file, one, offset + count - 1) != -Errno.EAGAIN;
    }

    /// <summary>On a thread of the pool: has the system read the window, into its cache; what arrives here is thrown away.</summary>
    private void Populate(long offset, int count)
    {
        byte[] scratch = GC.AllocateUninitializedArray<byte>(Math.Min(count, LookBytes));
        for (int at = 0; at < count;)
        {
            int got = RandomAccess.Read(file, scratch.AsSpan(0, Math.Min(scratch.Length, count - at)), offset + at);
            if (got == 0)
            {
                // It ends here; the send tells.
                return;
            }

            at += got;
        }
    }

    private IOException TooShort(long offset, int count) => new(
        $"{FileName()} has no {count} bytes at {offset}: it is shorter than {connection} was told to send, or was cut meanwhile. The connection was " +
        "aborted, because its peer was promised more.");

    private string FileName()
    {
        try
        {
            string? name = OperatingSystem.IsLinux()
                ? new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget
                : null;
            return name is null ? "The file" : $"The file '{name}'";
        }
        catch (IOException)
        {
            // No /proc; the caller knows which file it was.
            return "The file";
        }
    }
}
