using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gyre;
using Gyre.Samples.Echo;

var port = new Option<int>("--port") { Description = "The TCP port on this machine.", DefaultValueFactory = _ => 7000 };
port.Validators.Add(static result =>
{
    if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value is < 0 or > 65535)
    {
        result.AddError($"The port {value} doesn't exist; a port is from 0 to 65535, and 0 lets the system pick one to serve on.");
    }
});
var driver = new Option<string>("--driver") { Description = "The backend of the loop.", DefaultValueFactory = _ => "auto" };
driver.AcceptOnlyFromAmong("auto", "io_uring", "epoll", "sockets");
var text = new Argument<string?>("text") { Description = "What to send; standard input when left out.", DefaultValueFactory = _ => null };

var serve = new Command("serve", "Sends every byte that arrives back to where it came from.") { port, driver };
serve.SetAction(parsed => Run(parsed, endPoint => EchoServer.ServeAsync(endPoint, AnnounceReady)));
var send = new Command("send", "Sends a text and prints what comes back.") { port, driver, text };
send.SetAction(parsed => Run(parsed, endPoint => EchoClient.SendAsync(endPoint, Source(parsed.GetValue(text)), Console.OpenStandardOutput())));

return new RootCommand("An echo server and its client, over TCP on Gyre's own event loop.") { serve, send }.Parse(args).Invoke();

int Run(ParseResult parsed, Func<IPEndPoint, Task> body)
{
    try
    {
        var options = new RuntimeOptions { Driver = DriverNames.Parse(parsed.GetValue(driver)!) };
        var endPoint = new IPEndPoint(IPAddress.Loopback, parsed.GetValue(port));
        GyreRuntime.Run(() => body(endPoint), options);
        return 0;
    }
    catch (Exception failure) when (failure is SocketException or IOException or ArgumentException or PlatformNotSupportedException)
    {
        Console.Error.WriteLine($"echo: {failure.Message}");
        return 1;
    }
}

static Stream Source(string? text) =>
    text is null ? Console.OpenStandardInput() : new MemoryStream(Encoding.UTF8.GetBytes(text + Environment.NewLine));

static void AnnounceReady(IPEndPoint endPoint)
{
    EventLoopGroup group = EventLoopGroup.Current;
    Console.WriteLine($"Echoing on {endPoint} with {group.DriverName} ({group.DriverReason}). Ctrl-C ends it.");
}
