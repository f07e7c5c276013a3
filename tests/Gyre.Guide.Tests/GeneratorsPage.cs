using Gyre.Generators;

namespace Gyre.Guide.Tests;

public sealed class GeneratorsPage() : GuidePage("generators.md")
{
    [Fact]
    public void Two_ways() => Run("two-ways", () =>
    {
        // <two-ways>
        var average = Generator.Create<double, double, string>(async g =>
        {
            double sum = 0;
            for (int count = 1; count <= 3; count++)
            {
                sum += await g.Yield(count == 1 ? 0 : sum / (count - 1));
            }

            return $"average of three: {sum / 3}";
        });

        Console.WriteLine(average.Next());
        Console.WriteLine(average.Send(10));
        Console.WriteLine(average.Send(20));
        Console.WriteLine(average.Send(60));
        // </two-ways>
    });

    [Fact]
    public void Delegation() => Run("delegation", () =>
    {
        // <delegation>
        Generator<string, string, string> AskFor(string what) => Generator.Create<string, string, string>(async g =>
        {
            string answer = await g.Yield($"{what}?");
            while (answer.Length == 0)
            {
                answer = await g.Yield($"Please, {what}?");
            }

            return answer;
        });

        var form = Generator.Create<string, string, string>(async g =>
        {
            string name = await g.YieldFrom(AskFor("name"));
            string town = await g.YieldFrom(AskFor("town"));
            return $"{name} of {town}";
        });

        Console.WriteLine(form.Next().Yielded);
        Console.WriteLine(form.Send("").Yielded);
        Console.WriteLine(form.Send("Ada").Yielded);
        Console.WriteLine(form.Send("London").Returned);
        // </delegation>
    });

    [Fact]
    public void Throw_and_close() => Run("throw-and-close", () =>
    {
        // <throw-and-close>
        var patient = Generator.Create<string, int, int>(async g =>
        {
            try
            {
                while (true)
                {
                    try
                    {
                        await g.Yield("ready");
                    }
                    catch (IOException failure)
                    {
                        Console.WriteLine($"told of: {failure.Message}");
                    }
                }
            }
            finally
            {
                Console.WriteLine("cleaned up");
            }
        }, "patient");

        patient.Next();
        Console.WriteLine(patient.Throw(new IOException("the line broke")));
        patient.Close();
        try
        {
            patient.Next();
        }
        catch (InvalidOperationException refused)
        {
            Console.WriteLine(refused.Message);
        }
        // </throw-and-close>
    });

    [Fact]
    public void Foreign() => Run("foreign", () =>
    {
        // <foreign>
        var eager = Generator.Create<int, int, int>(async g =>
        {
            await Task.Yield();
            return await g.Yield(1);
        }, "eager");

        try
        {
            eager.Next();
        }
        catch (InvalidOperationException refused)
        {
            Console.WriteLine(refused.Message);
        }
        // </foreign>
    });

    [Fact]
    public void Enumerable() => Run("enumerable", () =>
    {
        // <enumerable>
        var powers = Generator.Create<int, int, int>(async g =>
        {
            for (int power = 1; ; power *= 2)
            {
                await g.Yield(power);
            }
        });

        Console.WriteLine(string.Join(" ", powers.AsEnumerable().Take(5)));
        Console.WriteLine(powers.State);
        // </enumerable>
    });
}
