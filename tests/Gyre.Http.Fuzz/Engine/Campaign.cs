using System.Diagnostics;
using System.Globalization;

namespace Gyre.Http.Fuzz.Engine;

/// <summary>One run of one target: a queue of inputs that each reached something new, and mutations of them.</summary>
internal sealed class Campaign
{
    private const int KeptMax = 40;
    private const int FavouredPart = 4;
    private const int TriesForCorpus = 200;
    private const int TriesForFinding = 4000;
    private const int ReportEvery = 250_000;

    private readonly FuzzTarget _target;
    private readonly Coverage _coverage;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly List<byte[]> _queue = [];
    private readonly Dictionary<string, Finding> _findings = [];
    private readonly TextWriter _log;
    private long _executions;
    private long _slow;
    private bool _isWarm;
    private double _branchesPerByteMost;

    internal Campaign(FuzzTarget target, Coverage coverage, int seed, TextWriter log)
    {
        _target = target;
        _coverage = coverage;
        _random = new Random(seed);
        _mutator = new Mutator(_random, target.LengthMax, target.Words);
        _log = log;
    }

    internal IEnumerable<Finding> Findings => _findings.Values;

    /// <summary>Runs the inputs that are known, then mutations of them, to a number of executions.</summary>
    /// <param name="inputs">Where to begin.</param>
    /// <param name="executions">How many.</param>
    /// <param name="time">After which it stops earlier, for a machine that is shared.</param>
    internal void Run(IReadOnlyList<byte[]> inputs, long executions, TimeSpan time)
    {
        Stopwatch watch = Stopwatch.StartNew();
        foreach (byte[] input in inputs)
        {
            // Twice: the first time static constructors run, whose branches are no input's work.
            _isWarm = false;
            Execute(input);
            _isWarm = true;
            Execute(input);
            _queue.Add(input);
        }

        while (_executions < executions && watch.Elapsed < time)
        {
            if (Execute(_mutator.Mutate(Pick(), _queue[_random.Next(_queue.Count)])))
            {
                Report(watch);
            }
        }

        Report(watch);
    }

    /// <summary>The smallest inputs of the queue that together reach every edge it reaches, up to a number of files.</summary>
    internal List<byte[]> Minimised()
    {
        Dictionary<byte[], HashSet<int>> edges = _queue.DistinctBy(Convert.ToHexString)
            .ToDictionary(input => input, input => Edges(input).Select(edge => edge >> 8).ToHashSet());
        HashSet<int> covered = [];
        List<byte[]> kept = [];
        while (kept.Count < KeptMax)
        {
            (byte[] best, HashSet<int> reached) = edges.MaxBy(entry => entry.Value.Count(edge => !covered.Contains(edge)) * 1000 - entry.Key.Length);
            HashSet<int> news = [.. reached.Where(edge => !covered.Contains(edge))];
            if (news.Count == 0)
            {
                break;
            }

            byte[] small = Shrink.While(best, TriesForCorpus, input => news.IsSubsetOf(Edges(input).Select(edge => edge >> 8)));
            covered.UnionWith(Edges(small).Select(edge => edge >> 8));
            kept.Add(small);
        }

        return kept;
    }

    // What was found late is looked at more often: it is what the rest hasn't grown from yet.
    private byte[] Pick() => _random.Next(FavouredPart) == 0
        ? _queue[_random.Next(Math.Max(_queue.Count - (_queue.Count / FavouredPart), 0), _queue.Count)]
        : _queue[_random.Next(_queue.Count)];

    private List<int> Edges(byte[] input)
    {
        _coverage.Begin();
        Finding? finding = Finding.Of(_target, input);
        return finding is null ? _coverage.Reached() : [];
    }

    /// <returns>Whether it is time to report.</returns>
    private bool Execute(ReadOnlySpan<byte> input)
    {
        _executions++;
        _coverage.Begin();
        Finding? finding = Finding.Of(_target, input);
        long branches = _coverage.Branches;
        bool isNew = _coverage.Learn();
        if (finding is not null)
        {
            Note(finding, input.ToArray());
        }
        else if (isNew)
        {
            _queue.Add(input.ToArray());
        }

        if (_isWarm)
        {
            Weigh(input, branches);
        }


        return _executions % ReportEvery == 0;
    }

    // A bound for each byte, after what is spent on any input.
    private void Weigh(ReadOnlySpan<byte> input, long branches)
    {
        double perByte = Math.Max(branches - _target.BranchesAlways, 0) / (double)Math.Max(input.Length, 1);
        _branchesPerByteMost = Math.Max(_branchesPerByteMost, perByte);
        if (perByte > _target.BranchesPerByteMax)
        {
            _slow++;
            Note(new Finding("slow", $"{branches} branches for {input.Length} bytes"), input.ToArray());
        }
    }

    private void Note(Finding finding, byte[] input)
    {
        if (_findings.TryGetValue(finding.Kind, out Finding? known))
        {
            known.Count++;
            return;
        }

        bool isSlow = finding.Kind == "slow";
        finding.Input = isSlow ? input : Shrink.While(input, TriesForFinding, smaller => Finding.Of(_target, smaller)?.Kind == finding.Kind);
        _findings.Add(finding.Kind, finding);
        _log.WriteLine($"FINDING {finding.Message}\n  input: {CSharpLiteral.Of(finding.Input)}");
    }

    private void Report(Stopwatch watch) => _log.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{_target.Name}: {_executions} executions, {_executions / watch.Elapsed.TotalSeconds:F0}/s, {_coverage.EdgeCount} edges, " +
        $"{_queue.Count} inputs, {_findings.Count} findings, {_slow} slow, {_branchesPerByteMost:F0} branches a byte at most"));
}
