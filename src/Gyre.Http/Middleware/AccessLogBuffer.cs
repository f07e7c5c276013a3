using System.Diagnostics;
using Gyre.Http.Server;

namespace Gyre.Http.Middleware;

/// <summary>The lines of one loop on their way to the sink: some gather while others are written.</summary>
[DebuggerDisplay("{_length} bytes, {_dropped} lines dropped")]
internal sealed class AccessLogBuffer(AccessLogSink sink, int bytesMax, LoopServer server) : ILoopPart
{
    private const int BytesInitial = 16 * 1024;

    /// <summary>Bytes that are worth a write of their own before the second is over.</summary>
    private const int WriteAtBytes = 64 * 1024;

    /// <summary>What the sink may still take once nothing else is left of the server: a pipe that nobody reads must not hold it up.</summary>
    private static readonly TimeSpan s_endTimeout = TimeSpan.FromSeconds(5);

    private readonly EventLoop _loop = EventLoop.Current;
    private byte[] _gathered = new byte[Math.Min(BytesInitial, bytesMax)];
    private byte[] _batch = [];
    private int _length;
    private int _lines;
    private int _batchLength;
    private int _batchLines;
    private Task? _underWay;
    private bool _isWriting;
    private long _dropped;
    private long _droppedTold;
    private int _second = -1;
    private readonly byte[] _time = new byte[TimeLength];

    /// <summary>The length of <c>[27/Nov/2026:01:04:13 +0000]</c>.</summary>
    public const int TimeLength = 28;

    /// <summary>Nanoseconds on the loop's clock.</summary>
    public long Timestamp => _loop.Clock.GetTimestamp();

    public DateTimeOffset UtcNow => _loop.Clock.GetUtcNow();

    /// <summary>The present second as the common format has it; made once a second, as the <c>Date</c> of responses is.</summary>
    public ReadOnlySpan<byte> CommonTime
    {
        get
        {
            if (server.Second != _second)
            {
                _second = server.Second;
                _loop.Clock.GetUtcNow().TryFormat(_time, out _, "'['dd/MMM/yyyy:HH:mm:ss' +0000]'", System.Globalization.CultureInfo.InvariantCulture);
            }

            return _time;
        }
    }

    /// <summary>Room for a line; empty, and the line is counted as dropped, when there is none.</summary>
    public Span<byte> Reserve(int bytes)
    {
        int needed = _length + bytes;
        if (needed > bytesMax)
        {
            _dropped++;
            return default;
        }

        if (needed > _gathered.Length)
        {
            Array.Resize(ref _gathered, Math.Min(bytesMax, Math.Max(needed, _gathered.Length * 2)));
        }

        return _gathered.AsSpan(_length, bytes);
    }

    /// <summary>Takes a line that was written where <see cref="Reserve"/> said.</summary>
    public void Commit(int bytes)
    {
        _length += bytes;
        _lines++;
        if (_length >= Math.Min(WriteAtBytes, bytesMax / 2))
        {
            StartWriting();
        }
    }

    public void OnSecond() => StartWriting();

    public async ValueTask EndAsync()
    {
        CancelScope scope = await CancelScope.MoveOnAfterAsync(s_endTimeout, _ => FinishAsync());
        if (scope.CancelledCaught)
        {
            ServerLog.AccessLogFailed(
                server.Logger, _batchLines + _lines, $"its sink hadn't taken them {s_endTimeout.TotalSeconds} s behind the last request.");
        }

        TellDropped();
    }

    private async Task FinishAsync()
    {
        if (_underWay is { IsCompleted: false } write)
        {
            await write.WaitAsync(CancelScope.CurrentToken)
                .ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            CancelScope.CurrentToken.ThrowIfCancellationRequested();
            if (!write.IsCanceled)
            {
                await CompleteAsync(new ValueTask(write));
            }
        }

        if (_batchLength > 0)
        {
            // The server's end struck before the sink took it.
            await WriteBatchAsync();
        }

        if (_length > 0)
        {
            TakeBatch();
            await WriteBatchAsync();
        }
    }

    private void StartWriting()
    {
        if (!_isWriting && _length > 0)
        {
            _isWriting = server.TrySpawn(WriteAsync, "access log");
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            do
            {
                TakeBatch();
                await WriteBatchAsync();
                TellDropped();
            }
            while (_length >= WriteAtBytes);
        }
        finally
        {
            _isWriting = false;
        }
    }

    private void TakeBatch()
    {
        (_batch, _gathered) = (_gathered, _batch);
        (_batchLength, _length) = (_length, 0);
        (_batchLines, _lines) = (_lines, 0);
    }

    private Task WriteBatchAsync() => CompleteAsync(sink.WriteAsync(_batch.AsMemory(0, _batchLength)));

    /// <summary>
    /// Waits for the sink, but not beyond the scope's cancellation: it may know nothing of that, and is then left to itself, with the batch.
    /// </summary>
    private async Task CompleteAsync(ValueTask write)
    {
        try
        {
            if (!write.IsCompletedSuccessfully)
            {
                _underWay = write.AsTask();
                await _underWay.WaitAsync(CancelScope.CurrentToken);
            }
        }
#pragma warning disable CA1031 // A log that can't be written must not end the server, nor may a time-out of the sink; that is said instead.
        catch (Exception failure) when (failure is not OperationCanceledException || !CancelScope.CurrentToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            ServerLog.AccessLogFailed(server.Logger, _batchLines, failure.Message);
        }

        _batchLength = 0;
        _batchLines = 0;
    }

    private void TellDropped()
    {
        if (_dropped != _droppedTold)
        {
            ServerLog.AccessLogDropped(server.Logger, _dropped - _droppedTold);
            _droppedTold = _dropped;
        }
    }
}
