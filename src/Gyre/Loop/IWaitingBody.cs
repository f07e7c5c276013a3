namespace Gyre.Loop;

/// <summary>Ready work that is to call a user's body, which diagnosis wants to look into.</summary>
internal interface IWaitingBody
{
    /// <summary>The body; null once it has begun.</summary>
    Delegate? WaitingBody { get; }
}
