using System.Text.RegularExpressions;

namespace Gyre.Architecture.Tests;

/// <summary>A sample that nothing runs is a sample that no longer works.</summary>
internal static class Samples
{
    public static IEnumerable<string> ThatNothingRuns(IReadOnlyCollection<SourceFile> files)
    {
        var runners = files.Where(file => file.Path == ".ci/run" || file.IsUnder("tests")).ToArray();
        return from project in files
               where project.IsUnder("samples") && project.Path.EndsWith(".csproj", StringComparison.Ordinal)
               let folder = project.Path.Split('/')[1]
               let mention = new Regex($"samples[\\\\/\", ]+{Regex.Escape(folder)}\\b")
               where !runners.Any(runner => mention.IsMatch(runner.Text))
               select $"{project.Path} is named as samples/{folder} in no test and not in .ci/run; run it there";
    }
}
