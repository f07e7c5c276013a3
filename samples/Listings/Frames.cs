// A coroutine of the account: what it yields, what it is sent and what it returns can be anything.
global using Frame = Gyre.Generators.Generator<object?, object?, object?>;

using Gyre.Generators;

namespace Gyre.Samples.Listings;

/// <summary>Coroutines as generators, driven as Python drives them.</summary>
public static class Frames
{
    /// <summary>A coroutine that hasn't begun.</summary>
    public static Frame Of(Func<GeneratorFlow<object?, object?>, GeneratorBody<object?>> body, string? name = null) =>
        Generator.Create(body, name);

    /// <summary>Begins a coroutine, or goes on with it: the <c>send</c> of Python.</summary>
    /// <exception cref="InvalidOperationException">It hasn't begun, and <paramref name="value"/> isn't null: no yield waits for it.</exception>
    public static Step<object?, object?> Resume(this Frame frame, object? value) =>
        frame.State == GeneratorState.Created && value is null ? frame.Next() : frame.Send(value);
}
