// The load and the upstream of the ladder's measurements, told what to do line by line on standard input, each answered by a line:
//
//   load PORT CLIENTS MILLISECONDS   that many clients ask again and again    ->  REQUESTS MICROSECONDS FAILED
//   burst PORT COUNT                 that many requests at once               ->  REQUESTS MICROSECONDS FAILED
//   hold PORT COUNT                  the same, held by the upstream           ->  holding
//   release                          answers those that are held              ->  REQUESTS MICROSECONDS FAILED
//
// The first line it prints is the port of its upstream.
using System.Globalization;
using Gyre;
using Gyre.Bench.Ladder;

GyreRuntime.Run(() => TaskGroup.RunAsync(async group =>
{
    var upstream = new HoldingUpstream();
    group.Spawn(() => upstream.ServeAsync(group, address => Console.WriteLine(address.Port)), "upstream");
    using var input = new StreamReader(Console.OpenStandardInput());
    Clients? held = null;
    Coroutine? burst = null;
    while (await input.ReadLineAsync() is { } line)
    {
        string[] words = line.Split(' ');
        int[] numbers = [.. words.Skip(1).Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
        TimeSpan begun = EventLoop.Current.Time;
        switch (words[0])
        {
            case "load":
                held = new Clients(numbers[0]);
                await held.LoadAsync(numbers[1], TimeSpan.FromMilliseconds(numbers[2]));
                Report(held, begun);
                break;
            case "burst":
                held = new Clients(numbers[0]);
                await held.BurstAsync(numbers[1]);
                Report(held, begun);
                break;
            case "hold":
                Future all = upstream.Hold(numbers[1]);
                Clients waiting = held = new Clients(numbers[0]);
                burst = group.Spawn(() => waiting.BurstAsync(numbers[1]), "burst");
                await all;
                Console.WriteLine("holding");
                break;
            case "release":
                upstream.Release();
                await burst!;
                Report(held!, begun);
                break;
            default:
                throw new InvalidOperationException($"There is no command '{words[0]}'.");
        }
    }

    group.Cancel();
}));

static void Report(Clients clients, TimeSpan begun) =>
    Console.WriteLine($"{clients.Answered} {(EventLoop.Current.Time - begun).TotalMicroseconds:F0} {clients.Failed}");
