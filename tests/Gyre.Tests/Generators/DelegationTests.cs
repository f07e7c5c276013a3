using Gyre.Generators;

namespace Gyre.Tests;

public sealed class DelegationTests
{
    [Fact]
    public void What_is_sent_goes_to_the_innermost_and_its_return_value_to_its_caller()
    {
        var inner = Generator.Create<string, string, int>(static async g => (await g.Yield("name?")).Length + (await g.Yield("town?")).Length);
        var outer = Generator.Create<string, string, string>(async g => $"{await g.YieldFrom(inner)} letters, {await g.Yield("sure?")}");
        Assert.Equal("name?", outer.Next().Yielded);
        Assert.Equal("town?", outer.Send("Ada").Yielded);
        Assert.Equal("sure?", outer.Send("Bath").Yielded);
        Assert.Equal("7 letters, yes", outer.Send("yes").Returned);
        Assert.Equal(GeneratorState.Finished, inner.State);
    }

    [Fact]
    public void What_is_thrown_goes_to_the_innermost_and_out_through_each()
    {
        var log = new List<string>();
        var inner = Generator.Create<int, int, int>(async g =>
        {
            try
            {
                return await g.Yield(1);
            }
            finally
            {
                log.Add("inner");
            }
        });
        var outer = Generator.Create<int, int, int>(async g =>
        {
            try
            {
                return await g.YieldFrom(inner);
            }
            catch (InvalidTimeZoneException)
            {
                log.Add("outer");
                return await g.Yield(2);
            }
        });
        outer.Next();
        Assert.Equal(2, outer.Throw(new InvalidTimeZoneException()).Yielded);
        Assert.Equal(["inner", "outer"], log);
    }

    [Fact]
    public void Closing_unwinds_all_of_them_from_the_inside()
    {
        var log = new List<int>();
        Generator<int, int, int> outermost = Nest(5);
        outermost.Next();
        outermost.Close();
        Assert.Equal([0, 1, 2, 3, 4, 5], log);

        Generator<int, int, int> Nest(int depth) => Generator.Create<int, int, int>(async g =>
        {
            try
            {
                return depth == 0 ? await g.Yield(0) : await g.YieldFrom(Nest(depth - 1));
            }
            finally
            {
                log.Add(depth);
            }
        });
    }

    [Fact]
    public void One_that_has_begun_goes_on_where_it_was()
    {
        var inner = Generator.Create<int, int, int>(static async g =>
        {
            await g.Yield(1);
            await g.Yield(2);
            return 3;
        });
        inner.Next();
        var outer = Generator.Create<int, int, int>(async g => await g.YieldFrom(inner));
        Assert.Equal(2, outer.Next().Yielded);
        Assert.Equal(3, outer.Next().Returned);
    }

    [Fact]
    public void One_that_delegates_already_brings_its_own_along()
    {
        var innermost = Generator.Create<int, int, int>(static async g => (await g.Yield(1)) + (await g.Yield(2)));
        var inner = Generator.Create<int, int, int>(async g => 10 * await g.YieldFrom(innermost));
        Assert.Equal(1, inner.Next().Yielded);
        var outer = Generator.Create<int, int, int>(async g => 1 + await g.YieldFrom(inner));
        Assert.Equal(2, outer.Next().Yielded);
        Assert.Equal(51, outer.Send(5).Returned);
    }

    [Fact]
    public void One_that_is_delegated_to_is_driven_by_nobody_else()
    {
        var inner = Generator.Create<int, int, int>(static async g => await g.Yield(1), "lent");
        var outer = Generator.Create<int, int, int>(async g => await g.YieldFrom(inner));
        outer.Next();
        Assert.Contains("delegates to lent", Assert.Throws<InvalidOperationException>(() => inner.Next()).Message, StringComparison.Ordinal);
        var other = Generator.Create<int, int, int>(async g => await g.YieldFrom(inner));
        Assert.Throws<InvalidOperationException>(() => other.Next());
        Assert.Equal(7, outer.Send(7).Returned);
        var late = Generator.Create<int, int, int>(async g => await g.YieldFrom(inner));
        Assert.Contains("has ended", Assert.Throws<InvalidOperationException>(() => late.Next()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Delegating_to_itself_is_refused()
    {
        Generator<int, int, int>? narcissus = null;
        narcissus = Generator.Create<int, int, int>(async g => await g.YieldFrom(narcissus!));
        Assert.Contains("itself", Assert.Throws<InvalidOperationException>(() => narcissus.Next()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_tells_its_origin_and_its_way()
    {
        Generator<int, int, int> outermost = Nest(3);
        var failure = Assert.Throws<InvalidTimeZoneException>(() => outermost.Next());
        Assert.Contains(nameof(Fail), failure.StackTrace, StringComparison.Ordinal);
        Assert.Equal("level 0 ← level 1 ← level 2 ← level 3", failure.Data[Generator.TraceKey]);

        static Generator<int, int, int> Nest(int depth) => Generator.Create<int, int, int>(
            async g => depth == 0 ? await g.Yield(Fail()) : await g.YieldFrom(Nest(depth - 1)), $"level {depth}");
    }

    [Fact]
    public void A_million_nested_ones_yield_and_return_and_unwind()
    {
        const int depth = 1_000_000;
        Generator<int, int, int> outermost = Nest(depth);
        Assert.Equal(0, outermost.Next().Yielded);
        Assert.Equal(depth + 5, outermost.Send(5).Returned);
        Generator<int, int, int> failing = Nest(depth);
        failing.Next();
        Assert.Throws<InvalidTimeZoneException>(() => failing.Throw(new InvalidTimeZoneException()));

        static Generator<int, int, int> Nest(int depth) => Generator.Create<int, int, int>(
            async g => depth == 0 ? await g.Yield(0) : 1 + await g.YieldFrom(Nest(depth - 1)));
    }

    private static int Fail() => throw new InvalidTimeZoneException();

    [Fact]
    public void Closing_passes_an_inner_one_that_returns_instead_of_failing()
    {
        bool cleanedUp = false;
        var inner = Generator.Create<int, int, int>(static async g =>
        {
            try
            {
                return await g.Yield(1);
            }
            catch (GeneratorClosedException)
            {
                return 5;
            }
        });
        var outer = Generator.Create<int, int, int>(async g =>
        {
            try
            {
                await g.YieldFrom(inner);
                return await g.Yield(2);
            }
            finally
            {
                cleanedUp = true;
            }
        });
        outer.Next();
        outer.Close();
        Assert.True(cleanedUp);
        Assert.Equal(GeneratorState.Finished, outer.State);
        Assert.Equal(GeneratorState.Finished, inner.State);
    }
}
