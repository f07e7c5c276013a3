using System.Security.Cryptography;
using System.Text;

namespace Gyre.Http.Fuzz.Engine;

/// <summary>The inputs of a target that are kept as files, one a file, named for what they hold.</summary>
internal static class Corpus
{
    private const string Extension = ".input";
    private const int NameDigits = 12;

    /// <summary>The folder that is built with the program.</summary>
    internal static string Folder => Path.Combine(AppContext.BaseDirectory, "Corpus");

    /// <summary>What is on disk, and the target's own seeds.</summary>
    internal static List<byte[]> Load(FuzzTarget target, string folder)
    {
        List<byte[]> inputs = [.. target.Seeds.Select(Encoding.Latin1.GetBytes)];
        string own = Path.Combine(folder, target.Name);
        if (Directory.Exists(own))
        {
            inputs.AddRange(Directory.GetFiles(own, "*" + Extension).Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
        }

        return inputs;
    }

    /// <summary>Replaces what is on disk.</summary>
    internal static void Save(string folder, FuzzTarget target, IEnumerable<byte[]> inputs)
    {
        string own = Path.Combine(folder, target.Name);
        Directory.CreateDirectory(own);
        foreach (string old in Directory.GetFiles(own, "*" + Extension))
        {
            File.Delete(old);
        }

        foreach (byte[] input in inputs)
        {
            Write(own, input);
        }
    }

    /// <summary>Writes one input.</summary>
    /// <returns>The file.</returns>
    internal static string Write(string folder, byte[] input)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..NameDigits] + Extension);
        File.WriteAllBytes(path, input);
        return path;
    }
}
