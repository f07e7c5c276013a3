namespace Gyre.Package.Tests;

/// <summary>The program that somebody who only has the packages would write first.</summary>
internal static class ConsumerProgram
{
    /// <summary>Serves on a port that the system picks, and prints a line that holds its address once it is ready.</summary>
    public const string Text =
        """
        using Gyre;
        using Gyre.Http;

        GyreRuntime.Run(() =>
        {
            var server = new HttpServer();
            server.Get("/", static context =>
            {
                context.Response.Send("Hello from a package!");
                return default;
            });
            return server.ServeAsync("http://127.0.0.1:0", address => Console.WriteLine($"ready on http://{address}"));
        });
        """;

    /// <summary>What <c>GET /</c> is to answer.</summary>
    public const string Body = "Hello from a package!";
}
