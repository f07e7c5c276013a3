using Gyre.Generators;

namespace Gyre.Samples.Listings;

/// <summary>The stack in the language: a coroutine puts another in its place until that ends.</summary>
public static class YieldFromListing
{
    /// <summary>Two calls, one after the other, without a wrapper.</summary>
    public static void Run(Action<object?> print)
    {
        Frame Fetch(string name) => Frames.Of(async flow => $"<{await flow.Yield(new Io(name, 10))}>");

        // <yield-from>
        Frame Page() => Frames.Of(async flow => $"{await flow.YieldFrom(Fetch("users"))} {await flow.YieldFrom(Fetch("orders"))}");
        // </yield-from>

        Frame page = Page();
        print(page.Next());
        print(page.Send("users data"));
        print(page.Send("orders data"));
    }
}
