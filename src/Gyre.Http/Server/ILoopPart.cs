namespace Gyre.Http.Server;

/// <summary>What a piece of middleware keeps on each loop. Used on that loop alone.</summary>
internal interface ILoopPart
{
    /// <summary>A second has passed on the loop's clock. Must not throw.</summary>
    void OnSecond();

    /// <summary>The server's part on this loop has ended, its connections and coroutines too; shielded from what ended it.</summary>
    ValueTask EndAsync();
}
