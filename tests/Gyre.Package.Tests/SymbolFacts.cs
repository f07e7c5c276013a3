using System.Reflection.Metadata;
using System.Text;
using System.Text.Json;

namespace Gyre.Package.Tests;

/// <summary>What a portable symbol file says of where its sources are.</summary>
internal static class SymbolFacts
{
    // Kinds of custom debug information, from the Portable PDB specification.
    private static readonly Guid SourceLinkKind = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");
    private static readonly Guid EmbeddedSourceKind = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    /// <summary>Path pattern → address pattern; empty when the file has no SourceLink record.</summary>
    public static Dictionary<string, string> SourceLink(MetadataReader symbols)
    {
        var records = Information(symbols, EntityHandle.ModuleDefinition, SourceLinkKind).ToArray();
        if (records.Length == 0)
        {
            return [];
        }

        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(records.Single()));
        return json.RootElement.GetProperty("documents").EnumerateObject().ToDictionary(map => map.Name, map => map.Value.GetString()!);
    }

    /// <summary>Sources that a debugger could neither fetch through SourceLink nor read out of the symbol file.</summary>
    public static IEnumerable<string> UnreachableSources(MetadataReader symbols)
    {
        var prefixes = SourceLink(symbols).Keys.Select(pattern => pattern.TrimEnd('*')).ToArray();
        return from handle in symbols.Documents
               let name = symbols.GetString(symbols.GetDocument(handle).Name)
               where !prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
               where !Information(symbols, handle, EmbeddedSourceKind).Any()
               select name;
    }

    private static IEnumerable<byte[]> Information(MetadataReader symbols, EntityHandle parent, Guid kind) =>
        from handle in symbols.GetCustomDebugInformation(parent)
        let information = symbols.GetCustomDebugInformation(handle)
        where symbols.GetGuid(information.Kind) == kind
        select symbols.GetBlobBytes(information.Value);
}
