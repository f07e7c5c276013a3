using System.Text;
using System.Text.RegularExpressions;

namespace Gyre.Tests.Samples;

/// <summary>Which word of the code belongs to which stage of <c>samples/Ladder</c>.</summary>
internal static partial class LadderWords
{
    /// <summary>
    /// The stages in their order, and what each introduces: an identifier or a keyword, <c>*X</c> for all that end in X.
    /// </summary>
    public static IReadOnlyList<(string Stage, string[] Introduces)> Table { get; } =
    [
        ("blocking", []),
        ("threads", ["Threads", "IsBackground"]),
        ("multiplexing", ["Multiplexing", "SocketError", "State"]),
        ("callbacks", ["Callbacks", "LoopServer", "EventLoop", "Post", "CallLater", "TcpConnection", "Io", "Job", "IJob", "Begin"]),
        ("iterators", ["Iterators", "yield", "IEnumerable", "IEnumerator", "MoveNext"]),
        ("generators", ["Generators", "Generator", "GeneratorFlow", "Step", "Next", "Throw", "Yield"]),
        ("trampoline", ["Trampolines", "Trampoline", "Iterator", "IteratorCall", "Yieldable"]),
        ("ready-list", ["ReadyList", "_ready", "Queue", "Stack"]),
        ("futures", ["Futures", "Future", "Waitable", "AddDoneCallback", "Client", "Request"]),
        ("delegation", ["Delegation", "YieldFrom"]),
        ("async", ["Async", "async", "await", "*Async", "Task", "ValueTask", "TaskGroup", "Coroutine"]),
        ("promises", ["Promises", "Then", "Catch", "Finally"]),
        ("goroutines", ["Goroutines", "Channel", "LoopChannel", "ChannelReader", "ChannelWriter", "Select", "SelectReceive", "EventLoopGroup", "Offload"]),
        ("cooperative", ["Cooperative", "CooperativeThread"]),
    ];

    /// <summary>Phrases with a word of a later stage that mean something else, and the stage from which they may be used.</summary>
    private static readonly (string Stage, string[] Phrase)[] s_meansSomethingElse =
    [
        ("multiplexing", ["Socket", ".", "Select"]),

        // C# has one spelling for both: of a two-way yield nothing is awaited.
        ("generators", ["async", "g"]),
        ("generators", ["await", "g", "."]),
    ];

    /// <summary>The words of <paramref name="code"/> that belong to stages after <paramref name="stage"/>.</summary>
    public static IEnumerable<string> Later(string stage, string code)
    {
        int index = IndexOf(stage);
        List<string> words = [.. Word().Matches(WithoutCommentsAndStrings(code)).Select(match => match.Value)];
        foreach ((string since, string[] phrase) in s_meansSomethingElse.Where(one => IndexOf(one.Stage) <= index))
        {
            Remove(words, phrase);
        }

        return from later in Table.Skip(index + 1)
               from name in later.Introduces
               from word in words
               where name[0] == '*' ? word.EndsWith(name[1..], StringComparison.Ordinal) : word == name
               select $"{word}, of the stage '{later.Stage}'";
    }

    private static int IndexOf(string stage)
    {
        for (int i = 0; i < Table.Count; i++)
        {
            if (Table[i].Stage == stage)
            {
                return i;
            }
        }

        throw new ArgumentException($"The stage '{stage}' has no line in the table of words; say there what it introduces.");
    }

    private static void Remove(List<string> words, string[] phrase)
    {
        for (int i = words.Count - phrase.Length; i >= 0; i--)
        {
            if (words.Skip(i).Take(phrase.Length).SequenceEqual(phrase))
            {
                words.RemoveRange(i, phrase.Length);
            }
        }
    }

    /// <summary>Comments and literals become blanks; what stands in the braces of an interpolated string is code, and stays.</summary>
    private static string WithoutCommentsAndStrings(string code)
    {
        var kept = new StringBuilder();
        int at = 0;
        while (at < code.Length)
        {
            Match skipped = CommentOrLiteral().Match(code, at);
            if (skipped.Success && skipped.Length > 0)
            {
                kept.Append(' ');
                if (skipped.Groups["interpolated"].Success)
                {
                    kept.AppendJoin(' ', Hole().Matches(skipped.Value).Select(hole => WithoutCommentsAndStrings(hole.Groups[1].Value))).Append(' ');
                }

                at += skipped.Length;
            }
            else
            {
                kept.Append(code[at++]);
            }
        }

        return kept.ToString();
    }

    [GeneratedRegex(
        """\G(?://[^\n]*|/\*.*?\*/|(?<interpolated>\$"(?:\\.|[^"\\])*")|@"(?:""|[^"])*"|"""
        + """'(?:\\.[^']*|[^'\\])'|"(?:\\.|[^"\\\n])*")""",
        RegexOptions.Singleline)]
    private static partial Regex CommentOrLiteral();

    [GeneratedRegex(@"(?<!\{)\{([^{}]+)\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"[A-Za-z_]\w*|\.")]
    private static partial Regex Word();
}
