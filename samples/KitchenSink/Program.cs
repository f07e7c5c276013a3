using System.CommandLine;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gyre;
using Gyre.Http;
using Gyre.Samples.KitchenSink;

var urls = new Option<string>("--urls")
{
    Description = "Where to listen; port 0 picks a free port.",
    DefaultValueFactory = _ => "http://127.0.0.1:8080",
};
var httpsPort = new Option<int?>("--https-port") { Description = "Also speaks https on 127.0.0.1, at this port (0 picks one), with a certificate made for the occasion." };
var certificateFile = new Option<string?>("--write-certificate") { Description = "Writes that certificate to a file, as PEM, for curl --cacert." };
var root = new Option<string?>("--root") { Description = "The folder whose files /static/ serves." };
var smallLimits = new Option<bool>("--small-limits") { Description = "Limits and deadlines so small that tests meet them." };
var handOver = new Option<string?>("--hand-over") { Description = "A Unix socket at which the next KitchenSink takes the listeners over." };
var inherit = new Option<bool>("--inherit") { Description = "Takes listeners from systemd, or whoever sets LISTEN_FDS." };
var accessLog = new Option<bool>("--access-log") { Description = "Writes a line for each request to standard output." };
var loops = new Option<int>("--loops") { Description = "Event loops; 0 is one per core.", DefaultValueFactory = _ => 1 };
var driver = new Option<string>("--driver") { Description = "The backend of the loops.", DefaultValueFactory = _ => "auto" };
driver.AcceptOnlyFromAmong("auto", "io_uring", "epoll", "sockets");
var command = new RootCommand("One server that shows everything that Gyre.Http does, and lets anyone test it.")
{
    urls, httpsPort, certificateFile, root, smallLimits, handOver, inherit, accessLog, loops, driver,
};
command.SetAction(parsed =>
{
    var settings = new Settings
    {
        Url = parsed.GetValue(urls)!,
        HttpsPort = parsed.GetValue(httpsPort),
        CertificateFile = parsed.GetValue(certificateFile),
        Root = parsed.GetValue(root),
        SmallLimits = parsed.GetValue(smallLimits),
        HandOverPath = parsed.GetValue(handOver),
        TakesInheritedListeners = parsed.GetValue(inherit),
        AccessLog = parsed.GetValue(accessLog),
    };
    try
    {
        var options = new RuntimeOptions { Driver = DriverNames.Parse(parsed.GetValue(driver)!), Loops = parsed.GetValue(loops) };
        GyreRuntime.Run(() => Sink.ServeAsync(settings), options);
        return 0;
    }
    catch (Exception failure) when (failure is SocketException or ArgumentException or PlatformNotSupportedException or InvalidOperationException or IOException or CryptographicException)
    {
        Console.Error.WriteLine($"kitchensink: {failure.Message}");
        return 1;
    }
});
return command.Parse(args).Invoke();
