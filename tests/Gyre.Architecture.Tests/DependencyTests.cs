using System.Xml.Linq;
using Mono.Cecil;
using Xunit;

namespace Gyre.Architecture.Tests;

/// <summary>What each project may reference and befriend, from its project file and from its compiled assembly.</summary>
public sealed class DependencyTests
{
    [Fact]
    public void Gyre_references_nothing_but_the_BCL()
    {
        Expect.Nothing(AssembliesBeyondTheBcl(CodeBase.Load("Gyre").Module));
        Expect.Nothing(ItemsThatAddDependencies(Project("Gyre"), allowed: []));
    }

    /// <summary>Abstractions and parsers of .NET's own maintainers, in place of what would else have to be written here.</summary>
    private static readonly string[] s_packagesOfHttp =
    [
        "Microsoft.AspNetCore.DataProtection.Abstractions", "Microsoft.AspNetCore.WebUtilities", "Microsoft.Extensions.Logging.Abstractions",
        "System.Threading.RateLimiting",
    ];

    [Fact]
    public void Simulation_and_Http_reference_Gyre_and_few_packages_alone()
    {
        Expect.Nothing(ItemsThatAddDependencies(Project("Gyre.Simulation"), ["../Gyre/Gyre.csproj"]));
        Expect.Nothing(ItemsThatAddDependencies(Project("Gyre.Http"), ["../Gyre/Gyre.csproj", .. s_packagesOfHttp]));
    }

    [Theory]
    [InlineData("Gyre.Simulation")]
    [InlineData("Gyre.Http")]
    public void What_stands_beside_Gyre_sees_only_what_an_outsider_sees(string outsider)
    {
        var code = CodeBase.Load("Gyre");
        Expect.Nothing(FriendsInProject(Project("Gyre"), outsider).Concat(FriendsInAssembly(code.Module, outsider)));
        Expect.Nothing(BackDoors(CodeBase.Load(outsider)));
    }

    [Fact]
    public void A_dependency_is_reported()
    {
        var project = XDocument.Parse(
            """
            <Project><ItemGroup>
              <PackageReference Include="Newtonsoft.Json" />
              <FrameworkReference Include="Microsoft.AspNetCore.App" />
              <ProjectReference Include="..\Gyre\Gyre.csproj" />
              <PackageReference Include="Analyzer" PrivateAssets="all" />
            </ItemGroup></Project>
            """);
        Assert.Equal(
            ["PackageReference Newtonsoft.Json adds a dependency", "FrameworkReference Microsoft.AspNetCore.App adds a dependency"],
            ItemsThatAddDependencies(project, ["../Gyre/Gyre.csproj"]));
        using var thisModule = ModuleDefinition.ReadModule(typeof(DependencyTests).Assembly.Location);
        Assert.Contains($"{thisModule.Name} references xunit.v3.assert, which isn't part of the BCL", AssembliesBeyondTheBcl(thisModule));
    }

    [Fact]
    public void A_friend_or_a_back_door_is_reported()
    {
        var project = XDocument.Parse("<Project><InternalsVisibleTo Include=\"Gyre.Tests;Gyre.Simulation\" /></Project>");
        Expect.One("lets Gyre.Simulation see its internals", FriendsInProject(project, "Gyre.Simulation"));
        Expect.Nothing(FriendsInProject(project, "Gyre.Http"));
        const string services = "using System.Runtime.CompilerServices;";
        var gyre = Sample.Compile("Gyre", ("A.cs", services + "[assembly: InternalsVisibleTo(\"Gyre.Simulation\")]"));
        Expect.One("lets Gyre.Simulation see its internals", FriendsInAssembly(gyre.Module, "Gyre.Simulation"));
        var simulation = Sample.Compile(
            "Gyre.Simulation",
            ("B.cs", services + "class B { [UnsafeAccessor(UnsafeAccessorKind.Constructor)] static extern B New(); }"));
        Expect.One("type B uses UnsafeAccessorAttribute", BackDoors(simulation));
    }

    private static XDocument Project(string name) => XDocument.Load(Path.Combine(Repository.Root, "src", name, name + ".csproj"));

    private static IEnumerable<string> AssembliesBeyondTheBcl(ModuleDefinition module) =>
        from reference in module.AssemblyReferences
        let name = reference.Name
        where !name.StartsWith("System.", StringComparison.Ordinal) && name is not ("System" or "Microsoft.Win32.Primitives")
        select $"{module.Name} references {name}, which isn't part of the BCL";

    private static IEnumerable<string> ItemsThatAddDependencies(XDocument project, string[] allowed) =>
        from item in project.Descendants()
        where item.Name.LocalName is "PackageReference" or "FrameworkReference" or "ProjectReference" or "Reference"
        let include = ((string?)item.Attribute("Include") ?? "").Replace('\\', '/')
        where !string.Equals((string?)item.Attribute("PrivateAssets"), "all", StringComparison.OrdinalIgnoreCase)
        where !allowed.Contains(include)
        select $"{item.Name.LocalName} {include} adds a dependency";

    private static IEnumerable<string> FriendsInProject(XDocument project, string outsider) =>
        from item in project.Descendants()
        where item.Name.LocalName == "InternalsVisibleTo"
        where ((string?)item.Attribute("Include") ?? "").Split(';', StringSplitOptions.TrimEntries).Contains(outsider)
        select $"The project file of Gyre lets {outsider} see its internals; it is to use the public API alone";

    private static IEnumerable<string> FriendsInAssembly(ModuleDefinition module, string outsider) =>
        from attribute in module.Assembly.CustomAttributes
        where attribute.AttributeType.Name == "InternalsVisibleToAttribute"
        where ((string)attribute.ConstructorArguments[0].Value).Split(',')[0].Trim() == outsider
        select $"{module.Name} lets {outsider} see its internals; it is to use the public API alone";

    private static IEnumerable<string> BackDoors(CodeBase code) =>
        from use in TypeUses.Of(code)
        let name = use.To[(use.To.LastIndexOf('.') + 1)..]
        where name is "UnsafeAccessorAttribute" or "IgnoresAccessChecksToAttribute" or "BindingFlags"
        select $"{code.AssemblyName}: type {use.From} uses {name}, a way past the public API";
}
