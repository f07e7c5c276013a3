namespace Gyre.Guide.Tests;

/// <summary>
/// A page of the guide: each C# block in it is a snippet of the source of its test, and prints what the text block of the same
/// name says.
/// </summary>
/// <remarks>
/// In a page a block is named behind its language: <c>```csharp name</c>, <c>```text name</c>. A page may show snippets of a sample
/// too, which its test runs.
/// </remarks>
public abstract class GuidePage
{
    private readonly string _page;
    private readonly string _source;
    private readonly string _sample;

    protected GuidePage(string page, string? sample = null)
    {
        _page = Blocks.Read(page);
        _source = Blocks.Read($"{GetType().Name}.cs");
        _sample = sample is null ? "" : Blocks.ReadAll(sample);
    }

    /// <summary>What the snippets print to.</summary>
    protected Printed Console { get; } = new();

    [Fact]
    public void Every_block_of_code_is_a_snippet_that_runs()
    {
        Dictionary<string, string> snippets = Blocks.Snippets(_source + _sample);
        var shown = Blocks.Fenced(_page).Where(static block => block.Language == "csharp").ToDictionary(
            static block => block.Name, static block => block.Text);
        Assert.NotEmpty(shown);
        Assert.Equal(snippets.Keys.Order(), shown.Keys.Order());
        foreach ((string name, string text) in shown)
        {
            Assert.Equal(snippets[name], text);
            Assert.Contains($"Run(\"{name}\"", _source, StringComparison.Ordinal);
        }

        Assert.Empty(Blocks.Fenced(_page).Where(static block => block.Language == "text").Select(static block => block.Name).Except(snippets.Keys));
    }

    /// <summary>Runs a snippet as the main coroutine of a run, and asserts that it prints what the page says.</summary>
    protected void Run(string name, Func<Task> snippet)
    {
        Bounded.Run(snippet);
        VerifyPrinted(name);
    }

    /// <summary>Runs a snippet that needs no loop.</summary>
    /// <param name="name">The block that shows it.</param>
    /// <param name="snippet">What runs it.</param>
    /// <param name="printedBy">The block under whose name the page says what is printed, when this one is a part of that.</param>
    protected void Run(string name, Action snippet, string? printedBy = null)
    {
        Bounded.Run(snippet);
        VerifyPrinted(printedBy ?? name);
    }

    private void VerifyPrinted(string name) =>
        Assert.Equal(Blocks.Fenced(_page).Single(block => block.Language == "text" && block.Name == name).Text, Console.ToString());

    /// <summary>Stands where a program has its console.</summary>
    protected sealed class Printed
    {
        private readonly StringWriter _text = new() { NewLine = "\n" };

        public void WriteLine(object? value) => _text.WriteLine(value);

        public override string ToString() => _text.ToString();
    }
}
