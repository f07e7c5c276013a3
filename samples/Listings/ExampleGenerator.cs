using Gyre.Generators;

namespace Gyre.Samples.Listings;

/// <summary>A generator takes values as well as giving them, and ends with one.</summary>
public static class ExampleGenerator
{
    /// <summary>Prints 2, get 4, 4.</summary>
    public static void Run(Action<object?> print)
    {
        // <example>
        var example = Generator.Create<int, int, int>(async flow =>
        {
            int value = await flow.Yield(2);
            print($"get {value}");
            return value;
        });

        Step<int, int> step = example.Next();
        print(step.Yielded);
        step = example.Send(step.Yielded * 2);
        print(step.Returned);
        // </example>
    }
}
