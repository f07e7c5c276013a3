using Gyre.Generators;

namespace Gyre.Samples.Listings;

/// <summary>A coroutine that calls another one, driven through the wrapper by hand.</summary>
public static class WrapperListing
{
    /// <summary>A child's value and a child's failure both reach the parent.</summary>
    public static void Run(Action<object?> print)
    {
        // <nested>
        Frame Fetch(string name) => Frames.Of(async flow => $"<{await flow.Yield(new Io(name, 10))}>");

        Frame Page() => Frames.Of(async flow =>
        {
            object? users = await flow.Yield(Fetch("users"));
            try
            {
                return $"{users} {await flow.Yield(Fetch("broken"))}";
            }
            catch (IOException failure)
            {
                return $"{users} without the rest: {failure.Message}";
            }
        });

        Frame wrapper = StackWrapper.Wrap(Page());
        print(wrapper.Next());
        print(wrapper.Send("users data"));
        print(wrapper.Throw(new IOException("no route")));
        // </nested>
    }
}
