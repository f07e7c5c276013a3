using System.Runtime.CompilerServices;
using Gyre.Http.Fields;

namespace Gyre.Http;

/// <summary>How files are given out. Immutable; one may serve many roots and loops.</summary>
public sealed record StaticFileOptions
{
    /// <summary>Joining ranges compares each with each; this many are 65,536 comparisons, which a request may cost.</summary>
    private const int RangesMaxMax = 256;

    /// <summary>What is looked for in a directory, in this order; default <c>index.html</c>. Risk of more: a look-up each.</summary>
    /// <exception cref="ArgumentException">A name is empty or holds a slash.</exception>
    public IReadOnlyList<string> IndexFiles
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            string? bad = value.FirstOrDefault(static name => string.IsNullOrEmpty(name) || name.Contains('/', StringComparison.Ordinal));
            field = bad is null && !value.Contains(null!) ? value : throw new ArgumentException(
                $"'{bad}' is no name of an index file: pass a file's name without slashes, such as 'index.html'.", nameof(value));
        }
    } = ["index.html"];

    /// <summary>
    /// Whether a directory without an index file is answered with a page of what is in it; default false, and 404. Risk of true: everything
    /// beneath the root can be found, whether or not anything links to it.
    /// </summary>
    public bool ListsDirectories { get; init; }

    /// <summary>
    /// Names of a directory that are looked at for a listing, from 1; default 1,000, a page of some 100 KB. Risk of more: the time and memory
    /// of one request, some microseconds and some hundred bytes a name.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int ListingNamesMax
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(ListingNamesMax));
            field = value;
        }
    } = 1000;

    /// <summary>
    /// Whether names that begin with a dot are served, and what is in directories of such names; default false: they are as if they weren't
    /// there. Risk of true: <c>.git</c>, <c>.env</c> and <c>.htpasswd</c> are given to whoever asks. For <c>/.well-known</c> serve that directory as a root of its own.
    /// </summary>
    public bool ServesHiddenFiles { get; init; }

    /// <summary>
    /// Whether <c>app.js.br</c>, <c>app.js.zst</c> or <c>app.js.gz</c> is sent for <c>app.js</c> to clients that accept it; default true. A sibling counts only
    /// if it is smaller than the file and no older, to the second. Risk: three more look-ups for each file of a type that compresses, as often as
    /// <see cref="CacheCheckInterval"/> says.
    /// </summary>
    public bool ServesPrecompressed { get; init; } = true;

    /// <summary>
    /// The <c>Cache-Control</c> of files, unless the response has one already; null for none. Default <c>no-cache</c>: clients keep the
    /// file and ask each time whether it has changed. Risk of null: clients guess how long it stays good.
    /// </summary>
    /// <exception cref="ArgumentException">It holds characters other than visible ASCII and spaces.</exception>
    public string? CacheControl { get; init => field = CheckedHeader(value, nameof(CacheControl)); } = "no-cache";

    /// <summary>
    /// Chooses the <c>Cache-Control</c> by a file's path beneath the root, with slashes and decoded, for example by its extension; null from it leaves it
    /// to <see cref="CacheControl"/>. Called when a file is looked up, not for each request; on any thread.
    /// </summary>
    public Func<string, string?>? ChooseCacheControl { get; init; }

    /// <summary>Content types by extension; default <see cref="Fields.MediaTypes.Default"/>.</summary>
    public MediaTypes MediaTypes { get; init; } = MediaTypes.Default;

    /// <summary>
    /// Ranges that one request may ask for, from 0 to 256; default 16. One that asks for more gets the whole file. 0 switches ranges off. Risk of more:
    /// work that grows with their square.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 0 or above 256.</exception>
    public int RangesMax
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (uint)RangesMaxMax, nameof(RangesMax));
            field = value;
        }
    } = RangeHeader.PartsMaxDefault;

    /// <summary>
    /// Files of which each loop remembers what they are; default 1,024. 0 switches the cache off. Risk of more: memory, half a KB a file.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int CachedFilesMax { get; init => field = Checked(value); } = 1024;

    /// <summary>
    /// Bytes that the cache of each loop may take for one root, contents and a half KB a file for the rest; default 4 MiB, which is the icons, styles and
    /// scripts of a site. Risk of more: memory, once for each loop.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int CachedBytesMax { get; init => field = Checked(value); } = 4 * 1024 * 1024;

    /// <summary>
    /// Bytes up to which a file's content is kept; default 16 KiB, where sending it from memory no longer beats letting the kernel send it by
    /// much. 0 keeps none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int CachedFileBytesMax { get; init => field = Checked(value); } = 16 * 1024;

    /// <summary>
    /// How long what is known of a file counts before it is looked at again; default 0.5 s, so that a changed file is served as it was for
    /// less than a second. 0 looks each time. Risk of more: files that changed or are gone are served as they were.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan CacheCheckInterval
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(CacheCheckInterval));
            field = value;
        }
    } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Whether names are looked up and files opened on the thread pool; default false: on the loop, as nginx does it, since that takes
    /// microseconds while names are in the system's cache, and the way to the pool more. Risk of false: on a disk that is slow or a network's file system that
    /// hangs, the loop waits with it. Contents never hold up the loop either way.
    /// </summary>
    public bool OffloadsLookUps { get; init; }

    internal static StaticFileOptions Default { get; } = new();

    internal static string? CheckedHeader(string? value, string name)
    {
        int bad = value is null ? -1 : value.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        return bad < 0 ? value : throw new ArgumentException(
            $"A Cache-Control can't hold U+{(int)value![bad]:X4} at index {bad}; it is visible ASCII, such as 'public, max-age=3600'.", name);
    }

    private static int Checked(int value, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        return value;
    }
}
