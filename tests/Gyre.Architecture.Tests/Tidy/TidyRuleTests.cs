using Xunit;

namespace Gyre.Architecture.Tests;

/// <summary>Each rule over the text, seen to fail on a text that breaks it and to pass on one that doesn't.</summary>
public sealed class TidyRuleTests
{
    private const string Code = "src/Gyre/Loop/A.cs";
    private const string Test = "tests/Gyre.Tests/A.cs";

    /// <summary>Rule, path, a text that breaks it, a text that keeps it (empty: the path alone was wrong), part of the sentence.</summary>
    public static TheoryData<string, string, string, string, string> Cases => new()
    {
        { "lines end in LF", Code, "class A;\r\n", "class A;\n", "A.cs:1 ends in CR LF" },
        { "no tabs", Code, "class A\n{\n\tint _b;\n}\n", "class A\n{\n    int _b;\n}\n", "A.cs:3 holds a tab" },
        { "no trailing blanks", "a.md", "One. \nTwo.\n", "One.\nTwo.\n", "a.md:1 ends in blanks" },
        { "a newline ends the file", "a.md", "One.", "One.\n", "a.md:1 isn't ended" },
        { "a newline ends the file", "a.md", "One.\n\n", "One.\n", "a.md:2 is an empty line" },
        { "lines of 160 characters at most", Code, new string('/', 161), new string('/', 160), "A.cs:1 is longer" },
        { "no merge marks", "a.md", "<<<<<<< ours\n", "A << B\n", "a.md:1 is a mark" },
        { "no merge marks", Code, "class A;\n=======\n", "// ========\n", "A.cs:2 is a mark" },
        {
            "no paths of one machine", "a.md",
            "See /" + "root/.cache.\n",
            "See src/work/a, ~/home/b and /tmp/c.\n",
            "a.md:1 names a path"
        },
        { "no drawer named Utils, Common or Helpers", "src/Gyre/SocketUtils.cs", "", "", "in 'SocketUtils.cs'" },
        { "no drawer named Utils, Common or Helpers", "src/Common/A.cs", "", "", "in 'Common'" },
        {
            "no backlog in comments", Code,
            "class A; // TODO: more\n",
            "class A { string _b = \"TODO\"; }\n",
            "A.cs:1 holds a note"
        },
        {
            "no backlog in comments", Code,
            "/// <summary>FIXME</summary>\nclass A;\n",
            "/// <summary>Fixed.</summary>\nclass A;\n",
            "A.cs:1 holds"
        },
        { "no backlog in comments", ".ci/run", "# HACK\n", "mktemp a.XXXXXX # a shack\n", ".ci/run:1 holds a note" },
        {
            "nothing left unimplemented", Code,
            "class A { int B => throw new NotImplementedException(); }",
            "class A;",
            "A.cs:1 throws"
        },
        { "no regions", Code, "class A\n{\n#region B\n#endregion\n}\n", "class A;\n", "A.cs:3 opens a region" },
        {
            "no commented-out code", Code,
            "class A { /* one\n _b.Run(); */ }",
            "class A { /* Runs b(); then stops. */ }",
            "A.cs:2 is commented-out"
        },
        {
            "no commented-out code", Code,
            "class A { // private int _b;\n}",
            "// It stays with its owner;\n// nothing happens;\n// done;\n",
            "A.cs:1 is"
        },
        {
            "no commented-out code", Code,
            "class A { // return b;\n}",
            "/// <example><code>return b;</code>\n/// b();\n/// </example>\nclass A;",
            "A.cs:1"
        },
        {
            "one public type per file, the file named for it", Code,
            "public class A; public class B;",
            "public class A; class B;",
            "(A, B)"
        },
        {
            "one public type per file, the file named for it", Code,
            "public class B;",
            "public class A; public class A<T>;",
            "name it B.cs"
        },
        { "files of 500 lines at most", Code, new string('\n', 501), new string('\n', 500), "A.cs:1 has 501 lines" },
        { "functions of 70 lines at most", Code, Function(71), Function(70), "A.cs:2 B has 71 lines" },
        {
            "functions nested three levels deep at most", Code,
            Nested("while (c) { }"),
            Nested("c = d;"),
            "A.cs:1 B is nested more"
        },
        {
            "functions nested three levels deep at most", Code,
            Nested("d = () => { if (c) if (c) if (c) if (c) e(); };"),
            Nested("d = () => { if (c) { } };"),
            "A.cs:1 a lambda"
        },
        {
            "functions nested three levels deep at most", Code,
            "if (a) for (;;) while (b) { try { } finally { } }",
            "if (a) { } else if (b) { } else if (c) { } else if (d) { }",
            "A.cs:1 a top-level"
        },
        {
            "tests don't sleep", Test,
            "class A { void B() => Thread.Sleep(1); }",
            "class A { void B() => Clock.Delay(1); }",
            "(Thread.Sleep)"
        },
        {
            "tests don't sleep", Test,
            "class A { object B() => System.Threading.Tasks.Task.Delay(1); }",
            "// Task.Delay(1) is told apart by its syntax.",
            "Task.Delay)"
        },
        {
            "no test is switched off", Test,
            "class A { [Fact(Skip = \"slow\")] void B() { } }",
            "class A { [Fact(Skip = \"needs Linux\", SkipUnless = nameof(C))] void B() { } }",
            "A.cs:1 switches"
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_text_that_breaks_the_rule_is_reported(string name, string path, string wrong, string right, string part)
    {
        var rule = TidyRule.All.Single(rule => rule.Name == name);
        Expect.One(part, rule.Check(Sample.File(path, wrong)));
        Expect.Nothing(rule.Check(Sample.File(right.Length > 0 ? path : Code, right)));
    }

    [Fact]
    public void Every_rule_has_a_case() =>
        Assert.Equal(TidyRule.All.Select(rule => rule.Name).Order(), Cases.Select(row => row.Data.Item1).Distinct().Order());

    [Theory]
    [InlineData("[a](missing.md)", "docs/a.md:3 links to missing.md, which doesn't exist")]
    [InlineData("[a](b.md#nowhere)", "docs/a.md:3 links to b.md#nowhere, but docs/b.md has no heading of that name")]
    [InlineData("[a](#nowhere)", "docs/a.md has no heading")]
    [InlineData("[a](../../outside.md)", "which doesn't exist")]
    [InlineData("![a](picture.png \"title\")", "links to picture.png")]
    [InlineData("[a]: missing.md", "links to missing.md")]
    public void A_link_that_leads_nowhere_is_reported(string line, string part) => Expect.One(part, BrokenLinks(line));

    [Theory]
    [InlineData("[a](b.md) and [b](b.md#the-iteration-numbered) and [c](#a-page)")]
    [InlineData("[a](../docs/./b.md#again-1) and [b](https://example.org/x.md) and [c](/docs/b.md#a-mark)")]
    [InlineData("`[a](missing.md)`")]
    [InlineData("```\n[a](missing.md)\n```")]
    public void A_link_that_leads_somewhere_is_right(string line) => Expect.Nothing(BrokenLinks(line));

    [Fact]
    public void A_sample_that_nothing_names_is_reported()
    {
        var sample = Sample.File("samples/Hello/Hello.csproj", "");
        Expect.One("samples/Hello in no test", Samples.ThatNothingRuns([sample, Sample.File("tests/A.cs", "// samples/HelloWorld")]));
        Expect.Nothing(Samples.ThatNothingRuns([sample, Sample.File(".ci/run", "dotnet run --project samples/Hello\n")]));
        Expect.Nothing(Samples.ThatNothingRuns([sample, Sample.File("tests/A.cs", "Path.Combine(\"samples\", \"Hello\")")]));
    }

    private static IEnumerable<string> BrokenLinks(string line)
    {
        SourceFile[] pages =
        [
            Sample.File("docs/a.md", $"# A page\n\n{line}\n"),
            Sample.File("docs/b.md", "# The *iteration*, `numbered`\n## Again\n## Again\n<a id=\"a-mark\"></a>\n"),
        ];
        var links = new Links(path => pages.Any(page => page.Path == path), path => pages.FirstOrDefault(page => page.Path == path));
        return links.Broken(pages[0]);
    }

    private static string Function(int lines) => $"class A {{\nvoid B() {{{new string('\n', lines - 1)}}}\n}}";

    private static string Nested(string inside) =>
        $"class A {{ void B() {{ if (a) {{ foreach (var b in a) {{ lock (b) {{ {inside} }} }} }} }} }}";
}
