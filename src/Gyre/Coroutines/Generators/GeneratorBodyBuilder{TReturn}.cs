using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Gyre.Generators;

/// <summary>Called by code that the compiler writes; see <see cref="GeneratorBody{TReturn}"/>.</summary>
/// <typeparam name="TReturn">The type of what the generator returns at its end.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct GeneratorBodyBuilder<TReturn>
{
    private GeneratorBody<TReturn> _body;

    /// <summary>The running body.</summary>
    public readonly GeneratorBody<TReturn> Task => _body;

    /// <summary>Makes a builder.</summary>
    public static GeneratorBodyBuilder<TReturn> Create() => default;

    /// <summary>Boxes the state machine; nothing of it runs before the generator is driven.</summary>
    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        var box = new Box<TStateMachine>();
        _body = box;
        box.StateMachine = stateMachine;
    }

    /// <summary>Not called: the state machine is boxed when it starts.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>The body returned.</summary>
    public readonly void SetResult(TReturn result) => _body.SetReturned(result);

    /// <summary>The body threw.</summary>
    public readonly void SetException(Exception exception) => _body.SetThrown(exception);

    /// <summary>The body awaits something.</summary>
    public readonly void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine
    {
        if (!typeof(IGeneratorAwaiter).IsAssignableFrom(typeof(TAwaiter)))
        {
            GeneratorBody<TReturn> body = _body;
            body.AwaitsForeign = true;
            awaiter.OnCompleted(body.Resume);
        }
    }

    /// <inheritdoc cref="AwaitOnCompleted"/>
    public readonly void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine
    {
        if (!typeof(IGeneratorAwaiter).IsAssignableFrom(typeof(TAwaiter)))
        {
            // It is resumed, so that its finally blocks run, but not by the generator, which has refused it by then.
            GeneratorBody<TReturn> body = _body;
            body.AwaitsForeign = true;
            awaiter.UnsafeOnCompleted(body.Resume);
        }
    }

    private sealed class Box<TStateMachine> : GeneratorBody<TReturn>
        where TStateMachine : IAsyncStateMachine
    {
        public TStateMachine? StateMachine;

        internal override void Resume() => StateMachine!.MoveNext();
    }
}
