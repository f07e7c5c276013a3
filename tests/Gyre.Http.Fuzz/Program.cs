using System.Globalization;
using System.Runtime.CompilerServices;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.Targets;

// Before any type of the server is loaded, so not in one method with what uses them.
Instrumentation.Ensure(Path.Combine(AppContext.BaseDirectory, "Gyre.Http.dll"));
return Run(args);

[MethodImpl(MethodImplOptions.NoInlining)]
static int Run(string[] args)
{
    const string Usage = "usage: <target>|all|list [--executions N] [--seconds N] [--seed S] [--corpus DIR] [--findings DIR] [--input FILE] [--afl yes]";
    // Before the targets, whose readers already write to its map.
    Coverage coverage = new();
    Dictionary<string, string> options = [];
    for (int i = 1; i + 1 < args.Length; i += 2)
    {
        options[args[i]] = args[i + 1];
    }

    FuzzTarget[] targets = args.Length == 0 ? [] : [.. FuzzTargets.All().Where(target => args[0] == "all" || args[0] == target.Name)];
    if (targets.Length == 0)
    {
        Console.WriteLine($"{Usage}\ntargets: {string.Join(' ', FuzzTargets.All().Select(target => target.Name))}");
        return args is ["list"] ? 0 : 2;
    }

    if (options.TryGetValue("--input", out string? file))
    {
        Finding? finding = Finding.Of(targets[0], File.ReadAllBytes(file));
        Console.WriteLine(finding?.Message ?? "nothing is wrong");
        return finding is null ? 0 : 1;
    }

    if (options.ContainsKey("--afl"))
    {
        AflBridge.Run(targets[0]);
        return 0;
    }

    int found = 0;
    foreach (FuzzTarget target in targets)
    {
        found += RunOne(target, coverage, options);
        coverage = new Coverage();
    }

    return found == 0 ? 0 : 1;
}

static int RunOne(FuzzTarget target, Coverage coverage, Dictionary<string, string> options)
{
    long executions = long.Parse(options.GetValueOrDefault("--executions", "100000"), CultureInfo.InvariantCulture);
    int seed = int.Parse(options.GetValueOrDefault("--seed", "1"), CultureInfo.InvariantCulture);
    string findings = options.GetValueOrDefault("--findings", Path.Combine("artifacts", "fuzz"));
    Console.WriteLine($"{target.Name}: seed {seed}");
    Campaign campaign = new(target, coverage, seed, Console.Out);
    TimeSpan time = TimeSpan.FromSeconds(int.Parse(options.GetValueOrDefault("--seconds", "86400"), CultureInfo.InvariantCulture));
    campaign.Run(Corpus.Load(target, options.GetValueOrDefault("--corpus", Corpus.Folder)), executions, time);
    foreach (string tally in target.Tallies())
    {
        Console.WriteLine($"  {tally}");
    }

    // Where nothing is instrumented nothing can be told apart, and the files were chosen by hand.
    if (options.TryGetValue("--corpus", out string? folder) && campaign.Minimised() is { Count: > 0 } kept)
    {
        Corpus.Save(folder, target, kept);
    }

    foreach (Finding finding in campaign.Findings)
    {
        string path = Corpus.Write(Path.Combine(findings, target.Name), finding.Input);
        Console.WriteLine($"  {finding.Count} times {finding.Message}\n    {path}\n    {CSharpLiteral.Of(finding.Input)}");
    }

    return campaign.Findings.Count();
}
