using System.Net;
using System.Runtime.InteropServices;
using Gyre.Drivers;

namespace Gyre.Tests;

/// <summary>A real driver that dies when it is told to.</summary>
internal sealed class TroubledDriver(Driver inner) : Driver
{
    public bool Dies { get; set; }

    public override string Name => inner.Name;

    public override DriverCapabilities Capabilities => inner.Capabilities;

    public override bool IdleTurnIsFree => inner.IdleTurnIsFree;

    public override DriverStatistics Statistics => inner.Statistics;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override DriverListener Listen(IPEndPoint endPoint, ListenOptions options) => inner.Listen(endPoint, options);

    public override DriverOperation StartConnect(IPEndPoint endPoint, ConnectOptions options, IConnectHandler handler) =>
        inner.StartConnect(endPoint, options, handler);

    public override DriverOperation StartWaitReady(SafeHandle handle, ReadinessKind kind, IReadinessHandler handler) =>
        inner.StartWaitReady(handle, kind, handler);

    public override DriverConnection Adopt(object detached) => inner.Adopt(detached);

    public override void Submit() => inner.Submit();

    public override int Turn(long timeoutNanoseconds) =>
        Dies ? throw new InvalidTimeZoneException("the driver died") : inner.Turn(timeoutNanoseconds);

    public override void Wake() => inner.Wake();

    protected override void Dispose(bool disposing) => inner.Dispose();
}
