namespace Gyre.Http.Server;

internal sealed partial class HttpConnection
{
    private long _deadline;
    private long _bodyBytes;
    private long _bodyWaited;
    private long _bodyWaitBegan;
    private DeadlineKind _deadlineKind;
    private DeadlineKind _timedOut;

    /// <summary>Called by the server once a second; ends what took too long.</summary>
    public void CheckDeadline(long now)
    {
        if (_deadlineKind == DeadlineKind.BodyRead)
        {
            if (IsBodyTooSlow(now))
            {
                TimeOutRead(DeadlineKind.BodyRead);
            }
        }
        else if (_deadlineKind != DeadlineKind.None && now >= _deadline)
        {
            if (_deadlineKind is DeadlineKind.Write or DeadlineKind.Linger)
            {
                _connection.Abort();
            }
            else
            {
                TimeOutRead(_deadlineKind);
            }
        }
    }

    /// <summary>Starts a deadline. The server's clock is a second coarse, so a second is added: never early, up to a second late.</summary>
    private void SetDeadline(DeadlineKind kind, TimeSpan timeout)
    {
        _deadlineKind = kind;
        _deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : _server.Now + timeout.Ticks + TimeSpan.TicksPerSecond;
    }

    /// <summary>After a pass over the input: a head that has begun is under its deadline from its first byte, not from its last.</summary>
    private void ArmDeadline()
    {
        if (_context is { Reader.IsInsideMessage: true })
        {
            if (_deadlineKind != DeadlineKind.Header)
            {
                SetDeadline(DeadlineKind.Header, _server.Options.HeaderTimeout);
            }

            return;
        }

        ReturnContext();
        SetDeadline(DeadlineKind.KeepAlive, _server.Options.KeepAliveTimeout);
    }

    private void TimeOutRead(DeadlineKind kind)
    {
        _timedOut = kind;
        _deadlineKind = DeadlineKind.None;
        _input.CancelPendingRead();
    }

    private bool IsBodyTooSlow(long now)
    {
        long waited = _bodyWaited + (now - _bodyWaitBegan) - _server.Options.BodyGrace.Ticks - TimeSpan.TicksPerSecond;
        int rate = _server.Options.BodyBytesPerSecondMin;
        return rate > 0 && waited > 0 && _bodyBytes < rate * (double)waited / TimeSpan.TicksPerSecond;
    }

    private void BeginBodyWait()
    {
        if (_deadlineKind == DeadlineKind.None)
        {
            _bodyWaitBegan = _server.Now;
        }

        _deadlineKind = DeadlineKind.BodyRead;
    }

    private void EndBodyWait()
    {
        _bodyWaited += _server.Now - _bodyWaitBegan;
        _deadlineKind = DeadlineKind.None;
    }

    private void ResetBodyRate()
    {
        _bodyBytes = 0;
        _bodyWaited = 0;
    }
}
