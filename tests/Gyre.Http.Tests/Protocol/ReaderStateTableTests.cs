using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

public class ReaderStateTableTests
{
    private static readonly ReaderState[] s_states = Enum.GetValues<ReaderState>();
    private static readonly ReaderStep[] s_steps = Enum.GetValues<ReaderStep>();

    [Fact]
    public void It_is_total()
    {
        Assert.Equal(s_states.Length * s_steps.Length, ReaderStateTable.CellCount);
        foreach (ReaderState state in s_states)
        {
            foreach (ReaderStep step in s_steps)
            {
                bool isAllowed = ReaderStateTable.TryNext(state, step, out ReaderState next);
                Assert.Equal(isAllowed, Enum.IsDefined(next));
            }
        }
    }

    [Fact]
    public void Every_state_can_be_reached_and_every_step_be_taken()
    {
        HashSet<ReaderState> reached = [ReaderState.Start];
        HashSet<ReaderStep> taken = [];
        Queue<ReaderState> open = new(reached);
        while (open.TryDequeue(out ReaderState state))
        {
            foreach (ReaderStep step in s_steps.Where(step => ReaderStateTable.TryNext(state, step, out _)))
            {
                taken.Add(step);
                ReaderStateTable.TryNext(state, step, out ReaderState next);
                if (reached.Add(next))
                {
                    open.Enqueue(next);
                }
            }
        }

        Assert.Equal(s_states.Length, reached.Count);
        Assert.Equal(s_steps.Length, taken.Count);
    }

    [Fact]
    public void Nothing_leads_out_of_failure() => Assert.All(s_steps, step =>
        Assert.True(!ReaderStateTable.TryNext(ReaderState.Failed, step, out ReaderState next) || next == ReaderState.Failed));

    [Fact]
    public void The_next_message_starts_after_a_complete_one_only() => Assert.All(s_states, state =>
        Assert.Equal(state == ReaderState.Complete, ReaderStateTable.TryNext(state, ReaderStep.NextMessage, out _)));

    [Fact]
    public void The_end_of_input_is_an_error_everywhere_inside_a_message() => Assert.All(s_states, state =>
    {
        bool isBetween = state is ReaderState.Start or ReaderState.AfterBlankLine or ReaderState.Complete or ReaderState.Closed;
        Assert.True(ReaderStateTable.TryNext(state, ReaderStep.InputEnd, out ReaderState next));
        Assert.Equal(isBetween ? ReaderState.Closed : ReaderState.Failed, next);
    });

    [Fact]
    public void The_diagram_in_the_readme_is_the_rendered_one()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Protocol", "README.md"));
        Assert.Contains("```mermaid\n" + ReaderStateTable.ToMermaid() + "```\n", readme, StringComparison.Ordinal);
    }
}
