namespace Gyre.Http.Server;

/// <summary>
/// Deadlines, checked by the server once a second. Reading and writing have one each, because a handler may do both at
/// the same time.
/// </summary>
internal sealed partial class HttpConnection
{
    private const int Never = LoopServer.Never;

    private int _deadline = Never;
    private int _writeDeadline = Never;
    private DeadlineKind _deadlineKind;
    private DeadlineKind _timedOut;

    /// <summary>Called by the server once a second, between pieces of work; ends what took too long.</summary>
    public void CheckDeadlines()
    {
        if (_server.Second >= _writeDeadline || (_writeDeadline != Never && IsPeerTooSlow()))
        {
            // The peer doesn't take the response; nothing can be told to it either.
            Tcp.Abort();
        }
        else if (_deadlineKind == DeadlineKind.Body ? IsBodyTooSlow() : _server.Second >= _deadline)
        {
            EndRead();
        }
    }

    /// <summary>Called by the server that drains: a connection without a request is closed.</summary>
    public void EndIfIdle()
    {
        if (_deadlineKind == DeadlineKind.KeepAlive)
        {
            EndRead();
        }
    }

    private void SetDeadline(DeadlineKind kind, TimeSpan timeout)
    {
        _deadlineKind = kind;
        _deadline = _server.DeadlineAfter(timeout);
    }

    /// <summary>Something waits for the peer to take <paramref name="bytes"/> more.</summary>
    private void BeginWriteWait(long bytes)
    {
        _writeDeadline = _server.DeadlineAfter(_server.SlowestWrite(bytes));
        _context?.WriteRate.BeginWait();
    }

    private void EndWriteWait() => _writeDeadline = Never;

    /// <summary>
    /// The system's buffers hide for minutes that a peer takes nothing, so what it acknowledged is looked at, where the system tells.
    /// </summary>
    private bool IsPeerTooSlow() =>
        _context is { } context && context.WriteRate.IsTooSlow(
            _server.Options, Tcp.Loop.Time.Ticks, Tcp.AcknowledgedBytes, Tcp.UnacknowledgedBytes);

    private void ClearDeadline()
    {
        _deadlineKind = DeadlineKind.None;
        _deadline = Never;
    }

    /// <summary>Before the next read: a head that has begun is under its deadline from its first byte, not from its last.</summary>
    private void ArmDeadline()
    {
        if (_context is { Reader.IsInsideMessage: true })
        {
            if (_deadlineKind != DeadlineKind.Header)
            {
                SetDeadline(DeadlineKind.Header, AtMostLinger(_server.Options.HeaderTimeout));
            }

            return;
        }

        ReturnContext();
        SetDeadline(DeadlineKind.KeepAlive, _server.IsDraining ? _server.Options.DrainIdleTime : AtMostLinger(_server.Options.KeepAliveTimeout));
    }

    /// <summary>Who is to be turned away has as long to ask as the answer may take to be read.</summary>
    private TimeSpan AtMostLinger(TimeSpan timeout)
    {
        TimeSpan linger = _server.Options.LingerTimeout;
        return IsSurplus && linger != Timeout.InfiniteTimeSpan && (timeout == Timeout.InfiniteTimeSpan || linger < timeout) ? linger : timeout;
    }

    private void EndRead()
    {
        _timedOut = _deadlineKind;
        ClearDeadline();
        if (_timedOut == DeadlineKind.Linger)
        {
            Tcp.Abort();
        }
        else
        {
            Input.CancelPendingRead();
        }
    }

    private void BeginBodyWait(HttpContext context)
    {
        _deadlineKind = DeadlineKind.Body;
        context.BodyRate.BeginWait(Tcp.Loop.Time.Ticks);
    }

    private void EndBodyWait(HttpContext context)
    {
        ClearDeadline();
        context.BodyRate.EndWait(Tcp.Loop.Time.Ticks);
    }

    private bool IsBodyTooSlow() =>
        _context is { } context && context.BodyRate.IsTooSlow(_server.Options, Tcp.Loop.Time.Ticks);
}
