using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>
/// Heads, read by Kestrel's parser too: whatever both accept they must understand alike, and where one refuses, the reason must
/// be one that is argued in <see cref="KestrelDifferences"/>.
/// </summary>
internal sealed class KestrelTarget : FuzzTarget
{
    private readonly RequestReader _reader = new();
    private readonly KestrelReader _kestrel = new();
    private readonly SortedDictionary<string, long> _tally = new(StringComparer.Ordinal);

    internal override string Name => "kestrel";

    internal override IReadOnlyList<string> Seeds => HttpWords.Heads;

    internal override IReadOnlyList<string> Words => HttpWords.Words;

    internal override IEnumerable<string> Tallies() => _tally.Select(entry => $"{entry.Value,9} {entry.Key}");

    internal override void Run(ReadOnlySpan<byte> input)
    {
        _reader.Recycle();
        ReaderEvent found = _reader.Read(input, out int consumed);
        // Kestrel's connection skips what our reader skips, one empty line; its parser is only given what follows.
        bool isBlankFirst = input.StartsWith("\r\n"u8);
        KestrelVerdict theirs = _kestrel.Read(isBlankFirst ? input[2..] : input);
        if (found == ReaderEvent.Head && theirs == KestrelVerdict.Head)
        {
            Count("both accept");
            _kestrel.Judge(_reader.Head, consumed - (isBlankFirst ? 2 : 0));
        }
        else if (found == ReaderEvent.Head)
        {
            JudgeOnlyOurs(theirs);
        }
        else if (theirs == KestrelVerdict.Head)
        {
            JudgeOnlyTheirs(found);
        }
        else
        {
            Count("neither accepts");
        }
    }

    private void JudgeOnlyOurs(KestrelVerdict theirs)
    {
        string reason = theirs == KestrelVerdict.NeedData ? "waits" : _kestrel.Reason;
        Count($"Kestrel refuses, we accept: {reason}");
        Verify.That(KestrelDifferences.WeAcceptAlone.Contains(reason), $"Kestrel refuses what we accept: {reason}");
    }

    private void JudgeOnlyTheirs(ReaderEvent found)
    {
        string reason = found == ReaderEvent.NeedData ? "waits" : _reader.Error!.Fault.ToString();
        Count($"Kestrel accepts, we refuse: {reason}");
        Verify.That(KestrelDifferences.WeRefuseAlone.Contains(reason), $"Kestrel accepts what we refuse: {reason}");
    }

    private void Count(string kind) => _tally[kind] = _tally.GetValueOrDefault(kind) + 1;
}
