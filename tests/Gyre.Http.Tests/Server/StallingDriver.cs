using System.Net;
using Gyre.Drivers;
using Gyre.Simulation;

namespace Gyre.Http.Tests.Server;

/// <summary>
/// A simulated driver on whose loop time may pass while there is work, as it does when something else holds the processor:
/// so that a timer can be due in the turn in which bytes arrive.
/// </summary>
internal sealed class StallingDriver(SimulatedDriver inner) : Driver
{
    private long _stalled;

    public override string Name => inner.Name;

    public override DriverCapabilities Capabilities => inner.Capabilities;

    public override int? ReadyOrderSeed => inner.ReadyOrderSeed;

    public override int? ChoiceSeed => inner.ChoiceSeed;

    public override bool TimersAreExact => inner.TimersAreExact;

    public override bool IdleTurnIsFree => inner.IdleTurnIsFree;

    public override DriverStatistics Statistics => inner.Statistics;

    /// <summary>Lets time pass between this turn and the next.</summary>
    public void Stall(TimeSpan time) => _stalled += time.Ticks * 100;

    public override long GetTimestamp() => inner.GetTimestamp() + _stalled;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow().AddTicks(_stalled / 100);

    public override DriverListener Listen(IPEndPoint endPoint, ListenOptions options) => inner.Listen(endPoint, options);

    public override DriverOperation StartConnect(IPEndPoint endPoint, ConnectOptions options, IConnectHandler handler) =>
        inner.StartConnect(endPoint, options, handler);

    public override DriverConnection Adopt(object detached) => inner.Adopt(detached);

    public override void Submit() => inner.Submit();

    public override int Turn(long timeoutNanoseconds) => inner.Turn(timeoutNanoseconds);

    public override void Wake() => inner.Wake();

    protected override void Dispose(bool disposing) => inner.Dispose();
}
