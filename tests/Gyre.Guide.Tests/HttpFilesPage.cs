using System.Net;
using System.Text;
using Gyre.Files;
using Gyre.Http;
using Gyre.Net;

namespace Gyre.Guide.Tests;

public sealed class HttpFilesPage() : GuidePage("http-files.md")
{
    [Fact]
    public void Serve() => Run("serve", () => WithFilesAsync(async directory =>
    {
        // <serve>
        using FileRoot root = FileRoot.Open(directory);
        var server = new HttpServer();
        server.Files("/static", root);
        await Serve(server, async ask =>
        {
            Console.WriteLine(await ask("GET /static/"));
            Console.WriteLine(await ask("GET /static"));
            Console.WriteLine(await ask("GET /static/style.css", "Range: bytes=0-3"));
            Console.WriteLine(await ask("GET /static/.env"));
            Console.WriteLine(await ask("GET /static/%2e%2e/etc/passwd"));
            Console.WriteLine(await ask("POST /static/style.css"));
        });
        // </serve>
    }));

    [Fact]
    public void Options() => Run("options", () => WithFilesAsync(async directory =>
    {
        // <options>
        using FileRoot root = FileRoot.Open(directory);
        var server = new HttpServer();
        server.Files("/static", root, new StaticFileOptions
        {
            ChooseCacheControl = path => path.EndsWith(".css") ? "public, max-age=31536000, immutable" : null,
            IndexFiles = [],
            ListsDirectories = true,
        });
        await Serve(server, async ask =>
        {
            Console.WriteLine(await ask("GET /static/style.css"));
            Console.WriteLine((await ask("GET /static/")).Contains("<a href=\"./style.css\">style.css</a>"));
        });
        // </options>
    }));

    [Fact]
    public void Download() => Run("download", () => WithFilesAsync(async directory =>
    {
        // <download>
        using FileRoot reports = FileRoot.Open(directory);
        var server = new HttpServer();
        server.Get("/reports/{name}", context =>
            context.Response.SendFileAsync(reports, context.Route["name"] + ".css", downloadName: "Größe.css"));
        await Serve(server, async ask =>
        {
            Console.WriteLine(await ask("GET /reports/style"));
            Console.WriteLine(await ask("GET /reports/none"));
        });
        // </download>
    }));

    private delegate Task<string> Asking(string request, string? header = null);

    private static async Task WithFilesAsync(Func<string, Task> body)
    {
        string directory = Directory.CreateTempSubdirectory("gyre-guide").FullName;
        File.WriteAllText(Path.Combine(directory, "index.html"), "<h1>Hello</h1>");
        File.WriteAllText(Path.Combine(directory, "style.css"), "body { margin: 0 }");
        File.WriteAllText(Path.Combine(directory, ".env"), "PASSWORD=secret");
        try
        {
            await body(directory);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Serves while a body asks, each time over a connection of its own.</summary>
    private static Task Serve(HttpServer server, Func<Asking, Task> body) => TaskGroup.RunAsync(async group =>
    {
        var ready = new TaskCompletionSource<IPEndPoint>();
        group.Spawn(() => server.ServeAsync("http://127.0.0.1:0", ready.SetResult));
        IPEndPoint endPoint = await ready.Task;
        await body(async (request, header) =>
        {
            await using TcpConnection connection = await TcpConnection.ConnectAsync(endPoint);
            string lines = header is null ? "" : header + "\r\n";
            await connection.Output.WriteAsync(Encoding.ASCII.GetBytes(
                $"{request} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n{lines}\r\n"));
            using var reader = new StreamReader(connection.AsStream());
            return Summary(await reader.ReadToEndAsync());
        });
        group.Cancel("the page has asked");
    });

    /// <summary>What the page says of an answer: the status, and of what is given out the type, what else was chosen for it, and the content.</summary>
    private static string Summary(string answer)
    {
        string[] parts = answer.Split("\r\n\r\n", 2);
        string[] lines = parts[0].Split("\r\n");
        string status = lines[0].Split(' ')[1];
        string? Of(string name) => lines.FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.Ordinal))?[(name.Length + 2)..];
        if (status[0] != '2')
        {
            return Of("Location") is { } location ? $"{status} to {location}" : status;
        }

        IEnumerable<string?> chosen = [Of("Content-Type"), Of("Cache-Control"), Of("Content-Disposition")];
        return $"{status} {string.Join(", ", chosen.Where(static value => value is not (null or "no-cache")))}: {parts[1]}";
    }
}
