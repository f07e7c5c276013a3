using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gyre;
using Gyre.Samples.Ladder;

string names = string.Join(", ", Stage.All.Select(stage => stage.Name));
var stage = new Option<string>("--stage") { Description = $"How the server is written: {names}.", DefaultValueFactory = _ => "async" };
stage.Validators.Add(result =>
{
    if (result.Tokens is [{ Value: var name }] && Stage.All.All(stage => stage.Name != name))
    {
        result.AddError($"There is no stage '{name}'; the stages are {names}.");
    }
});
var port = new Option<int>("--port") { Description = "The TCP port on this machine.", DefaultValueFactory = _ => 8080 };
port.Validators.Add(result => CheckRange(result, 0, 65535, "a port is from 0 to 65535, and 0 lets the system pick one"));
var upstream = new Option<string?>("--upstream") { Description = "Who is asked, as http://HOST:PORT/; an own one is started when left out." };
var wait = new Option<int>("--wait") { Description = "How long the handler waits, in milliseconds.", DefaultValueFactory = _ => 200 };
wait.Validators.Add(result => CheckRange(result, 0, 3_600_000, "the wait is from 0 to 3600000 ms"));
var driver = new Option<string>("--driver") { Description = "The backend of Gyre's loop.", DefaultValueFactory = _ => "auto" };
driver.AcceptOnlyFromAmong("auto", "io_uring", "epoll", "sockets");
var list = new Option<bool>("--list") { Description = "Prints the stages and ends." };

var root = new RootCommand("One small HTTP handler, written in every style from blocking threads to async and promises.")
{
    stage, port, upstream, wait, driver, list,
};
root.SetAction(parsed => parsed.GetValue(list) ? List() : Serve(parsed));
return root.Parse(args).Invoke();

static void CheckRange(System.CommandLine.Parsing.OptionResult result, int least, int most, string rule)
{
    if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out int value) && (value < least || value > most))
    {
        result.AddError($"{result.Option.Name} {value} can't be; {rule}.");
    }
}

static int List()
{
    foreach (Stage stage in Stage.All)
    {
        Console.WriteLine($"{stage.Name,-14}{stage.Line}");
    }

    return 0;
}

int Serve(ParseResult parsed)
{
    using var stop = new CancellationTokenSource();
    using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
    using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
    void End(PosixSignalContext context)
    {
        // The second one ends the process at once, as it does without anybody's help.
        context.Cancel = !stop.IsCancellationRequested;
        stop.Cancel();
    }

    try
    {
        Stage chosen = Stage.All.Single(one => one.Name == parsed.GetValue(stage));
        Uri asked = parsed.GetValue(upstream) is { } url ? UpstreamAddress.Resolve(url) : Upstream.Start();
        chosen.Run(new Setting
        {
            EndPoint = new IPEndPoint(IPAddress.Loopback, parsed.GetValue(port)),
            Upstream = asked,
            Wait = TimeSpan.FromMilliseconds(parsed.GetValue(wait)),
            OnReady = endPoint => Console.WriteLine($"Stage {chosen.Name} on http://{endPoint}/, asking {asked}. Ctrl-C ends it."),
            Stop = stop.Token,
            Options = new RuntimeOptions { Driver = DriverNames.Parse(parsed.GetValue(driver)!), HandleSignals = false },
        });
        return 0;
    }
    catch (Exception failure) when (failure is SocketException or IOException or ArgumentException or PlatformNotSupportedException)
    {
        Console.Error.WriteLine($"ladder: {failure.Message}");
        return 1;
    }
}
