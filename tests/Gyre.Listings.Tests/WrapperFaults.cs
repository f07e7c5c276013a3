using Gyre.Generators;
using Gyre.Samples.Listings;
using Gyre.Samples.Listings.Flawed;

namespace Gyre.Listings.Tests;

/// <summary>What the first version of the wrapper gets wrong, and ours doesn't.</summary>
public sealed class WrapperFaults
{
    private static readonly Io s_io = new("users", 10);
    private readonly List<string> _log = [];

    [Fact]
    public void The_value_of_a_child_never_reaches_its_parent()
    {
        Assert.Equal("got nothing", SketchedWrapper.Wrap(Parent()).Next().Returned);
        Assert.Equal("got 7", StackWrapper.Wrap(Parent()).Next().Returned);

        static Frame Parent() => Frames.Of(static async flow => $"got {await flow.Yield(Child()) ?? "nothing"}");

        static Frame Child() => Frames.Of(static async flow => 7);
    }

    [Fact]
    public void The_result_of_an_IO_never_reaches_who_asked_for_it()
    {
        Assert.Equal("got nothing", Drive(SketchedWrapper.Wrap(Handler())));
        Assert.Equal("got data", Drive(StackWrapper.Wrap(Handler())));

        static string? Drive(Frame wrapper)
        {
            Assert.Equal(s_io, wrapper.Next().Yielded);
            return wrapper.Send("data").Returned as string;
        }

        static Frame Handler() => Frames.Of(static async flow => $"got {await flow.Yield(s_io) ?? "nothing"}");
    }

    [Fact]
    public void Kept_for_too_long_a_result_is_sent_to_a_child_that_has_not_begun()
    {
        Assert.Throws<InvalidOperationException>(() => HastilyMendedWrapper.Wrap(Parent()).Next());
        Assert.Equal("one two", StackWrapper.Wrap(Parent()).Next().Returned);

        static Frame Parent() => Frames.Of(static async flow => $"{await flow.Yield(Child("one"))} {await flow.Yield(Child("two"))}");

        static Frame Child(string value) => Frames.Of(async flow => value);
    }

    [Fact]
    public void The_failure_of_a_child_never_reaches_its_parent()
    {
        Assert.Throws<IOException>(() => SketchedWrapper.Wrap(Parent()).Next());
        Assert.Equal("caught no disk", StackWrapper.Wrap(Parent()).Next().Returned);

        static Frame Parent() => Catching(Frames.Of(static async flow => throw new IOException("no disk")));
    }

    [Fact]
    public void The_failure_of_an_IO_never_reaches_who_asked_for_it()
    {
        Frame sketched = SketchedWrapper.Wrap(Catching(s_io));
        sketched.Next();
        Assert.Throws<IOException>(() => sketched.Throw(new IOException("no route")));

        Frame ours = StackWrapper.Wrap(Catching(s_io));
        ours.Next();
        Assert.Equal("caught no route", ours.Throw(new IOException("no route")).Returned);
    }

    [Fact]
    public void Closing_the_wrapper_leaves_the_coroutines_on_its_stack_open()
    {
        Frame sketched = SketchedWrapper.Wrap(Tidy("parent", Tidy("child", s_io)));
        sketched.Next();
        sketched.Close();
        Assert.Empty(_log);

        Frame ours = StackWrapper.Wrap(Tidy("parent", Tidy("child", s_io)));
        ours.Next();
        ours.Close();
        Assert.Equal(["child cleaned up", "parent cleaned up"], _log);
    }

    [Fact]
    public void A_failure_that_nobody_catches_comes_out_of_the_wrapper_and_every_coroutine_on_the_way_cleans_up()
    {
        Frame wrapper = StackWrapper.Wrap(Tidy("parent", Tidy("child", s_io)));
        wrapper.Next();
        Assert.Equal("no route", Assert.Throws<IOException>(() => wrapper.Throw(new IOException("no route"))).Message);
        Assert.Equal(["child cleaned up", "parent cleaned up"], _log);
        Assert.Equal(GeneratorState.Finished, wrapper.State);
    }

    private static Frame Catching(object awaited) => Frames.Of(async flow =>
    {
        try
        {
            return await flow.Yield(awaited);
        }
        catch (IOException failure)
        {
            return $"caught {failure.Message}";
        }
    });

    private Frame Tidy(string name, object awaited) => Frames.Of(async flow =>
    {
        try
        {
            return await flow.Yield(awaited);
        }
        finally
        {
            _log.Add($"{name} cleaned up");
        }
    });
}
