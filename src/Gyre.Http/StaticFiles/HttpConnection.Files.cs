using System.Buffers;
using Gyre.Net;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Http.Server;

/// <summary>Files behind what was written to the output: by the kernel, or through what stands before the connection.</summary>
internal sealed partial class HttpConnection
{
    /// <summary>
    /// What is sent under one deadline. Where the system doesn't tell what the peer acknowledged, one that takes a part of it and stops holds its
    /// connection for as long as the least rate allows for all of it: 23 minutes by default. Less would cost a few objects and a turn more often.
    /// </summary>
    private const int FileWindowBytes = 256 * 1024;

    /// <summary>What is read at a time to be encrypted: two records of TLS.</summary>
    private const int FileChunkBytes = 32 * 1024;

    /// <summary>The code of an <see cref="IOException"/> that has none of the system's: a connection's.</summary>
    private const int NoSystemError = unchecked((int)0x80131620);

    private static readonly OffloadOptions s_readingFile = new() { Name = "reading a file" };

    /// <summary>Whether the connection sends a file, so that nobody else may flush: set and cleared around each window.</summary>
    private bool _isSendingFile;

    /// <summary>Sends bytes of a file; the connection is aborted when it hasn't as many. A checkpoint.</summary>
    public async ValueTask SendFileAsync(SafeFileHandle file, long offset, long count)
    {
        while (count > 0)
        {
            long window = Math.Min(count, FileWindowBytes);
            if (IsSecure)
            {
                await CopyFileAsync(file, offset, window);
            }
            else
            {
                await SendWindowAsync(file, offset, window);
            }

            offset += window;
            count -= window;
        }
    }

    private async ValueTask SendWindowAsync(SafeFileHandle file, long offset, long count)
    {
        BeginWriteWait(count);
        _isSendingFile = true;
        try
        {
            await Tcp.SendFileAsync(file, offset, count);
        }
        catch (IOException failure) when (failure.HResult == NoSystemError && RandomAccess.GetLength(file) >= offset + count)
        {
            // The file is as it should be, so it is the peer that has gone: nothing to log.
            _isBroken = true;
            throw;
        }
        finally
        {
            _isSendingFile = false;
            EndWriteWait();
        }
    }

    /// <summary>TLS encrypts in the process, so the bytes must come into it; read on the pool, for the loop must not wait for the disk.</summary>
    private async ValueTask CopyFileAsync(SafeFileHandle file, long offset, long count)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FileChunkBytes);
        try
        {
            while (count > 0)
            {
                int chunk = (int)Math.Min(count, FileChunkBytes);
                long at = offset;
                if (await Offload.RunAsync(() => ReadFile(file, buffer.AsSpan(0, chunk), at), s_readingFile) < chunk)
                {
                    throw new IOException($"A file has no {chunk} bytes at {at} any more: it was cut while it was sent over {Tcp}.");
                }

                Output.Write(buffer.AsSpan(0, chunk));
                await FlushAsync();
                offset += chunk;
                count -= chunk;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads until there is enough, or the file ends.</summary>
    internal static int ReadFile(SafeFileHandle file, Span<byte> destination, long offset)
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
}
