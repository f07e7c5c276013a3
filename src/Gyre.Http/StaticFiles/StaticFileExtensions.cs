using Gyre.Files;
using Gyre.Http.StaticFiles;

namespace Gyre.Http;

/// <summary>Adds directories of files to a server.</summary>
public static class StaticFileExtensions
{
    /// <summary>
    /// Answers GET and HEAD for everything beneath <paramref name="prefix"/> with the files beneath <paramref name="root"/>; other methods get 405. The
    /// middleware of the server or group is around it.
    /// </summary>
    /// <remarks>
    /// What isn't there, isn't a regular file, leads out of the root, can't be read or is hidden is 404 alike, so that nobody learns what exists. A directory is
    /// answered by its index file or listing, behind a redirect to the path with a slash at its end; without either it is 404 too.
    /// </remarks>
    /// <param name="app">The server or group.</param>
    /// <param name="prefix">Such as <c>/static</c>; <c>/</c> for everything that no other route takes. May have parameters.</param>
    /// <param name="root">Belongs to the caller, and is used as long as the server serves.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The prefix doesn't begin with a slash, or is taken.</exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder Files<TBuilder>(this TBuilder app, string prefix, FileRoot root, StaticFileOptions? options = null)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(root);
        if (!prefix.StartsWith('/'))
        {
            throw new ArgumentException($"'{prefix}' is no prefix for files: it must begin with '/', as '/static' does.", nameof(prefix));
        }

        var server = new FileServer(root, options ?? StaticFileOptions.Default);
        app.Add("GET", prefix.TrimEnd('/') + "/{*path}", server.Invoke);
        return app;
    }
}
