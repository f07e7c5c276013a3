using System.Text.Json.Serialization;

namespace Gyre.Http.Tests.Server;

/// <summary>What tests send and read as JSON.</summary>
internal sealed record Person(string Name, int Age, Person? Friend = null);

[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(int))]
internal sealed partial class TestJson : JsonSerializerContext;
