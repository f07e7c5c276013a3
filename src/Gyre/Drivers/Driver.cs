using System.Net;
using System.Runtime.InteropServices;

namespace Gyre.Drivers;

/// <summary>
/// What a loop needs from the world: a clock, connections, a way to wait and a way to be woken. One driver belongs to one
/// loop. A backend is written by deriving from this class, <see cref="DriverListener"/> and <see cref="DriverConnection"/>.
/// </summary>
/// <remarks>
/// The contract, which the conformance kit checks word by word:
/// <list type="number">
/// <item>Thread. Every member is called on the loop's thread, except <see cref="Wake"/>, which any thread may call.
/// The driver is made on that thread too.</item>
/// <item>Gathering. <c>Start…</c> members may do their work at once or gather it; by the end of the next
/// <see cref="Submit"/> or <see cref="Turn"/> it must have been handed to the system.</item>
/// <item>Delivery. Handlers are called during <see cref="Submit"/> and <see cref="Turn"/> only, never inside the member
/// that started the operation. A handler records what happened and makes work ready; it never runs user code. It may call
/// any member of the contract except those two and <see cref="IDisposable.Dispose"/>.</item>
/// <item>Order. Events of one object arrive in the order in which they happened; between objects there is no order.</item>
/// <item>Memory. Memory given to <c>StartSend</c> belongs to the driver until <c>OnSent</c> or, after a close,
/// <c>OnClosed</c>. Memory given to <c>OnReceived</c> belongs to the consumer until it calls
/// <see cref="ReceivedBuffer.Return"/>, which it must do exactly once; when <see cref="ReceivedBuffer.IsScarce"/> is set,
/// before the handler returns. A handle given to <c>StartSendFile</c> or <c>StartWaitReady</c> is referenced by the driver until
/// the operation's event, or <c>OnClosed</c>; the consumer may dispose it meanwhile.</item>
/// <item>Cancelling. Stopping an operation never loses what it has taken: data or a connection that was under way is
/// still delivered before the terminal event.</item>
/// <item>Ending. Closing an object ends all its operations; its <c>OnClosed</c> comes exactly once, when the system has
/// let go of every buffer and descriptor, and nothing comes after it.</item>
/// <item>Time. <see cref="GetTimestamp"/> is monotonic, in nanoseconds. Only the driver may know real time.</item>
/// <item>Exhaustion. Running out of descriptors or memory pauses an accept with an event; it never spins.</item>
/// <item>Disposal. <see cref="IDisposable.Dispose"/> ends what is in flight, closes every descriptor and frees memory
/// only after the system can no longer write to it. Handlers are not called any more.</item>
/// </list>
/// </remarks>
public abstract class Driver : IDisposable
{
    /// <summary>The name that <c>GYRE_DRIVER</c> and the start-up line use, for example <c>io_uring</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What this driver can do beyond the contract's core.</summary>
    public abstract DriverCapabilities Capabilities { get; }

    /// <summary>Seed that shuffles the order of ready work; null runs it first-in first-out, as every real driver does.</summary>
    public virtual int? ReadyOrderSeed => null;

    /// <summary>Seed of the choices that the loop makes by chance (which of several ready cases a select takes); null for one that
    /// differs from run to run.</summary>
    public virtual int? ChoiceSeed => null;

    /// <summary>
    /// Whether timers fire at their very deadline. False lets the loop call long ones up to a thousandth of their delay late, a millisecond at most, so that
    /// those that fall due close together share a wake-up.
    /// </summary>
    public virtual bool TimersAreExact => false;

    /// <summary>
    /// Whether <see cref="Turn"/> with a time-out of 0, when nothing is gathered or pending, costs no system call, so that a
    /// loop with ready work may ask every turn.
    /// </summary>
    public virtual bool IdleTurnIsFree => false;

    /// <summary>Counts since the driver was made.</summary>
    public abstract DriverStatistics Statistics { get; }

    /// <summary>The monotonic clock, in nanoseconds since an arbitrary point.</summary>
    public abstract long GetTimestamp();

