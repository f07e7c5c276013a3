using System.Net;
using Gyre.Net;

namespace Gyre.ChildProgram;

/// <summary>Takes every descriptor of the process before its first connection comes, and gives them back a little later.</summary>
internal static class ExhaustedRun
{
    private static readonly TimeSpan s_shortage = TimeSpan.FromMilliseconds(500);

    public static int Run()
    {
        GyreRuntime.Run(async () =>
        {
            await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            Console.WriteLine(listener.LocalEndPoint);
            var taken = new List<FileStream>();
            try
            {
                while (true)
                {
                    taken.Add(File.OpenRead("/dev/null"));
                }
            }
            catch (IOException)
            {
                Console.WriteLine("nothing left");
            }

            EventLoop.Current.CallLater(s_shortage, () => taken.ForEach(static file => file.Dispose()));
            await using TcpConnection connection = await listener.AcceptAsync();
            await connection.Output.WriteAsync("late"u8.ToArray());
        });
        return 0;
    }
}
