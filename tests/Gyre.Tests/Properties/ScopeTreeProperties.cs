using CsCheck;
using Gyre.Loop;

namespace Gyre.Tests;

/// <summary>
/// The tree of scopes against the plainest model: a scope is cancelled when it was itself, or when the one around it is and
/// no shield is up, whether it is open or was left. A failure prints its seed.
/// </summary>
public sealed class ScopeTreeProperties
{
    private static readonly Gen<(Step Step, int Scope)[]> s_steps =
        Gen.Select(Gen.Frequency((4, Gen.Const(Step.Open)), (3, Gen.Enum<Step>())), Gen.Int[0, 1000]).Array[1, 80];

    private enum Step
    {
        /// <summary>Open a scope inside, also inside one that was left, as a flow left behind does.</summary>
        Open,
        Cancel,
        RaiseShield,
        LowerShield,
        Leave,
    }

    [Fact]
    public void A_scope_is_cancelled_exactly_when_the_model_says() => OnLoop.Run(() =>
    {
        s_steps.Sample(Check, iter: 2000, threads: 1);
        return Task.CompletedTask;
    });

    private static void Check((Step Step, int Scope)[] steps)
    {
        EventLoop loop = EventLoop.Current;

        // A root of its own, so that what one sample cancels isn't there in the next.
        var scopes = new List<(ScopeContext Context, Model Model)> { (new ScopeContext(loop, null, null, null), new Model(null)) };
        foreach ((Step step, int index) in steps)
        {
            (ScopeContext context, Model model) = scopes[index % scopes.Count];
            switch (step)
            {
                case Step.Open:
                    scopes.Add((new ScopeContext(loop, null, context, null), new Model(model)));
                    break;
                case Step.Cancel:
                    context.Cancel(null);
                    model.Own = true;
                    break;
                case Step.RaiseShield or Step.LowerShield when !model.Left:
                    model.Shield = step == Step.RaiseShield;
                    context.SetShield(model.Shield);
                    break;
                case Step.Leave when model.Parent is not null:
                    model.Left = true;
                    context.Leave();
                    break;
            }

            foreach ((ScopeContext each, Model expected) in scopes)
            {
                Assert.Equal(expected.IsCancelled, each.IsCancelled);
            }
        }

        foreach ((ScopeContext each, Model expected) in scopes)
        {
            Assert.Equal(expected.IsCancelled, each.Token.IsCancellationRequested);
        }
    }

    private sealed class Model(Model? parent)
    {
        public Model? Parent => parent;

        public bool Own { get; set; }

        public bool Shield { get; set; }

        public bool Left { get; set; }

        public bool IsCancelled => Own || (!Shield && parent is { IsCancelled: true });
    }
}
