using System.Text;
using Gyre.Diagnostics;

namespace Gyre.Simulation;

/// <summary>The coroutines of a run that have not ended, one a line, and what each waits for.</summary>
internal static class WaitingTree
{
    public static string Describe(CoroutineNode? main)
    {
        var text = new StringBuilder();
        if (main is not null)
        {
            Append(text, main, depth: 1);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, CoroutineNode node, int depth)
    {
        if (!node.IsCompleted)
        {
            text.Append('\n').Append(' ', depth * 2).Append(node.Name).Append(" waits for ").Append(node.DescribeWaits());
        }

        foreach (CoroutineNode child in node.Children)
        {
            Append(text, child, depth + 1);
        }
    }
}
