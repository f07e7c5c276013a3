using System.CommandLine;
using System.Net.Sockets;
using Gyre;
using Gyre.Http;
using Gyre.Http.Protocol;

var urls = new Option<string>("--urls")
{
    Description = "Where to listen; port 0 picks a free port.",
    DefaultValueFactory = _ => "http://127.0.0.1:8080",
};
var loops = new Option<int>("--loops") { Description = "Event loops; 0 is one per core.", DefaultValueFactory = _ => 1 };
var driver = new Option<string>("--driver") { Description = "The backend of the loops.", DefaultValueFactory = _ => "auto" };
driver.AcceptOnlyFromAmong("auto", "io_uring", "epoll", "sockets");
var command = new RootCommand("Answers Hello, World! over HTTP/1.1 on Gyre's own event loop.") { urls, loops, driver };
command.SetAction(parsed => Serve(parsed.GetValue(urls)!, parsed.GetValue(loops), parsed.GetValue(driver)!));
return command.Parse(args).Invoke();

static int Serve(string url, int loops, string driver)
{
    var server = new HttpServer();
    server.Get("/", context =>
    {
        context.Response.Headers.Add(KnownHeader.ContentType, "text/plain"u8);
        context.Response.Send("Hello, World!"u8);
        return default;
    });
    try
    {
        var options = new RuntimeOptions { Driver = DriverNames.Parse(driver), Loops = loops };
        GyreRuntime.Run(() => server.ServeAsync(url, AnnounceReady), options);
        return 0;
    }
    catch (Exception failure) when (failure is SocketException or ArgumentException or PlatformNotSupportedException or InvalidOperationException)
    {
        Console.Error.WriteLine($"hello: {failure.Message}");
        return 1;
    }
}

static void AnnounceReady(System.Net.IPEndPoint address)
{
    EventLoopGroup group = EventLoopGroup.Current;
    Console.WriteLine($"Listening on http://{address} with {group.DriverName} ({group.DriverReason}), {group.Loops.Count} loop(s). Ctrl-C ends it.");
}
