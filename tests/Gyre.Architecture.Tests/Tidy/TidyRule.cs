namespace Gyre.Architecture.Tests;

/// <summary>A rule over one file's text or syntax.</summary>
/// <param name="Name">What the rule asks for, as words.</param>
/// <param name="Check">The violations in one file, each a sentence that starts with "path:line".</param>
/// <param name="Exempt">Files that may break it.</param>
internal sealed record TidyRule(string Name, Func<SourceFile, IEnumerable<string>> Check, Exempt[] Exempt)
{
    public static readonly TidyRule[] All =
    [
        new("lines end in LF", TextRules.LineEnds, []),
        new("no tabs", TextRules.Tabs, []),
        new("no trailing blanks", TextRules.TrailingBlanks, []),
        new("a newline ends the file", TextRules.FinalNewline, []),
        new("lines of 160 characters at most", TextRules.LineLength, []),
        new("no merge marks", TextRules.MergeMarks, []),
        new("no paths of one machine", TextRules.MachinePaths, []),
        new("no drawer named Utils, Common or Helpers", TextRules.Drawers, []),
        new("no backlog in comments", CodeRules.Backlog, []),
        new("nothing left unimplemented", CodeRules.Unimplemented, []),
        new("no regions", CodeRules.Regions, []),
        new("no commented-out code", CodeRules.CommentedOutCode, []),
        new("one public type per file, the file named for it", CodeRules.PublicTypeOfFile, []),
        new("files of 500 lines at most", ShapeRules.FileLength, AllowLists.LongFiles),
        new("functions of 70 lines at most", ShapeRules.FunctionLength, AllowLists.LongFunctions),
        new("functions nested three levels deep at most", ShapeRules.Nesting, AllowLists.DeepFunctions),
        new("tests don't sleep", TestRules.Sleeps, AllowLists.SleepingTests),
        new("no test is switched off", TestRules.Skips, []),
    ];

    public override string ToString() => Name;
}
