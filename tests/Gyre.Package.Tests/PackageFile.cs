using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;

namespace Gyre.Package.Tests;

/// <summary>A package as the zip file that it is.</summary>
internal sealed class PackageFile : IDisposable
{
    private readonly ZipArchive _zip;

    public PackageFile(string path)
    {
        _zip = ZipFile.OpenRead(path);
        var nuspec = _zip.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal));
        Metadata = XDocument.Parse(Text(nuspec.FullName)).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
    }

    public XElement Metadata { get; }

    public IEnumerable<string> Entries => _zip.Entries.Select(entry => entry.FullName);

    public string Value(string element) => Element(element).Value;

    public XElement Element(string name) =>
        Metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)
        ?? throw new InvalidOperationException($"The package says nothing of its {name}; what it says is {Metadata}");

    public IEnumerable<string> Dependencies =>
        Metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value);

    public string Text(string entry)
    {
        using var reader = new StreamReader(Entry(entry).Open());
        return reader.ReadToEnd();
    }

    /// <summary>Reads a portable symbol file; throws when it is of another kind.</summary>
    public MetadataReaderProvider Symbols(string entry)
    {
        using var stream = Entry(entry).Open();
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        copy.Position = 0;
        return MetadataReaderProvider.FromPortablePdbStream(copy);
    }

    public void Dispose() => _zip.Dispose();

    private ZipArchiveEntry Entry(string entry) =>
        _zip.GetEntry(entry) ?? throw new InvalidOperationException($"The package has no {entry}; it has {string.Join(", ", Entries)}");
}
