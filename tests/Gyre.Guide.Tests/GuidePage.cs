namespace Gyre.Guide.Tests;

/// <summary>
/// A page of the guide: each C# block in it is a snippet of the source of its test, and prints what the text block of the same
/// name says.
/// </summary>
/// <remarks>In a page a block is named behind its language: <c>```csharp name</c>, <c>```text name</c>.</remarks>
public abstract class GuidePage
{
    private readonly string _page;
    private readonly string _source;

    protected GuidePage(string page)
    {
        _page = Blocks.Read(page);
        _source = Blocks.Read($"{GetType().Name}.cs");
    }

    /// <summary>What the snippets print to.</summary>
    protected Printed Console { get; } = new();

    [Fact]
    public void Every_block_of_code_is_a_snippet_that_runs()
    {
        Dictionary<string, string> snippets = Blocks.Snippets(_source);
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
    protected void Run(string name, Action snippet)
    {
        Bounded.Run(snippet);
        VerifyPrinted(name);
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
