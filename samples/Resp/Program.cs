using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Gyre;
using Gyre.Samples.Resp;

var port = new Option<int>("--port") { Description = "The TCP port on this machine.", DefaultValueFactory = _ => 6379 };
port.Validators.Add(static result =>
{
    if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value is < 0 or > 65535)
    {
        result.AddError($"The port {value} doesn't exist; a port is from 0 to 65535, and 0 lets the system pick one to serve on.");
    }
});
var driver = new Option<string>("--driver") { Description = "The backend of the loop.", DefaultValueFactory = _ => "auto" };
driver.AcceptOnlyFromAmong("auto", "io_uring", "epoll", "sockets");
var file = new Option<string?>("--file") { Description = "Replays the commands of a file on an empty store instead of serving." };

var root = new RootCommand("A key-value server in memory that speaks the protocol of Redis, or a replay of its commands from a file.")
{
    port, driver, file,
};
root.SetAction(parsed => parsed.GetValue(file) is { } path ? Replay(path) : Serve(parsed));
return root.Parse(args).Invoke();

int Serve(ParseResult parsed)
{
    try
    {
        var options = new RuntimeOptions { Driver = DriverNames.Parse(parsed.GetValue(driver)!) };
        var endPoint = new IPEndPoint(IPAddress.Loopback, parsed.GetValue(port));
        GyreRuntime.Run(() => RespServer.ServeAsync(endPoint, AnnounceReady), options);
        return 0;
    }
    catch (Exception failure) when (failure is SocketException or IOException or ArgumentException or PlatformNotSupportedException)
    {
        Console.Error.WriteLine($"resp: {failure.Message}");
        return 1;
    }
}

static int Replay(string path)
{
    try
    {
        using FileStream source = File.OpenRead(path);
        RespReplay.Run(source, Console.WriteLine);
        return 0;
    }
    catch (Exception failure) when (failure is RespException or IOException or UnauthorizedAccessException or ArgumentException)
    {
        Console.Error.WriteLine($"resp: {path}: {failure.Message}");
        return 1;
    }
}

static void AnnounceReady(IPEndPoint endPoint)
{
    EventLoopGroup group = EventLoopGroup.Current;
    Console.WriteLine($"Serving RESP on {endPoint} with {group.DriverName} ({group.DriverReason}). Ctrl-C ends it.");
}
