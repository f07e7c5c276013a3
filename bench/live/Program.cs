// Serves Hello, and at /live the managed bytes that survive a full collection, so that a script can tell what an idle
// connection costs without the garbage of making it. The argument is the port; GYRE_DRIVER picks the driver.
using System.Globalization;
using Gyre;
using Gyre.Http;

var server = new HttpServer();
server.Get("/", context =>
{
    context.Response.Send("Hello, World!"u8);
    return default;
});
server.Get("/live", context =>
{
    GC.Collect();
    GC.WaitForPendingFinalizers();
    context.Response.Send(GC.GetTotalMemory(forceFullCollection: true).ToString(CultureInfo.InvariantCulture));
    return default;
});
GyreRuntime.Run(() => server.ServeAsync($"http://127.0.0.1:{args[0]}", address => Console.WriteLine($"ready {address}")));
