using System.Globalization;
using System.Reflection;
using Gyre.Http.Protocol;
using Gyre.Http.Tests.Protocol;

namespace Gyre.Http.Tests.Server;

/// <summary>Every limit and deadline with its default, as the guide tells it, and the test that holds it.</summary>
public sealed class LimitsTableTests
{
    private static readonly string s_page = Path.Combine(AppContext.BaseDirectory, "Guide", "http-server.md");

    /// <summary>Option, default in the guide's unit, and the test that fails when the option does nothing.</summary>
    private static readonly (string Option, string Default, string HeldBy)[] s_table =
    [
        (nameof(HttpLimits.RequestLineBytesMax), "8192", nameof(LimitTests.Request_line)),
        (nameof(HttpLimits.MethodBytesMax), "32", nameof(LimitTests.Method)),
        (nameof(HttpLimits.HeaderBlockBytesMax), "32768", nameof(LimitTests.Header_block)),
        (nameof(HttpLimits.HeaderCountMax), "100", nameof(LimitTests.Header_count)),
        (nameof(HttpLimits.ChunkExtensionBytesMax), "16384", nameof(LimitTests.Chunk_extensions_of_all_chunks)),
        (nameof(HttpLimits.TrailerBytesMax), "16384", nameof(LimitTests.Trailers)),
        (nameof(HttpLimits.BodyBytesMax), "30000000", nameof(LimitTests.Body)),
        (nameof(HttpServerOptions.HeaderTimeout), "15", nameof(DeadlineTests.A_head_that_comes_byte_by_byte_is_given_up_in_spite_of_its_bytes)),
        (nameof(HttpServerOptions.KeepAliveTimeout), "130", nameof(DeadlineTests.A_silent_connection_is_closed_without_a_word)),
        (nameof(HttpServerOptions.BodyBytesPerSecondMin), "240", nameof(DeadlineTests.A_body_that_comes_too_slowly_fails_its_read_and_is_answered)),
        (nameof(HttpServerOptions.BodyGrace), "5", nameof(DeadlineTests.Each_body_has_a_grace_of_its_own)),
        (nameof(HttpServerOptions.DrainBytesMax), "262144", nameof(RequestBodyTests.A_body_is_dropped_up_to_the_limit_exactly)),
        (nameof(HttpServerOptions.LingerTimeout), "5", nameof(DeadlineTests.A_peer_that_lingers_too_long_is_cut_off)),
        (nameof(HttpServerOptions.ConnectionsPerLoopMax), "0", nameof(ConnectionLimitTests.Above_the_limit_accepting_pauses_until_a_connection_leaves)),
        (nameof(HttpServerOptions.SurplusConnectionsPerLoopMax), "64", nameof(ConnectionLimitTests.One_more_than_the_limit_is_told_so_and_closed)),
        (nameof(HttpServerOptions.RequestsPerLoopMax), "0", nameof(OverloadTests.One_request_too_many_is_answered_503_and_the_connection_goes_on)),
        (nameof(HttpServerOptions.DrainTimeout), "30", nameof(DrainTests.What_takes_too_long_is_cancelled_with_a_reason)),
        (nameof(HttpServerOptions.DrainIdleTime), "0.5", nameof(DrainTests.Idle_connections_are_kept_a_moment_and_a_request_on_its_way_is_answered)),
        (nameof(HttpServerOptions.DrainDelay), "0", nameof(DrainTests.Readiness_goes_first_then_new_connections_then_requests)),
        (nameof(HttpServerOptions.Backlog), "511", nameof(HttpServerTests.Options_that_make_no_sense_are_refused_where_they_are_set)),
        (nameof(HttpServerOptions.HalfCloseCancels), "true", nameof(DisconnectTests.A_client_that_only_ends_its_side_is_answered_when_the_option_says_so)),
    ];

    [Fact]
    public void Every_option_is_in_the_table_with_its_default()
    {
        IEnumerable<(string Name, string Default)> found = Options(new HttpServerOptions()).Concat(Options(HttpLimits.Default));

        Assert.Equal(s_table.Select(static row => (row.Option, row.Default)).Order(), found.Order());
    }

    [Fact]
    public void The_guide_says_the_same_of_each_with_its_unit_and_risk()
    {
        string[][] rows = [.. File.ReadLines(s_page).Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries)).Where(static cells => cells.Length == 7)];

        Assert.Equal(s_table.Select(static row => ($"`{row.Option}`", row.Default)), rows.Select(static cells => (cells[1], cells[2])));
        Assert.All(rows, static cells => Assert.True((cells[3].Length > 0 || cells[2] == "true") && cells[4].Length > 0 && cells[5].Length > 0, cells[1]));
    }

    /// <summary>How a server listens and speaks, which bounds nothing.</summary>
    private static readonly string[] s_noLimits =
    [
        nameof(HttpServerOptions.Logger), nameof(HttpServerOptions.Tls), nameof(HttpServerOptions.HandOverPath),
        nameof(HttpServerOptions.TakesInheritedListeners),
    ];

    private static IEnumerable<(string Name, string Default)> Options(object options) => options.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(static property => property.PropertyType != typeof(HttpLimits) && !s_noLimits.Contains(property.Name))
        .Select(property => (property.Name, Text(property.GetValue(options)!)));

    private static string Text(object value) => value switch
    {
        TimeSpan time => time.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        bool isOn => isOn ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
