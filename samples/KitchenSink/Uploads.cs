using System.Security.Cryptography;
using Gyre.Http;
using Gyre.Http.Forms;

namespace Gyre.Samples.KitchenSink;

/// <summary>Bodies that are read piece by piece, so that memory holds one piece of each.</summary>
internal static class Uploads
{
    private const int PieceBytes = 16 * 1024;

    public static async ValueTask DigestAsync(HttpContext context)
    {
        (long bytes, string sha256) = await DigestOfAsync(context.Request.BodyStream);
        context.Response.SendJson(new Digest(bytes, sha256), SinkJson.Default.Digest);
    }

    public static async ValueTask ListPartsAsync(HttpContext context)
    {
        var parts = new List<Part>();
        await foreach (MultipartPart part in context.Request.ReadMultipartAsync())
        {
            (long bytes, string sha256) = await DigestOfAsync(part.Body);
            parts.Add(new Part(part.Name, part.FileName, part.ContentType, bytes, sha256));
        }

        context.Response.SendJson([.. parts], SinkJson.Default.PartArray);
    }

    private static async ValueTask<(long Bytes, string Sha256)> DigestOfAsync(Stream body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] piece = new byte[PieceBytes];
        long bytes = 0;
        for (int count; (count = await body.ReadAsync(piece)) > 0;)
        {
            hash.AppendData(piece.AsSpan(0, count));
            bytes += count;
        }

        return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
