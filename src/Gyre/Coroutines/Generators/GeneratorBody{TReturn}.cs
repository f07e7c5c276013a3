using System.Runtime.CompilerServices;

namespace Gyre.Generators;

/// <summary>
/// The running body of a generator: what the compiler makes of <c>async g =&gt; …</c>. Programs never name it but as the return
/// type of a body that is a method of its own.
/// </summary>
/// <remarks>
/// The one task-like type of Gyre, and not a task: a generator needs no loop, is resumed by whoever drives it, and must know at
/// each await whether that is a yield. It is the boxed state machine itself, so a step costs one virtual call.
/// </remarks>
/// <typeparam name="TReturn">The type of what the generator returns at its end.</typeparam>
[AsyncMethodBuilder(typeof(GeneratorBodyBuilder<>))]
public abstract class GeneratorBody<TReturn>
{
    private protected GeneratorBody()
    {
    }

    /// <summary>The body of one that threw before it could suspend.</summary>
    internal static GeneratorBody<TReturn> FailedWith(Exception thrown)
    {
        var body = new Stillborn();
        body.SetThrown(thrown);
        return body;
    }

    internal bool HasEnded { get; private protected set; }

    internal TReturn? Returned { get; private protected set; }

    internal Exception? Thrown { get; private protected set; }

    /// <summary>Whether the body awaits something that isn't a yield; it will go on by itself, and is lost to the generator.</summary>
    internal bool AwaitsForeign { get; set; }

    /// <summary>Runs the body until it awaits or ends.</summary>
    internal abstract void Resume();

    internal void SetReturned(TReturn returned)
    {
        Returned = returned;
        HasEnded = true;
    }

    internal void SetThrown(Exception thrown)
    {
        Thrown = thrown;
        HasEnded = true;
    }

    private sealed class Stillborn : GeneratorBody<TReturn>
    {
        internal override void Resume()
        {
            // It has ended.
        }
    }
}
