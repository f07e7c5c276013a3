namespace Gyre.Drivers.IoUring;

/// <summary>Sizes of one ring. Tests make them tiny to force the hazards of full rings.</summary>
internal sealed record IoUringOptions
{
    /// <summary>Just enough to learn whether the kernel allows a ring.</summary>
    public static readonly IoUringOptions Probe = new()
    {
        SubmissionEntries = 4,
        CompletionEntries = 8,
        BufferCount = 2,
        BufferBytes = 512,
    };

    /// <summary>Entries of the submission queue, a power of two. A full queue costs one more system call, nothing else.</summary>
    public uint SubmissionEntries { get; init; } = 1024;

    /// <summary>Entries of the completion queue, a power of two. When it overflows, the kernel keeps the rest and flags it.</summary>
    public uint CompletionEntries { get; init; } = 8192;

    /// <summary>Receive buffers in the provided-buffer ring, a power of two of at most 32,768.</summary>
    public int BufferCount { get; init; } = 512;

    /// <summary>Bytes of one receive buffer. 512 of 8 KiB are 4 MiB a loop; only pages that were written to are resident.</summary>
    public int BufferBytes { get; init; } = 8192;
}
