using System.Diagnostics;
using Gyre.Samples.Listings;

namespace Gyre.Listings.Tests;

/// <summary>What each program of <c>samples/Listings</c> prints, and its command line.</summary>
public sealed class ListingsTests
{
    /// <summary>Far more than a program needs to start on a loaded machine; it only bounds a hang.</summary>
    private static readonly TimeSpan s_hangBound = TimeSpan.FromSeconds(60);

    public static TheoryData<string, string[]> Outputs => new()
    {
        {
            "accept-loop",
            [
                "100 ms: /users gets users data", "200 ms: /orders gets orders data", "200 ms: /nowhere gets 404",
                "300 ms: /broken gets 500, broken is down",
            ]
        },
        {
            "register-and-collect",
            [
                "10 ms: read quick data from 2", "10 ms: wrote quick data to 2", "30 ms: read slow data from 1", "30 ms: wrote slow data to 1",
            ]
        },
        {
            "callbacks",
            [
                "150 ms: /a gets users data and orders data", "150 ms: /b gets users data and orders data",
                "270 ms: /c gets users data and orders data", "0 callbacks left",
            ]
        },
        { "yielding-handler", ["150 ms: /a gets users data and orders data", "150 ms: /b gets users data and orders data"] },
        { "example", ["2", "get 4", "4"] },
        {
            "wrapper",
            ["yielded request for users", "yielded request for orders", "returned <users data> <orders data>"]
        },
        { "ready-list", ["100 ms: returned: users gets users data", "100 ms: failed: broken is down", "100 ms: returned: orders gets orders data"] },
        { "future", ["set", "first: 42", "second: 42", "late: 42"] },
        { "request", ["2 requests are on their way", "50 ms: broken is down", "100 ms: users data"] },
        { "done-callbacks", ["users data and orders data at 100 ms", "broken is down"] },
        {
            "yield-from",
            ["yielded request for users", "yielded request for orders", "returned <users data> <orders data>"]
        },
        { "async-await", ["users data and orders data", "500: broken is down"] },
    };

    [Theory]
    [MemberData(nameof(Outputs))]
    public void A_listing_prints_what_it_should(string name, string[] lines)
    {
        var printed = new List<string>();
        Listing.All.Single(listing => listing.Name == name).Run(line => printed.Add($"{line}"));
        Assert.Equal(lines, printed);
    }

    [Fact]
    public void Every_listing_is_asserted_and_no_two_have_one_name() =>
        Assert.Equal(Listing.All.Select(listing => listing.Name), Outputs.Select(row => row.Data.Item1));

    [Fact]
    public async Task As_a_program_it_runs_one() => Assert.Equal((0, "2\nget 4\n4\n", ""), await RunAsync("example"));

    [Fact]
    public async Task As_a_program_it_lists_all_when_not_told_which()
    {
        (int code, string output, string error) = await RunAsync();
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(Listing.All.Select(listing => listing.Name), Lines(output).Select(line => line.Split(' ')[0]));
        Assert.All(Lines(output).Zip(Listing.All), pair => Assert.EndsWith($"  {pair.Second.Shows}", pair.First, StringComparison.Ordinal));
    }

    [Fact]
    public async Task As_a_program_it_runs_all()
    {
        (int code, string output, string error) = await RunAsync("--all");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            Outputs.SelectMany(row => row.Data.Item2.Prepend(row.Data.Item1)),
            Lines(output).Select(line => line.StartsWith("--- ", StringComparison.Ordinal) ? line[4..line.IndexOf(':', StringComparison.Ordinal)] : line));
    }

    [Theory]
    [InlineData("There is no listing teapot; there are accept-loop, register-and-collect,", "teapot")]
    [InlineData("Give a name or --all, not both.", "example", "--all")]
    public async Task As_a_program_it_refuses_what_it_does_not_understand(string told, params string[] arguments)
    {
        (int code, _, string error) = await RunAsync(arguments);
        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.Equal(1, code);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        // What "dotnet run --project samples/Listings" runs is built beside the tests.
        string program = Path.Combine(AppContext.BaseDirectory, "Listings.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(s_hangBound);
            await process.WaitForExitAsync().WaitAsync(s_hangBound);
            return (process.ExitCode, output.ReplaceLineEndings("\n"), await error);
        }
        finally
        {
            process.Kill();
        }
    }
}
