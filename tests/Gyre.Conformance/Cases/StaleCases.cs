using Gyre.Conformance.Probes;
using Gyre.Drivers;

namespace Gyre.Conformance.Cases;

internal static class StaleCases
{
    [ConformanceCase]
    public static void Quick_cycles_of_opening_and_closing_mix_nothing_up(Rig rig)
    {
        for (int seed = 1; seed <= 6; seed++)
        {
            new Churn(rig, seed).Run(steps: 1500);
        }
    }

    [ConformanceCase]
    public static void A_connection_that_reuses_a_place_gets_nothing_of_its_predecessor(Rig rig)
    {
        for (int i = 0; i < 200; i++)
        {
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            server.StartReceive();
            client.Stream(50_000, 1000 + (i * 7));
            rig.Turn(0);
            server.Close(abort: true);
            client.Close(abort: i % 2 == 0);
        }

        rig.Settle();
    }

    /// <summary>Random operations, each allowed by the contract, on a few dozen connections; the probes notice every breach.</summary>
    private sealed class Churn(Rig rig, int seed)
    {
        private const int LiveMax = 24;

        private readonly Random _random = new(seed);
        private readonly List<ConnectionProbe> _live = [];
        private readonly AcceptProbe _listener = rig.Listen();
        private int _connecting;

        public void Run(int steps)
        {
            _listener.WhenAccepted = Take;
            for (int i = 0; i < steps; i++)
            {
                Step();
            }

            rig.TurnUntil(HasSettled, $"churn {seed} has settled");
        }

        private bool HasSettled()
        {
            _live.ForEach(one => one.Close(_random.Next(2) == 0));
            return _live.TrueForAll(static one => one.IsClosed) && _connecting == 0;
        }

        private void Step()
        {
            _live.RemoveAll(static one => one.IsClosed);
            if (_live.Count + _connecting < LiveMax && _random.Next(3) == 0)
            {
                Connect();
            }
            else if (_live.Count > 0)
            {
                Act(_live[_random.Next(_live.Count)]);
            }

            switch (_random.Next(6))
            {
                case 0:
                    rig.Submit();
                    break;
                case 1 or 2:
                    rig.Turn(0);
                    break;
            }
        }

        private void Connect()
        {
            _connecting++;
            ConnectProbe attempt = rig.Connect(_listener.Listener.LocalEndPoint);
            attempt.WhenConnected = connected =>
            {
                _connecting--;
                Take(connected);
            };

            // The other end may abort so soon that the attempt itself is told of it.
            attempt.WhenFailed = () => _connecting--;
        }

        private void Take(ConnectionProbe taken)
        {
            taken.Speaks(1, hears: 1);
            _live.Add(taken);
        }

        private void Act(ConnectionProbe one)
        {
            switch (_random.Next(10))
            {
                case < 3 when !one.IsClosing && !one.IsSending && one.SendError is null or System.Net.Sockets.SocketError.Success:
                    one.IsQuiet = _random.Next(2) == 0;
                    one.Stream(_random.Next(1, 40_000), _random.Next(1, 40_000));
                    break;
                case < 6 when !one.IsClosing && !one.IsReceiving && one.End is null or ReceiveEnd.Stopped:
                    one.StartReceive();
                    break;
                case 6 when one.IsReceiving && !one.IsClosing:
                    one.StopReceive();
                    break;
                case > 7:
                    one.Close(_random.Next(2) == 0);
                    break;
            }
        }
    }
}
