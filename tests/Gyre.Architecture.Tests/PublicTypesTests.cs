using Mono.Cecil;
using Xunit;

namespace Gyre.Architecture.Tests;

/// <summary><c>using Gyre;</c> is to show few types; which ones is decided in a file, not by accident.</summary>
public sealed class PublicTypesTests
{
    // Design, section 2: "about 30". Past this, a style moves to a namespace of its own.
    private const int TypesMax = 32;

    private const string ListPath = "tests/Gyre.Architecture.Tests/PublicTypesOfGyre.txt";
    private const string UpdateVariable = "GYRE_UPDATE_LISTS";

    [Fact]
    public void The_public_types_in_namespace_Gyre_are_those_of_the_list()
    {
        var found = PublicTypes(CodeBase.Load("Gyre"), CodeBase.Load("Gyre.Http"), CodeBase.Load("Gyre.Simulation"));
        var path = Path.Combine(Repository.Root, ListPath);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(path, string.Concat(found.Select(type => type + "\n")));
        }

        Expect.Nothing(
            Differences(File.ReadAllLines(path), found),
            $"Change the code; or change {ListPath} by running this test with {UpdateVariable}=1, and say why in the commit.");
    }

    [Fact]
    public void Using_Gyre_shows_few_types()
    {
        var listed = File.ReadAllLines(Path.Combine(Repository.Root, ListPath));
        Assert.True(
            listed.Length <= TypesMax,
            $"{ListPath} lists {listed.Length} types; what goes past {TypesMax} belongs in a namespace of its own.");
    }

    [Fact]
    public void A_type_too_many_and_a_type_too_few_are_reported()
    {
        var gyre = Sample.Compile(
            "Gyre",
            ("Loop/A.cs", "namespace Gyre; public class Future; public class Future<T>; class Hidden;"),
            ("Loop/B.cs", "namespace Gyre; public delegate void Callback(); public class Outer { public class Inner; }"),
            ("Promises/C.cs", "namespace Gyre.Promises; public class Promise;"));
        var found = PublicTypes(gyre);
        Assert.Equal(["Callback", "Future", "Future<T>", "Outer"], found);
        Expect.Nothing(Differences(found, found));
        Expect.One("Future<T> is public in namespace Gyre, but not listed", Differences(["Callback", "Future", "Outer"], found));
        Expect.One("Gone is listed, but not public in namespace Gyre", Differences([.. found, "Gone"], found));
    }

    private static string[] PublicTypes(params CodeBase[] projects) =>
        [.. projects.SelectMany(project => project.WrittenTypes())
            .Where(type => type.IsPublic && type.Namespace == "Gyre")
            .Select(Shown)
            .Order(StringComparer.Ordinal)];

    private static string Shown(TypeDefinition type)
    {
        var name = type.Name.Split('`')[0];
        var parameters = string.Join(", ", type.GenericParameters.Select(parameter => parameter.Name));
        return type.HasGenericParameters ? $"{name}<{parameters}>" : name;
    }

    private static IEnumerable<string> Differences(string[] listed, string[] found) =>
        found.Except(listed).Select(type => $"{type} is public in namespace Gyre, but not listed")
            .Concat(listed.Except(found).Select(type => $"{type} is listed, but not public in namespace Gyre"));
}
