using System.Text;
using Gyre.Files;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>A directory of files that is served under <c>/static</c>, with a secret beside it, and one client.</summary>
internal sealed class FileSite : IDisposable
{
    /// <summary>When files were made that don't say otherwise: long ago, so that their times are settled.</summary>
    public static readonly DateTime LongAgo = new(2024, 2, 29, 12, 30, 15, DateTimeKind.Utc);

    private readonly string _directory = Directory.CreateTempSubdirectory("gyre-static").FullName;
    private readonly List<IDisposable> _owned = [];

    public FileSite()
    {
        Directory.CreateDirectory(RootPath);
        Directory.CreateDirectory(RootPath + "-other");
        File.WriteAllText(Path.Combine(_directory, "secret.txt"), "secret");
        File.WriteAllText(Path.Combine(RootPath + "-other", "secret.txt"), "secret");
        Root = FileRoot.Open(RootPath);
    }

    public string RootPath => Path.Combine(_directory, "root");

    public FileRoot Root { get; }

    public TestServer Server { get; private set; } = null!;

    public HttpPeer Peer { get; private set; } = null!;

    public static byte[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(static i => (byte)((i * 7) + (i >> 8)))];

    public string Add(string path, byte[] content, DateTime? modified = null)
    {
        string full = Path.Combine(RootPath, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
        File.SetLastWriteTimeUtc(full, modified ?? LongAgo);
        return full;
    }

    public string Add(string path, string content, DateTime? modified = null) => Add(path, Encoding.UTF8.GetBytes(content), modified);

    /// <summary>Serves the files, and connects.</summary>
    public Task StartAsync(StaticFileOptions? options = null) => StartAsync(server => server.Files("/static", Root, options));

    public async Task StartAsync(Action<HttpServer> configure)
    {
        Server = await TestServer.StartAsync(configure);
        _owned.Add(Server);
        Peer = await ConnectAsync();
    }

    public async Task<HttpPeer> ConnectAsync()
    {
        HttpPeer peer = await Server.ConnectAsync();
        _owned.Add(peer);
        return peer;
    }

    public static string Request(string target, string headers = "", string method = "GET") =>
        $"{method} {target} HTTP/1.1\r\nHost: a\r\n{headers}\r\n";

    public Task<Answer> GetAsync(string target, string headers = "") => Peer.AskAsync(Request(target, headers));

    public Task<Answer> HeadAsync(string target, string headers = "") => Peer.AskAsync(Request(target, headers, "HEAD"), isHead: true);

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        Root.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
