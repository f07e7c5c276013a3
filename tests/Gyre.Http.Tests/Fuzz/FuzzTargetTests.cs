using System.Globalization;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.Targets;

namespace Gyre.Http.Tests.Fuzz;

/// <summary>
/// What fuzzing has found worth keeping, and some fresh mutations of it, through every oracle. No coverage guides these; whoever
/// wants that runs tests/Gyre.Http.Fuzz.
/// </summary>
public class FuzzTargetTests
{
    private const string SeedVariable = "GYRE_FUZZ_SEED";

    public static TheoryData<string> Names => [.. FuzzTargets.All().Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_input_of_the_corpus_passes_every_oracle(string name)
    {
        FuzzTarget target = Find(name);
        List<byte[]> inputs = Corpus.Load(target, Corpus.Folder);
        Assert.True(inputs.Count > target.Seeds.Count, $"There is no corpus for {name} in {Corpus.Folder}.");
        foreach (byte[] input in inputs)
        {
            AssertNothingFound(target, input, "the corpus");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutations_of_the_corpus_pass_every_oracle(string name)
    {
        FuzzTarget target = Find(name);
        List<byte[]> inputs = Corpus.Load(target, Corpus.Folder);
        int seed = Environment.GetEnvironmentVariable(SeedVariable) is { } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : new Random().Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"{SeedVariable}={seed}");
        Random random = new(seed);
        Mutator mutator = new(random, target.LengthMax, target.Words);
        for (int i = 0; i < target.MutationsInTests; i++)
        {
            AssertNothingFound(target, mutator.Mutate(inputs[random.Next(inputs.Count)], inputs[random.Next(inputs.Count)]), $"{SeedVariable}={seed}");
        }
    }

    private static FuzzTarget Find(string name) => FuzzTargets.All().Single(target => target.Name == name);

    private static void AssertNothingFound(FuzzTarget target, ReadOnlySpan<byte> input, string origin)
    {
        if (Finding.Of(target, input) is { } finding)
        {
            Assert.Fail($"{origin}: {finding.Message}\n{CSharpLiteral.Of(input)}");
        }
    }
}
