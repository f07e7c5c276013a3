using System.Text;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;
using Gyre.Http.Protocol;
using Gyre.Http.Routing;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>
/// A router with every kind of template, its routes added forwards and backwards, against one that tries them all. The first
/// byte of an input chooses the method.
/// </summary>
internal sealed class RouterTarget : FuzzTarget
{
    private static readonly string[] s_methods = ["GET", "POST", "HEAD", "OPTIONS", "DELETE", "PURGE"];

    private static readonly (string Template, string Method)[] s_routes =
    [
        ("/", "GET"), ("/a", "GET"), ("/a", "POST"), ("/a/", "GET"), ("/a/b", "GET"), ("/a/{x}", "GET"), ("/a/{x:int}", "GET"),
        ("/a/{x}/b", "POST"), ("/a/{x:alpha}/b", "GET"), ("/a/{x:int:range(1,9)}", "DELETE"), ("/a{x}", "GET"), ("/{x}a", "GET"),
        ("/ab{x}", "POST"), ("/a{x}b", "GET"), ("/v{n:int}/{rest?}", "GET"), ("/f/{*path}", "GET"), ("/f/{*path}", "PUT"), ("/f/{x:length(3)}", "GET"),
        ("/é/{x}", "GET"), ("/f/x/{y}", "*"), ("/{*all}", "PURGE"), ("/f/x/{y}/{z}.txt", "GET"),
    ];

    private readonly RouteReference _reference = new();
    private readonly Rig[] _rigs = [new(s_routes), new([.. s_routes.Reverse()])];

    internal RouterTarget()
    {
        foreach ((string template, string method) in s_routes)
        {
            _reference.Add(template, method);
        }
    }

    internal override string Name => "router";

    internal override IReadOnlyList<string> Seeds =>
    [
        "\0/", "\0/a/1", "\u0001/a/x/b", "\u0002/a", "\u0003/a", "\u0004/a/5", "\u0005/z/y", "\0/f/a/b/c", "\0/v1", "\0/v2/x", "\0/%C3%A9/q",
        "\0/aba", "\0/f/x/y/z.txt",
    ];

    internal override IReadOnlyList<string> Words => [.. PathTarget.PathWords, "/f/", "/a/", "/b", "/v1", "/f/x/", ".txt", "ab", "/%C3%A9/", "-1", "007", "+1"];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        string method = s_methods[input.IsEmpty ? 0 : input[0] % s_methods.Length];
        byte[] path = PathTarget.Visible(input.IsEmpty ? input : input[1..]);
        List<byte[]>? segments = PathReference.Decode(path, out _);
        string expected = segments is null ? "400" : Describe(_reference.Find(method, segments));
        foreach (Rig rig in _rigs)
        {
            Verify.Same(expected, rig.Ask(method, path), "a path is routed otherwise than by the reference");
        }
    }

    private static string Describe((string? Template, string? Values, string? Allow) found) =>
        found.Template is not null ? $"{found.Template}\n{found.Values}" : found.Allow is null ? "404" : $"405 {found.Allow}";

    /// <summary>The router in its context, without a connection.</summary>
    private sealed class Rig
    {
        private readonly HttpContext _context = new(HttpLimits.Default);
        private readonly Router _router;
        private string _answer = "";

        internal Rig((string Template, string Method)[] routes)
        {
            _router = new Router(_ => Note("404"));
            RouteConstraints constraints = new();
            foreach ((string text, string method) in routes)
            {
                RouteEndpoint endpoint = _router.Add(RouteTemplate.Parse(text, constraints));
                endpoint.Add(method == "*" ? null : method, context => Note($"{text}\n{Values(context)}"));
            }
        }

        internal string Ask(string method, byte[] path)
        {
            _context.Recycle();
            byte[] head = [.. Encoding.ASCII.GetBytes(method), (byte)' ', .. path, .. " HTTP/1.1\r\nHost: x\r\n\r\n"u8];
            Verify.Same(ReaderEvent.Head, _context.Reader.Read(head, out _), "a visible path isn't read");
            _answer = "";
            try
            {
                Verify.That(_router.Dispatch(_context).IsCompletedSuccessfully, "routing suspends or fails");
            }
            catch (InvalidOperationException) when (_context.Response.StatusCode >= 400)
            {
                // An answer with a body goes to the connection, which isn't there; its status and headers are what is looked at.
            }

            return _answer.Length > 0 ? _answer : Refusal();
        }

        private static string Values(HttpContext context)
        {
            StringBuilder values = new();
            for (int i = 0; i < context.Route.Count; i++)
            {
                values.Append(context.Route.GetName(i)).Append('=').Append(Encoding.UTF8.GetString(context.Route.GetValue(i))).Append('\n');
            }

            return values.ToString();
        }

        private string Refusal() => _context.Response.Headers.TryGetValue(KnownHeader.Allow, out ReadOnlySpan<byte> allow)
            ? $"405 {Encoding.ASCII.GetString(allow)}"
            : "400";

        private ValueTask Note(string answer)
        {
            _answer = answer;
            return default;
        }
    }
}
