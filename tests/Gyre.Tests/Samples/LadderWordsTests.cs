using Gyre.Samples.Ladder;

namespace Gyre.Tests.Samples;

/// <summary>The story is told in its order: no stage of <c>samples/Ladder</c> uses a name that belongs to a later one.</summary>
public sealed class LadderWordsTests
{
    public static TheoryData<string> Stages => [.. Stage.All.Select(stage => stage.Name)];

    public static TheoryData<string> LaterStages => [.. Stage.All.Skip(1).Select(stage => stage.Name)];

    [Theory]
    [MemberData(nameof(Stages))]
    public void No_stage_uses_a_name_of_a_later_one(string stage) => Assert.Empty(LadderWords.Later(stage, Source(stage)));

    [Theory]
    [MemberData(nameof(LaterStages))]
    public void Every_stage_but_the_first_uses_what_it_introduces(string stage)
    {
        int index = Stage.All.Select(one => one.Name).ToList().IndexOf(stage);
        Assert.NotEmpty(LadderWords.Later(Stage.All[index - 1].Name, Source(stage)));
    }

    [Fact]
    public void The_stages_stand_in_the_order_of_the_story_and_each_has_one_file()
    {
        Assert.Equal(LadderWords.Table.Select(line => line.Stage).Intersect(Stage.All.Select(stage => stage.Name)), Stage.All.Select(stage => stage.Name));
        Assert.Equal(Stage.All.Count, Directory.GetFiles(Folder, "*.cs").Length);
    }

    [Theory]
    [InlineData("blocking", "int x = await_; // await async Future", "")]
    [InlineData("blocking", "/* Future\n */ Call(\"await \\\" Future\", @\"a\\\", 'x');", "")]
    [InlineData("blocking", "var f = new Future<int>();", "Future, of the stage 'futures'")]
    [InlineData("blocking", "Call($\"await {Future.All}\");", "Future, of the stage 'futures'")]
    [InlineData("futures", "async g => await g.Yield(1);", "")]
    [InlineData("futures", "await gate;", "await, of the stage 'async'")]
    [InlineData("iterators", "await g.Yield(1);", "Yield, of the stage 'generators'|await, of the stage 'async'")]
    [InlineData("threads", "connection.DisposeAsync()", "DisposeAsync, of the stage 'async'")]
    [InlineData("promises", "Socket.Select(); list.Select();", "Select, of the stage 'goroutines'")]
    public void Words_in_comments_and_strings_do_not_count(string stage, string code, string found) =>
        Assert.Equal(found, string.Join('|', LadderWords.Later(stage, code)));

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "ladder-stages");

    private static string Source(string stage)
    {
        int number = Stage.All.Select(one => one.Name).ToList().IndexOf(stage) + 1;
        return File.ReadAllText(Assert.Single(Directory.GetFiles(Folder, $"{number:00}-*.cs")));
    }
}
