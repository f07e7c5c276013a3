using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gyre.Interop;

namespace Gyre.Drivers;

/// <summary>
/// A listening TCP socket under a name, that no loop accepts from yet: inherited, received from another process, or a
/// duplicate of a listener's own. Any thread.
/// </summary>
/// <remarks>
/// It is no <see cref="SafeSocketHandle"/>, because that one closes abortively: it first sets the option SO_LINGER to zero
/// seconds, which is a property of the socket and not of the descriptor. Every process that shares the socket would from then on
/// accept connections that inherit it, and reset them with what they have yet to send.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class ListenerHandle : SafeHandle
{
    /// <summary>The longest name; systemd's FDNAME_MAX.</summary>
    internal const int NameMax = 255;

    /// <summary>Takes over a descriptor; on failure it stays the caller's.</summary>
    /// <param name="descriptor">The number of an open descriptor that nobody else closes.</param>
    /// <param name="name">What tells it from others; printable ASCII without a colon, at most 255 characters, as systemd has it.</param>
    /// <exception cref="ArgumentException">
    /// The name is no such name, or the descriptor isn't a listening TCP socket; the message names both and says what is wrong.
    /// </exception>
    public ListenerHandle(nint descriptor, string name)
        : base(invalidHandleValue: -1, ownsHandle: true)
    {
        Name = Checked(name);
        LocalEndPoint = ListeningSocket.Inspect(descriptor, name);
        SetHandle(descriptor);
    }

    /// <summary>What tells it from other listeners, for example <c>http</c>; several may have one name.</summary>
    public string Name { get; }

    /// <summary>The address that the socket is bound to.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <inheritdoc/>
    public override string ToString() => $"listener '{Name}' {LocalEndPoint}";

    /// <summary>Whether <paramref name="name"/> can be passed on by every way there is.</summary>
    internal static bool IsName(string name) =>
        name.Length is > 0 and <= NameMax && !name.AsSpan().ContainsAnyExceptInRange(' ', '~') && !name.Contains(':', StringComparison.Ordinal);

    /// <summary>The descriptor, which is the caller's from here on.</summary>
    /// <exception cref="ObjectDisposedException">It was closed or given away before.</exception>
    internal nint Release()
    {
        ObjectDisposedException.ThrowIf(IsClosed || IsInvalid, this);
        nint descriptor = handle;
        SetHandleAsInvalid();
        handle = -1;
        return descriptor;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        ListeningSocket.Close(handle);
        return true;
    }

    /// <summary>A name that can be passed on by every way there is.</summary>
    /// <exception cref="ArgumentException">It isn't one.</exception>
    internal static string Checked(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IsName(name)
            ? name
            : throw new ArgumentException(
                $"'{name}' can't name a listener: a name is 1 to {NameMax} printable ASCII characters, without a colon.", nameof(name));
    }
}
