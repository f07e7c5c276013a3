using System.Diagnostics;

namespace Gyre.Http.StaticFiles;

/// <summary>
/// What one loop remembers of the files that one server gives out, bounded in number and bytes; what was used longest ago goes first.
/// </summary>
/// <remarks>
/// Only files that exist are remembered: what doesn't exist costs one system call that fails, and strangers can't fill the cache with names.
/// </remarks>
[DebuggerDisplay("{_records.Count} files, {_bytes} bytes")]
internal sealed class FileCache
{
    private readonly Dictionary<byte[], FileRecord> _records = new(PathKey.Comparer);
    private readonly Dictionary<byte[], FileRecord>.AlternateLookup<ReadOnlySpan<byte>> _byPath;
    private readonly int _countMax;
    private readonly int _bytesMax;
    private FileRecord? _newest;
    private FileRecord? _oldest;
    private long _bytes;

    public FileCache(int countMax, int bytesMax)
    {
        _countMax = countMax;
        _bytesMax = bytesMax;
        _byPath = _records.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public int Count => _records.Count;

    public long Bytes => _bytes;

    public FileRecord? Find(ReadOnlySpan<byte> path)
    {
        if (!_byPath.TryGetValue(path, out FileRecord? record))
        {
            return null;
        }

        if (record != _newest)
        {
            Unlink(record);
            Link(record);
        }

        return record;
    }

    /// <summary>Adds a record, in the place of one with the same path.</summary>
    public void Put(FileRecord record)
    {
        if (_records.TryGetValue(record.Key, out FileRecord? old))
        {
            Remove(old);
        }

        _records.Add(record.Key, record);
        Link(record);
        Recount(record);
    }

    /// <summary>A record has grown; others may have to go.</summary>
    public void Recount(FileRecord record)
    {
        if (!Holds(record))
        {
            return;
        }

        int bytes = record.Bytes;
        _bytes += bytes - record.BytesCounted;
        record.BytesCounted = bytes;
        while (_oldest is not null && (_bytes > _bytesMax || _records.Count > _countMax))
        {
            Remove(_oldest);
        }
    }

    public void Remove(FileRecord record)
    {
        if (Holds(record))
        {
            _records.Remove(record.Key);
            Unlink(record);
            _bytes -= record.BytesCounted;
            record.BytesCounted = 0;
        }
    }

    /// <summary>A request may hold a record that has gone meanwhile.</summary>
    private bool Holds(FileRecord record) => _records.TryGetValue(record.Key, out FileRecord? held) && held == record;

    private void Link(FileRecord record)
    {
        record.Newer = null;
        record.Older = _newest;
        _newest?.Newer = record;
        _newest = record;
        _oldest ??= record;
    }

    private void Unlink(FileRecord record)
    {
        if (record.Newer is { } newer)
        {
            newer.Older = record.Older;
        }
        else
        {
            _newest = record.Older;
        }

        if (record.Older is { } older)
        {
            older.Newer = record.Newer;
        }
        else
        {
            _oldest = record.Newer;
        }

        record.Newer = null;
        record.Older = null;
    }
}
