using System.Diagnostics;
using System.Security.Cryptography;

namespace Gyre.Tls;

/// <summary>A certificate that is read again when its files change, without a restart.</summary>
/// <remarks>
/// Looks at the files' times and lengths when a handshake begins, at most once in <see cref="CheckInterval"/>; nothing watches in
/// between. New connections get the new certificate, those that are open keep theirs. A new file that can't be used leaves the old
/// certificate in place and is reported once. Reading blocks the loop whose handshake found the change, for a millisecond or so.
/// May be shared by loops.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}, reloads = {Reloads}")]
public sealed class ReloadableCertificate : TlsCertificateSource
{
    private readonly Func<TlsCertificate> _load;
    private readonly string[] _paths;
    private readonly Lock _lock = new();
    private volatile TlsCertificate _current;
    private FileStamp[] _stamps;
    private long? _checkedAt;

    private ReloadableCertificate(Func<TlsCertificate> load, string[] paths)
    {
        _load = load;
        _paths = paths;
        _stamps = Stamps();
        _current = load();
    }

    /// <summary>
    /// How long a look at the files counts, on the clock of the loop whose handshake looks. Default 10 s: a renewal happens days
    /// before the old certificate ends. Zero looks at every handshake, which costs some microseconds each;
    /// <see cref="Timeout.InfiniteTimeSpan"/> leaves it to <see cref="Reload"/>. Set it before handshakes begin.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan CheckInterval
    {
        get;
        set => field = value >= TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(CheckInterval), value, "The interval is a time from zero, or Timeout.InfiniteTimeSpan to look only on Reload().");
    } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Told of new files that can't be used; the old certificate stays. Default null, which tells nobody until the old one expires.
    /// Called on whatever thread looked; it must not throw. Set it before handshakes begin.
    /// </summary>
    public Action<Exception>? OnFailure { get; set; }

    /// <inheritdoc/>
    public override TlsCertificate Current => _current;

    /// <summary>How often a changed certificate was taken. Any thread.</summary>
    public int Reloads { get; private set; }

    /// <inheritdoc cref="TlsCertificate.FromPemFiles"/>
    /// <summary>Of PEM files (RFC 7468). Reads them at once, blocking; these first ones must be usable.</summary>
    public static ReloadableCertificate FromPemFiles(string certificatePath, string? keyPath = null, string? password = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(certificatePath);
        return new ReloadableCertificate(
            () => TlsCertificate.FromPemFiles(certificatePath, keyPath, password),
            keyPath is null ? [certificatePath] : [certificatePath, keyPath]);
    }

    /// <inheritdoc cref="TlsCertificate.FromPfx"/>
    /// <summary>Of a PFX (PKCS#12) file. Reads it at once, blocking; this first one must be usable.</summary>
    public static ReloadableCertificate FromPfx(string path, string? password = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ReloadableCertificate(() => TlsCertificate.FromPfx(path, password), [path]);
    }

    /// <summary>Reads the files now, changed or not. Blocking; any thread.</summary>
    /// <returns>Whether they could be used; if not, <see cref="OnFailure"/> was told and the old certificate stays.</returns>
    public bool Reload()
    {
        Exception? failure;
        lock (_lock)
        {
            failure = Load(Stamps());
        }

        Report(failure);
        return failure is null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"ReloadableCertificate of {string.Join(" and ", _paths)}";

    internal override TlsCertificate Fresh(TimeProvider clock)
    {
        Exception? failure = null;
        lock (_lock)
        {
            if (IsCheckDue(clock))
            {
                FileStamp[] stamps = Stamps();
                failure = stamps.AsSpan().SequenceEqual(_stamps) ? null : Load(stamps);
            }
        }

        Report(failure);
        return _current;
    }

    private bool IsCheckDue(TimeProvider clock)
    {
        if (CheckInterval == Timeout.InfiniteTimeSpan)
        {
            return false;
        }

        long now = clock.GetTimestamp();
        if (_checkedAt is { } before && clock.GetElapsedTime(before, now) < CheckInterval)
        {
            return false;
        }

        _checkedAt = now;
        return true;
    }

    /// <summary>The stamps were taken before the files are read, so a change that comes between is found at the next look.</summary>
    private Exception? Load(FileStamp[] stamps)
    {
        _stamps = stamps;
        try
        {
            _current = _load();
            Reloads++;
            return null;
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // The old certificate serves on; the caller reports this outside the lock.
            return failure;
        }
    }

    private void Report(Exception? failure)
    {
        if (failure is not null)
        {
            OnFailure?.Invoke(failure);
        }
    }

    private FileStamp[] Stamps() => [.. _paths.Select(static path => FileStamp.Of(new FileInfo(path)))];

    private readonly record struct FileStamp(DateTime WrittenUtc, long Bytes)
    {
        public static FileStamp Of(FileInfo file) => file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length) : default;
    }
}
