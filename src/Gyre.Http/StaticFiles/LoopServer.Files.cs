using Gyre.Http.StaticFiles;

namespace Gyre.Http.Server;

/// <summary>What this loop remembers of files.</summary>
internal sealed partial class LoopServer
{
    private readonly List<(FileServer Server, FileCache Cache)> _fileCaches = [];

    /// <summary>This loop's cache of a file server. A list, because there are one or two of them.</summary>
    public FileCache FilesOf(FileServer server)
    {
        foreach ((FileServer known, FileCache cache) in _fileCaches)
        {
            if (known == server)
            {
                return cache;
            }
        }

        FileCache made = server.MakeCache();
        _fileCaches.Add((server, made));
        return made;
    }
}
