namespace Gyre.Generators;

/// <summary>See <see cref="IteratorReturn"/>.</summary>
internal sealed class IteratorReturn<T>(T value) : IteratorReturn
{
    public T Value => value;

    public override string TypeName => typeof(T).Name;
}
