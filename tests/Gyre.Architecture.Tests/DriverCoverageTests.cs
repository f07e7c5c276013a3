using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mono.Cecil;
using Xunit;

namespace Gyre.Architecture.Tests;

/// <summary>Every concrete driver, wherever it lives, is run through the conformance kit.</summary>
public sealed class DriverCoverageTests
{
    private static readonly string[] ContractNames = ["IDriver", "Driver"];

    [Fact]
    public void Every_driver_is_named_in_the_conformance_tests()
    {
        CodeBase[] projects = [CodeBase.Load("Gyre"), CodeBase.Load("Gyre.Http"), CodeBase.Load("Gyre.Simulation")];
        Expect.Nothing(DriversWithoutTests(projects, [.. Repository.CSharp.Where(IsConformanceTest)]));
    }

    [Fact]
    public void A_driver_that_no_conformance_test_names_is_reported()
    {
        var gyre = Sample.Compile(
            "Gyre",
            ("Drivers/Driver.cs", "namespace Gyre; public abstract class Driver;"),
            ("Drivers/PollingDriver.cs", "namespace Gyre; public abstract class PollingDriver : Driver;"),
            ("Drivers/Epoll/EpollDriver.cs", "namespace Gyre; class EpollDriver : PollingDriver;"),
            ("Drivers/IoUring/IoUringDriver.cs", "namespace Gyre; class IoUringDriver : Driver;"));
        var simulation = Sample.CompileAgainst([gyre], "Gyre.Simulation", ("SimulatedDriver.cs", "class SimulatedDriver : Gyre.Driver;"));
        var tests = Sample.File(
            "tests/Gyre.Drivers.Tests/Kit.cs",
            "// The EpollDriver is not covered by a comment.\nclass SimulatedConformanceTests { string Name => \"io_uring\"; }");
        Expect.One("EpollDriver (Gyre/Drivers/Epoll/EpollDriver.cs) implements Driver", DriversWithoutTests([gyre, simulation], [tests]));
        Assert.Equal(3, DriversWithoutTests([gyre, simulation], []).Count());
    }

    [Fact]
    public void A_driver_room_without_a_contract_is_reported_and_no_room_at_all_is_not()
    {
        var backend = Sample.Compile("Gyre", ("Drivers/Epoll/Epoll.cs", "class Epoll;"));
        Expect.One("declares neither IDriver nor Driver", DriversWithoutTests([backend], []));
        Expect.Nothing(DriversWithoutTests([Sample.Compile("Gyre", ("Loop/A.cs", "class A;"))], []));
    }

    private static bool IsConformanceTest(SourceFile file) =>
        file.IsUnder("tests/Gyre.Drivers.Tests") || file.Path.StartsWith("tests/Gyre.Conformance", StringComparison.Ordinal);

    private static IEnumerable<string> DriversWithoutTests(CodeBase[] projects, SourceFile[] tests)
    {
        var gyre = projects[0];
        var contracts = gyre.WrittenTypes().Where(type => ContractNames.Contains(type.Name) && IsInContractRoom(gyre, type)).ToArray();
        if (contracts.Length == 0)
        {
            return gyre.Files.Any(file => file.IsUnder($"{gyre.Folder}/{RoomTable.DriverContractFolder}"))
                ? [$"{RoomTable.DriverContractFolder} declares neither {string.Join(" nor ", ContractNames)}, so its drivers can't be told"]
                : [];
        }

        var types = projects.SelectMany(project => project.Module.GetTypes());
        var known = types.DistinctBy(type => type.FullName).ToDictionary(type => type.FullName);
        var words = tests.SelectMany(NamesIn).ToHashSet();
        return from project in projects
               from type in project.Module.GetTypes()
               where type.IsClass && !type.IsAbstract && contracts.Any(contract => Implements(type, contract, known))
               where !words.Any(word => word.Contains(ShortName(type), StringComparison.Ordinal))
               select $"{type.Name} ({project.AssemblyName}/{project.FileOf(CodeBase.SourceName(type))}) implements {contracts[0].Name}, "
                   + "but no conformance test names it: run the kit on it in tests/Gyre.Drivers.Tests or tests/Gyre.Conformance*";
    }

    private static bool IsInContractRoom(CodeBase gyre, TypeDefinition type) =>
        new Arrows(gyre).RoomOf(CodeBase.SourceName(type))?.Folder == RoomTable.DriverContractFolder;

    private static bool Implements(TypeDefinition type, TypeDefinition contract, Dictionary<string, TypeDefinition> known)
    {
        for (var current = type; current is not null; current = Known(current.BaseType))
        {
            var above = current.Interfaces.Select(implemented => implemented.InterfaceType).Append(current.BaseType);
            if (above.Any(named => named?.FullName == contract.FullName))
            {
                return true;
            }
        }

        return false;

        TypeDefinition? Known(TypeReference? reference) =>
            reference is null ? null : known.GetValueOrDefault(reference.GetElementType().FullName);
    }

    /// <summary>Identifiers and string literals, without case and underscores: "io_uring" and IoUringDriver both name IoUring.</summary>
    private static IEnumerable<string> NamesIn(SourceFile file) =>
        file.Root.DescendantTokens()
            .Where(token => token.IsKind(SyntaxKind.IdentifierToken) || token.IsKind(SyntaxKind.StringLiteralToken))
            .Select(token => Plain(token.ValueText));

    private static string ShortName(TypeDefinition driver) => Plain(driver.Name.Replace("Driver", "", StringComparison.Ordinal));

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
