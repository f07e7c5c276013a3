using System.Diagnostics;
using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Server;

/// <summary>
/// Paths that are answered whatever the load, health checks above all: byte for byte, since they are looked for only while a server sheds.
/// </summary>
[DebuggerDisplay("{_paths.Count} paths")]
internal sealed class EssentialPaths
{
    private readonly List<byte[]> _paths = [];

    public void Add(string path) => _paths.Add(Encoding.UTF8.GetBytes(path));

    public bool Contains(RequestHead head)
    {
        foreach (byte[] path in _paths)
        {
            if (head.PathSpan.SequenceEqual(path))
            {
                return true;
            }
        }

        return false;
    }
}
