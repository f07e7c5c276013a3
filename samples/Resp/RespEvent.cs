namespace Gyre.Samples.Resp;

/// <summary>What the parser yields: a value, or that it needs more bytes.</summary>
/// <param name="Value">The value; null when bytes are needed.</param>
public readonly record struct RespEvent(RespValue? Value)
{
    /// <summary>Send some; an empty sequence stands for the end of the input.</summary>
    public static RespEvent NeedsBytes => default;
}
