namespace Gyre.Interop.Linux;

/// <summary>A descriptor on its way from one loop's driver to another's; closed when nobody takes it.</summary>
internal sealed class DetachedDescriptor(int fd) : IDisposable
{
    private int _fd = fd;

    ~DetachedDescriptor() => Close();

    /// <summary>Hands over the descriptor, once; -1 afterwards.</summary>
    public int Take() => Interlocked.Exchange(ref _fd, -1);

    /// <summary>Closes it, unless it was handed over.</summary>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    private void Close()
    {
        int fd = Take();
        if (fd >= 0)
        {
            Libc.Close(fd);
        }
    }
}
