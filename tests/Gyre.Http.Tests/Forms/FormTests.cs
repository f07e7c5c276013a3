using System.Text;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Forms;

public sealed class FormTests
{
    private const string UrlEncoded = "application/x-www-form-urlencoded";
    private const string Get = "GET /after HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("", "")]
    [InlineData("a=1&b=x+y%26%C3%A9&a=2&c", "[a=1][b=x y&é][a=2][c=]")]
    [InlineData("&&=x&%=%zz", "[=x][%=%zz]")]
    public async Task An_encoded_form_is_read_by_the_standard(string body, string expected)
    {
        using TestServer server = await StartAsync(FormOptions.Default);
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(expected, (await peer.PostAsync("/", UrlEncoded, Encoding.ASCII.GetBytes(body))).Text);
        Assert.Equal(expected, (await peer.PostAsync("/", UrlEncoded + "; charset=utf-8", Encoding.ASCII.GetBytes(body))).Text);
    }

    [Fact]
    public async Task A_multipart_form_is_read_into_fields_and_files()
    {
        using TestServer server = await StartAsync(FormOptions.Default);
        using HttpPeer peer = await server.ConnectAsync();
        const string body = "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
            + "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n\u00E9\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\dir\\x.txt\"\r\nContent-Type: image/png\r\n\r\n\r\n--not\r\n\r\n"
            + "--b--\r\nepilogue";

        Answer answer = await peer.PostAsync("/", "multipart/form-data; boundary=b", Encoding.Latin1.GetBytes(body));

        Assert.Equal("[a=1][a=é](f: C:\\dir\\x.txt, x.txt, image/png, 9)", answer.Text);
    }

    [Fact]
    public async Task Fields_and_files_are_found_by_name()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Post("/", static async context =>
        {
            HttpForm form = await context.Request.ReadFormAsync();
            context.Response.Send(
                $"{form["a"]}|{form["A"] ?? "null"}|{string.Concat(form.GetAll("a"))}|{form.GetAll("x").Count}|" +
                $"{form.GetFile("f")?.FileName}|{form.GetFile("a")?.FileName ?? "null"}");
        }));
        using HttpPeer peer = await server.ConnectAsync();
        const string body = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=a\r\n\r\n2\r\n"
            + "--b\r\nContent-Disposition: form-data; name=f; filename=n\r\n\r\n\r\n--b--\r\n";

        Answer answer = await peer.PostAsync("/", "multipart/form-data; boundary=b", Encoding.ASCII.GetBytes(body));

        Assert.Equal("1|null|12|0|n|null", answer.Text);
    }

    /// <summary>The second form was empty, or the client's fault.</summary>
    [Theory]
    [InlineData(UrlEncoded, "a=1")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--\r\n")]
    public async Task A_body_that_was_read_is_no_form_any_more(string contentType, string body)
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Post("/", static async context =>
        {
            HttpForm form = await context.Request.ReadFormAsync();
            InvalidOperationException again = await Assert.ThrowsAsync<InvalidOperationException>(async () => await context.Request.ReadFormAsync());
            context.Response.Send($"{form["a"]} {again.Message}");
        }).Post("/bytes", static async context =>
        {
            await context.Request.ReadBytesAsync();
            context.Response.Send((await context.Request.ReadFormAsync())["a"]!);
        }));
        using HttpPeer peer = await server.ConnectAsync();
        byte[] bytes = Encoding.ASCII.GetBytes(body);

        Assert.StartsWith("1 The body was read already;", (await peer.PostAsync("/", contentType, bytes)).Text, StringComparison.Ordinal);
        Assert.Empty(server.Log);
        Assert.Equal(500, (await peer.PostAsync("/bytes", contentType, bytes)).Status);
        Assert.Contains("The body was read already;", Assert.Single(server.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UrlEncoded)]
    [InlineData("multipart/form-data; boundary=b")]
    public async Task A_request_without_a_body_may_be_asked_twice(string contentType)
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Post("/", static async context =>
        {
            for (int i = 0; i < 2; i++)
            {
                try
                {
                    Assert.Empty((await context.Request.ReadFormAsync()).Fields);
                }
                catch (HttpException failure)
                {
                    Assert.Equal(400, failure.StatusCode);
                }
            }
        }));
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(200, (await peer.AskAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {contentType}\r\nContent-Length: 0\r\n\r\n")).Status);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("multipart/mixed; boundary=b")]
    [InlineData("nonsense")]
    public async Task Another_content_type_is_refused(string? contentType)
    {
        using TestServer server = await StartAsync(FormOptions.Default);
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.PostAsync("/", contentType, "a=1"u8.ToArray());

        Assert.Equal((415, "The content type must be application/x-www-form-urlencoded or multipart/form-data."), (answer.Status, answer.Text));
        Assert.Equal("/after?", (await peer.AskAsync(Get)).Text);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData("a=1&b=2&c=3", 200)]
    [InlineData("a=1&b=2&c=3&d=4", 413)]
    [InlineData("abcd=12345678", 200)]
    [InlineData("abcde=1", 413)]
    [InlineData("a=123456789", 413)]
    [InlineData("a=1234567&b=1234567&c=12345678", 200)]
    [InlineData("a=12345678&b=1234567&c=12345678", 413)]
    public async Task Each_limit_of_an_encoded_form_is_exact(string body, int status)
    {
        using TestServer server = await StartAsync(new FormOptions { BytesMax = 30, FieldsMax = 3, NameBytesMax = 4, ValueBytesMax = 8 });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(status, (await peer.PostAsync("/", UrlEncoded, Encoding.ASCII.GetBytes(body))).Status);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData(3, "abcd", 8, 200)]
    [InlineData(4, "abcd", 8, 413)]
    [InlineData(3, "abcde", 8, 413)]
    [InlineData(3, "abcd", 9, 413)]
    [InlineData(1, "\"\"", 8, 400)]
    public async Task Each_limit_of_a_multipart_form_is_exact(int fields, string name, int bytes, int status)
    {
        using TestServer server = await StartAsync(new FormOptions { FieldsMax = 3, NameBytesMax = 4, ValueBytesMax = 8 });
        using HttpPeer peer = await server.ConnectAsync();
        string part = $"--b\r\nContent-Disposition: form-data; name={name}\r\n\r\n{new string('x', bytes)}\r\n";
        string body = string.Concat(Enumerable.Repeat(part, fields)) + "--b--\r\n";

        Assert.Equal(status, (await peer.PostAsync("/", "multipart/form-data; boundary=b", Encoding.ASCII.GetBytes(body))).Status);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData(0, 200)]
    [InlineData(1, 413)]
    public async Task A_multipart_form_has_a_limit_of_the_whole(int over, int status)
    {
        const string body = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--\r\n";
        using TestServer server = await StartAsync(new FormOptions { BytesMax = body.Length - over });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(status, (await peer.PostAsync("/", "multipart/form-data; boundary=b", Encoding.ASCII.GetBytes(body))).Status);
        Assert.Empty(server.Log);
    }

    private static Task<TestServer> StartAsync(FormOptions options) => TestServer.StartAsync(server => server
        .Post("/", async context =>
        {
            HttpForm form = await context.Request.ReadFormAsync(options);
            context.Response.Send(
                string.Concat(form.Fields.Select(field => $"[{field.Key}={field.Value}]")) +
                string.Concat(form.Files.Select(
                    file => $"({file.Name}: {file.FileName}, {file.SafeFileName}, {file.ContentType}, {file.Content.Length})")));
        })
        .Default(Handlers.Echo));
}
