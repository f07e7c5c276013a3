using System.Buffers;
using System.Text.Json;
using Gyre.Http.Protocol;
using Gyre.Http.Server;
using Microsoft.Extensions.Logging;

namespace Gyre.Http.Middleware;

/// <summary>Asks the checks and sums up.</summary>
/// <param name="server">Whose readiness counts too; null when it doesn't.</param>
/// <param name="checks">Asked at each request.</param>
internal sealed class HealthHandler(HttpServer? server, HealthCheck[] checks)
{
    /// <summary>The same checks, all of which are there.</summary>
    /// <exception cref="ArgumentException">One is null.</exception>
    public static HealthCheck[] Checked(ReadOnlySpan<HealthCheck> checks)
    {
        int missing = checks.IndexOf((HealthCheck?)null);
        return missing < 0 ? checks.ToArray() : throw new ArgumentException(
            $"The health check at index {missing} is null; pass a HealthCheck, or leave it out.", nameof(checks));
    }

    public async ValueTask InvokeAsync(HttpContext context)
    {
        bool isServing = server is null or { IsReady: true };
        bool[] results = new bool[checks.Length];
        if (isServing && checks.Length > 0)
        {
            ILogger logger = context.Connection!.Server.Logger;
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < checks.Length; i++)
                {
                    int mine = i;
                    group.Spawn(async () => results[mine] = await AskAsync(checks[mine], logger), checks[mine].Name);
                }

                return Task.CompletedTask;
            });
        }

        Answer(context, isServing && Array.TrueForAll(results, static isHealthy => isHealthy), results);
    }

    private static async Task<bool> AskAsync(HealthCheck check, ILogger logger)
    {
        bool isHealthy = false;
        try
        {
            CancelScope scope = await CancelScope.MoveOnAfterAsync(check.Timeout, async _ => isHealthy = await check.IsHealthyAsync());
            if (!isHealthy)
            {
                ServerLog.CheckFailed(logger, check.Name, scope.CancelledCaught ? $"no answer after {check.Timeout}" : "it said no");
            }

            return isHealthy;
        }
#pragma warning disable CA1031 // Whatever a check throws means that it isn't healthy.
        catch (Exception failure) when (failure is not OperationCanceledException || Coroutine.Current is not { IsCancelled: true })
#pragma warning restore CA1031
        {
            ServerLog.CheckFailed(logger, check.Name, failure.Message);
            return false;
        }
    }

    private void Answer(HttpContext context, bool isWell, bool[] results)
    {
        HttpResponse response = context.Response;
        response.StatusCode = isWell ? 200 : 503;
        response.Headers.Set(KnownHeader.CacheControl, "no-store"u8);
        string good = server is null ? "healthy" : "ready";
        if (context.Request.GetHeader(KnownHeader.Accept)?.Contains("application/json", StringComparison.OrdinalIgnoreCase) != true)
        {
            response.Send(isWell ? good : $"not {good}");
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, isWell ? good : $"not {good}");
            json.WriteStartObject("checks"u8);
            for (int i = 0; i < checks.Length; i++)
            {
                json.WriteBoolean(checks[i].Name, results[i]);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        response.Headers.Set(KnownHeader.ContentType, "application/json"u8);
        response.Send(buffer.WrittenSpan);
    }
}
