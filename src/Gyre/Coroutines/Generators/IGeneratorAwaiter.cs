namespace Gyre.Generators;

/// <summary>Marks the awaiters that a generator's body may await: its own yields.</summary>
internal interface IGeneratorAwaiter;
