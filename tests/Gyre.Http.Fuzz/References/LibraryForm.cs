using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Protocol;
using Microsoft.AspNetCore.WebUtilities;

namespace Gyre.Http.Fuzz.References;

/// <summary>The library that finds the boundaries, over the same bytes in memory and without anything of ours around it.</summary>
internal static class LibraryForm
{
    /// <summary>The bodies of all parts; null when it refuses them, or the content type is none of its own.</summary>
    internal static List<string>? Parts(ReadOnlySpan<byte> type, byte[] body, MultipartOptions limits)
    {
        if (!ContentTypeReader.TryParse(type, out ContentTypeReader read) || !read.TryGetBoundary(out ReadOnlySpan<byte> boundary))
        {
            return null;
        }

        using MemoryStream stream = new(body);
        MultipartReader reader = new(Encoding.ASCII.GetString(boundary), stream)
        {
            HeadersCountLimit = limits.HeaderCountMax,
            HeadersLengthLimit = limits.HeaderBytesMax,
        };
        List<string> parts = [];
        try
        {
            while (Complete(reader.ReadNextSectionAsync()) is { } section)
            {
                using MemoryStream content = new();
                Complete(CopyAsync(section.Body, content));
                parts.Add(Convert.ToHexString(content.GetBuffer().AsSpan(0, (int)content.Length)));
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // How it says that the bytes are no form.
            return null;
        }

        return parts;
    }

    private static async Task<bool> CopyAsync(Stream source, Stream destination)
    {
        await source.CopyToAsync(destination);
        return true;
    }

    private static T Complete<T>(Task<T> task) =>
        task.IsCompleted ? task.GetAwaiter().GetResult() : throw new OracleException("waits", "a stream in memory makes the reader wait");
}
