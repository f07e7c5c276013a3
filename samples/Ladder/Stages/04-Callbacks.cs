using Gyre.Net;

namespace Gyre.Samples.Ladder;

/// <summary>
/// The loop belongs to a library now, Gyre's, and knows nothing of the handler: that begins an operation, leaves a callback in a
/// table, and the loop calls it when the operation has ended. Any handler can be written so. But each wait still cuts it in two:
/// a loop becomes a method that calls itself back, every piece looks after failures by itself, and none may forget to close.
/// </summary>
internal sealed class Callbacks
{
    private readonly Dictionary<IJob, Action> _callbacks = [];

    public static void Run(Setting setting)
    {
        var callbacks = new Callbacks();
        LoopServer.Run(setting, client => new Handler(callbacks, client, setting).ReceiveRequest());
    }

    private void Register(IJob job, Action callback)
    {
        _callbacks.Add(job, callback);
        job.Begin(OnFinished);
    }

    private void OnFinished(IJob job)
    {
        _callbacks.Remove(job, out Action? callback);
        callback!();
    }

    private sealed class Handler(Callbacks callbacks, TcpConnection client, Setting setting)
    {
        private readonly Message _request = new();
        private readonly Message _response = new();
        private TcpConnection? _upstream;

        public void ReceiveRequest()
        {
            Job<byte[]> read = Io.Read(client);
            callbacks.Register(read, () =>
            {
                if (read.Failure is not null)
                {
                    Close();
                }
                else if (!_request.Add(read.Result))
                {
                    ReceiveRequest();
                }
                else if (_request.Path is { } path)
                {
                    Connect(setting.UrlFor(path));
                }
                else
                {
                    Close();
                }
            });
        }

        private void Connect(Uri url)
        {
            Job<TcpConnection> connect = Io.Connect(url);
            callbacks.Register(connect, () =>
            {
                if (connect.Failure is not null)
                {
                    Wait();
                    return;
                }

                _upstream = connect.Result;
                Job<bool> write = Io.Write(_upstream, Http.Question(url));
                callbacks.Register(write, () => (write.Failure is null ? (Action)ReceiveResponse : Wait)());
            });
        }

        private void ReceiveResponse()
        {
            Job<byte[]> read = Io.Read(_upstream!);
            callbacks.Register(read, () =>
            {
                bool goesOn = read.Failure is null && !_response.Add(read.Result);
                (goesOn ? (Action)ReceiveResponse : Wait)();
            });
        }

        private void Wait()
        {
            if (_upstream is not null)
            {
                Io.Close(_upstream);
            }

            callbacks.Register(Io.Sleep(setting.Wait), Answer);
        }

        private void Answer()
        {
            Job<bool> write = Io.Write(client, setting.Answer(_request.Path!, _response.Response));
            callbacks.Register(write, Close);
        }

        private void Close() => Io.Close(client);
    }
}
