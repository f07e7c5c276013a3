using Gyre.Generators;

namespace Gyre.Samples.Listings;

/// <summary>A coroutine that calls another one, driven through the wrapper by hand.</summary>
public static class WrapperListing
{
    /// <summary>Two calls, one after the other; only IO comes out.</summary>
    public static void Run(Action<object?> print)
    {
        // <nested>
        Frame Fetch(string name) => Frames.Of(async flow => $"<{await flow.Yield(new Io(name, 10))}>");

        Frame Page() => Frames.Of(async flow => $"{await flow.Yield(Fetch("users"))} {await flow.Yield(Fetch("orders"))}");

        Frame wrapper = StackWrapper.Wrap(Page());
        print(wrapper.Next());
        print(wrapper.Send("users data"));
        print(wrapper.Send("orders data"));
        // </nested>
    }
}
