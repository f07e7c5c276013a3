namespace Gyre.Loop;

/// <summary>Who answers for a scope's failures that nobody awaits.</summary>
internal interface IScopeOwner
{
    /// <summary>A posted callback or an <c>async void</c> method of the scope threw.</summary>
    void OnUnobservedFailure(Exception failure);
}
