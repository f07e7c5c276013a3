namespace Gyre.Interop.Linux;

/// <summary>A descriptor on its way from one loop's driver to another's; closed when nobody takes it.</summary>
internal sealed class DetachedDescriptor(int fd)
{
    private int _fd = fd;

    ~DetachedDescriptor()
    {
        int fd = Take();
        if (fd >= 0)
        {
            Libc.Close(fd);
        }
    }

    /// <summary>Hands over the descriptor, once; -1 afterwards.</summary>
    public int Take() => Interlocked.Exchange(ref _fd, -1);
}
