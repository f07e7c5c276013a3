namespace Gyre.Samples.Listings;

/// <summary>The same story in the language as it is, on the real loop.</summary>
public static class AsyncAwait
{
    /// <summary>Two requests run at once; the failure of a third reaches whoever awaits it.</summary>
    public static void Run(Action<object?> print) =>
        GyreRuntime.Run(() => MainAsync(print), new RuntimeOptions { HandleSignals = false });

    private static async Task MainAsync(Action<object?> print)
    {
        print(await PageAsync("users", "orders"));
        try
        {
            print(await PageAsync("users", "broken"));
        }
        catch (IOException failure)
        {
            print($"500: {failure.Message}");
        }
    }

    // <async-await>
    private static async Task<string> PageAsync(string one, string other)
    {
        string page = "";
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<string> first = group.Spawn(() => FetchAsync(one));
            Coroutine<string> second = group.Spawn(() => FetchAsync(other));
            page = $"{await first} and {await second}";
        });
        return page;
    }

    private static async Task<string> FetchAsync(string name)
    {
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
        return name == "broken" ? throw new IOException($"{name} is down") : $"{name} data";
    }
    // </async-await>
}