    /// <summary>The wall clock.</summary>
    public abstract DateTimeOffset GetUtcNow();

    /// <summary>Binds and listens; accepting begins with <see cref="DriverListener.StartAccept"/>.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address can't be bound; the message names it.</exception>
    public abstract DriverListener Listen(IPEndPoint endPoint, ListenOptions options);

    /// <summary>
    /// Listens on a socket that listens already, and that other processes may accept from too: what one of them has taken the
    /// others don't see, which is no error. Needs <see cref="DriverCapabilities.AdoptListener"/>. On success the descriptor is
    /// the driver's; otherwise it stays the caller's.
    /// </summary>
    /// <param name="listener">The socket. It becomes non-blocking for everybody who shares it.</param>
    /// <param name="options">Only <see cref="ListenOptions.NoDelay"/> counts; the rest was decided when it was opened.</param>
    /// <exception cref="PlatformNotSupportedException">The driver lacks the capability.</exception>
    /// <exception cref="ObjectDisposedException">The handle was closed or adopted before.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The system refuses to watch the socket.</exception>
    public virtual DriverListener AdoptListener(ListenerHandle listener, ListenOptions options) =>
        throw new PlatformNotSupportedException(
            $"The {Name} driver can't listen on a socket that is open already; use a driver with DriverCapabilities.AdoptListener.");

    /// <summary>Starts a connection attempt. Exactly one of the handler's two events follows.</summary>
    public abstract DriverOperation StartConnect(IPEndPoint endPoint, ConnectOptions options, IConnectHandler handler);

    /// <summary>
    /// The addresses of a host, best first, on any thread's time. The default asks the system, on the thread pool; a world of
    /// its own has names of its own.
    /// </summary>
    /// <exception cref="System.Net.Sockets.SocketException">The name is unknown, or nobody could be asked.</exception>
    public virtual Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        Dns.GetHostAddressesAsync(host, cancellationToken);

    /// <summary>
    /// Starts waiting for a descriptor to become ready; exactly one event follows. Needs
    /// <see cref="DriverCapabilities.Readiness"/>. The driver holds a reference on the handle until the event.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The driver lacks the capability.</exception>
    public virtual DriverOperation StartWaitReady(SafeHandle handle, ReadinessKind kind, IReadinessHandler handler) =>
        throw new PlatformNotSupportedException(
            $"The {Name} driver can't wait for the readiness of a descriptor; use a driver with DriverCapabilities.Readiness.");

    /// <summary>
    /// Takes over a connection that <see cref="DriverConnection.Detach"/> released, usually from another loop's driver of
    /// the same kind. Needs <see cref="DriverCapabilities.HandOver"/>.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The driver lacks the capability.</exception>
    public virtual DriverConnection Adopt(object detached) =>
        throw new PlatformNotSupportedException($"The {Name} driver can't take over a connection from another loop.");

    /// <summary>
    /// Hands over what was gathered, without looking for anything else, and may call the handlers of what that completed.
    /// The loop calls it at the end of every turn, before it decides whether to wait, because with ready work it calls
    /// <see cref="Turn"/> now and then only. With nothing gathered it makes no system call. The default leaves it all to
    /// <see cref="Turn"/>, which is right for a driver whose hand-over and wait are one call and whose
    /// <see cref="IdleTurnIsFree"/> is true.
    /// </summary>
    public virtual void Submit()
    {
    }

    /// <summary>
    /// Hands over what was gathered, waits at most <paramref name="timeoutNanoseconds"/> for something to happen, and calls
    /// the handlers of what did. 0 doesn't wait (see <see cref="IdleTurnIsFree"/> for what it costs); -1 waits until an event
    /// or <see cref="Wake"/>. Work that was gathered and completed something takes the place of waiting.
    /// </summary>
    /// <returns>How many events were delivered.</returns>
    public abstract int Turn(long timeoutNanoseconds);

    /// <summary>Makes the current or the next <see cref="Turn"/> return soon. Any thread; wakes may coalesce.</summary>
    public abstract void Wake();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the driver holds; see the contract's last item.</summary>
    protected abstract void Dispose(bool disposing);
}
