using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gyre.Http.Tests.Server;

/// <summary>What tests send and read as JSON.</summary>
internal sealed record Person(string Name, int Age, Person? Friend = null);

/// <summary>Fails when it is half written.</summary>
internal sealed record Unwritable
{
    public int First => 1;

    public int Second => throw new JsonException($"The value after {First} can't be had.");
}

[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(Unwritable))]
internal sealed partial class TestJson : JsonSerializerContext;
