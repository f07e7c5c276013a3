using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gyre.Http.Middleware;

/// <summary>A token bucket for each client. Safe from any thread: all loops share it.</summary>
/// <remarks>
/// A bucket is one number, the moment at which it will be full again (the generic cell rate algorithm): nothing has to be replenished, so
/// there is no timer, and the clock is the caller's. Full buckets are forgotten, since a new one is the same.
/// </remarks>
[DebuggerDisplay("{_fullAt.Count} clients")]
internal sealed class ClientBuckets
{
    private const long NanosecondsPerTick = 100;

    /// <summary>How often full buckets are looked for at the most, when there is no place for another: walking them all isn't free.</summary>
    private const long PurgeInterval = 1_000_000_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, long> _fullAt = [];
    private readonly int _clientsMax;
    private readonly int _prefixBits;
    private readonly long _perRequest;
    private readonly long _capacity;
    private long _othersFullAt = long.MinValue;
    private long _purgedAt = long.MinValue / 2;

    public ClientBuckets(RateLimitOptions options)
    {
        _clientsMax = options.ClientsMax;
        _prefixBits = options.IPv6PrefixBits;
        long burst = options.Burst > 0 ? options.Burst : options.Requests;
        _perRequest = Math.Max(1, options.Period.Ticks * NanosecondsPerTick / options.Requests);
        _capacity = _perRequest * burst;
    }

    /// <summary>Takes a token; else tells in how many nanoseconds there is one.</summary>
    /// <param name="client">Whose bucket.</param>
    /// <param name="now">Nanoseconds; may be somewhat behind what another thread told.</param>
    /// <param name="wait">0 when a token was taken.</param>
    public bool TryTake(IPAddress client, long now, out long wait)
    {
        UInt128 key = KeyOf(client);
        lock (_gate)
        {
            bool isKnown = _fullAt.TryGetValue(key, out long fullAt);
            bool isOther = !isKnown && _fullAt.Count >= _clientsMax && !TryPurge(now);
            long next = Math.Max(isOther ? _othersFullAt : isKnown ? fullAt : now, now) + _perRequest;
            wait = Math.Max(0, next - now - _capacity);
            if (wait > 0)
            {
                return false;
            }

            if (isOther)
            {
                _othersFullAt = next;
            }
            else
            {
                _fullAt[key] = next;
            }

            return true;
        }
    }

    /// <summary>Forgets the buckets that are full; false when there is no place all the same.</summary>
    private bool TryPurge(long now)
    {
        if (now - _purgedAt >= PurgeInterval)
        {
            _purgedAt = now;
            foreach ((UInt128 key, long fullAt) in _fullAt)
            {
                if (fullAt <= now)
                {
                    // Allowed while it is walked.
                    _fullAt.Remove(key);
                }
            }
        }

        return _fullAt.Count < _clientsMax;
    }

    /// <summary>IPv4 is what IPv6 maps it to, whole; of IPv6 the prefix counts.</summary>
    private UInt128 KeyOf(IPAddress client)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (client.AddressFamily == AddressFamily.InterNetwork)
        {
            bytes[10] = 0xFF;
            bytes[11] = 0xFF;
            client.TryWriteBytes(bytes[12..], out _);
            return BinaryPrimitives.ReadUInt128BigEndian(bytes);
        }

        client.TryWriteBytes(bytes, out _);
        UInt128 key = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return client.IsIPv4MappedToIPv6 ? key : key & (UInt128.MaxValue << (128 - _prefixBits));
    }
}
