using System.Globalization;
using System.Net;
using System.Text;
using Gyre.Files;

namespace Gyre.Http.StaticFiles;

/// <summary>A directory as a page: names are escaped as text and encoded as links, directories first, no script.</summary>
internal static class DirectoryPage
{
    /// <summary>So that a page made of strangers' names runs nothing, whatever got through the escaping.</summary>
    public const string SecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";

    /// <param name="path">As the client sees it, decoded; ends in a slash.</param>
    /// <param name="listing">What is there.</param>
    /// <param name="isRoot">Whether nothing is served above it.</param>
    /// <param name="showsHidden">Whether names that begin with a dot are shown.</param>
    public static byte[] Render(string path, DirectoryListing listing, bool isRoot, bool showsHidden)
    {
        var page = new StringBuilder();
        string title = WebUtility.HtmlEncode(path);
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>").Append(title)
            .Append("</title>\n<style>body{font-family:sans-serif}td{padding-right:2em}</style>\n</head>\n<body>\n<h1>").Append(title)
            .Append("</h1>\n<table>\n");
        if (!isRoot)
        {
            page.Append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
        }

        foreach (DirectoryItem item in listing.Items.OrderByDescending(static item => item.Stat.IsDirectory))
        {
            if (CanBeAskedFor(item.Name) && (showsHidden || item.Name[0] != '.'))
            {
                AppendRow(page, item);
            }
        }

        page.Append("</table>\n");
        if (listing.IsCut)
        {
            page.Append("<p>There is more than is listed here.</p>\n");
        }

        return Encoding.UTF8.GetBytes(page.Append("</body>\n</html>\n").ToString());
    }

    /// <summary>No path leads to such a name; see <see cref="Routing.RequestPath"/>.</summary>
    private static bool CanBeAskedFor(string name) => !name.Any(static c => char.IsControl(c) || c == '\\');

    /// <summary>Without what turns the text around it about: it would make one name look like another.</summary>
    private static string Shown(string name) => string.Create(name.Length, name, static (shown, name) =>
    {
        for (int i = 0; i < shown.Length; i++)
        {
            shown[i] = char.GetUnicodeCategory(name[i]) == UnicodeCategory.Format ? '\uFFFD' : name[i];
        }
    });

    private static void AppendRow(StringBuilder page, DirectoryItem item)
    {
        string slash = item.Stat.IsDirectory ? "/" : "";

        // The dot keeps a name such as "javascript:x" from being a scheme.
        page.Append("<tr><td><a href=\"./").Append(Uri.EscapeDataString(item.Name)).Append(slash).Append("\">")
            .Append(WebUtility.HtmlEncode(Shown(item.Name))).Append(slash).Append("</a></td><td>")
            .Append(item.Stat.LastWriteTime.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)).Append("</td><td>")
            .Append(item.Stat.IsDirectory ? "" : item.Stat.Length.ToString(CultureInfo.InvariantCulture)).Append("</td></tr>\n");
    }
}
