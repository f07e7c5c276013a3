using System.Text.Json.Serialization;

namespace Gyre.Samples.KitchenSink;

/// <summary>What <c>/users/{id}</c> tells.</summary>
internal sealed record User(string Id, string Name);

/// <summary>What <c>/upload</c> tells of a body.</summary>
internal sealed record Digest(long Bytes, string Sha256);

/// <summary>What <c>/form</c> tells of a part.</summary>
internal sealed record Part(string Name, string? FileName, string? ContentType, long Bytes, string Sha256);

/// <summary>Serializers made by the compiler: no reflection, so that the sample can be compiled ahead of time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(Digest))]
[JsonSerializable(typeof(Part[]))]
internal sealed partial class SinkJson : JsonSerializerContext;
