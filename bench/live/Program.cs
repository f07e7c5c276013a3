// Serves Hello, and at /live what lives after a full collection, in bytes: managed, and native (what the C library's allocator
// has handed out), so that a script can tell what an idle connection costs without the garbage of making it. The argument is
// the port; GYRE_DRIVER picks the driver. Linux with glibc.
using System.Runtime.InteropServices;
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
    long managed = GC.GetTotalMemory(forceFullCollection: true);
    context.Response.Send($"{managed} {Allocator.BytesInUse}");
    return default;
});
GyreRuntime.Run(() => server.ServeAsync($"http://127.0.0.1:{args[0]}", address => Console.WriteLine($"ready {address}")));

/// <summary>What malloc has handed out and not got back; see mallinfo2(3).</summary>
internal static class Allocator
{
    public static long BytesInUse
    {
        get
        {
            Info info = mallinfo2();
            return (long)(info.UsedOrdinaryBytes + info.MappedBytes);
        }
    }

    [DllImport("libc.so.6")]
    private static extern Info mallinfo2();

    [StructLayout(LayoutKind.Sequential)]
    private struct Info
    {
        public nuint ArenaBytes;
        public nuint OrdinaryBlocks;
        public nuint SmallBlocks;
        public nuint MappedBlocks;
        public nuint MappedBytes;
        public nuint ArenaBytesMost;
        public nuint SmallBytes;
        public nuint UsedOrdinaryBytes;
        public nuint FreeOrdinaryBytes;
        public nuint ReleasableBytes;
    }
}
