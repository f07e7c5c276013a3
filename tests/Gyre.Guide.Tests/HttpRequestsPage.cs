using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Serialization;
using Gyre.Http;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Guide.Tests;

public sealed class HttpRequestsPage() : GuidePage("http-requests.md")
{
    [Fact]
    public void Fields() => Run("fields", async () =>
    {
        // <fields>
        var server = new HttpServer();
        server.Get("/search", context =>
        {
            HttpRequest request = context.Request;
            string words = request.GetQuery("q") ?? "nothing";
            int page = request.GetQueryInt32("page") ?? 1;
            string theme = request.GetCookie("theme") ?? "light";
            string languages = string.Join(" or ", request.GetList(KnownHeader.AcceptLanguage));

            context.Response.SetCookie("theme", "dark", new CookieOptions { MaxAge = TimeSpan.FromDays(30) });
            context.Response.Send($"{words}, page {page}, {theme}, in {languages}");
            return default;
        });

        await WithClient(server, async client =>
        {
            client.DefaultRequestHeaders.Add("Accept-Language", ["de", "en;q=0.5"]);
            Console.WriteLine(await client.GetStringAsync("/search?q=caf%C3%A9+au+lait&page=2"));

            HttpResponseMessage refused = await client.GetAsync("/search?page=two");
            Console.WriteLine($"{(int)refused.StatusCode} {await refused.Content.ReadAsStringAsync()}");
        });
        // </fields>
    });

    [Fact]
    public void Json() => Run("json", async () =>
    {
        // <json>
        var server = new HttpServer();
        server.Post("/people", async context =>
        {
            Person? person = await context.Request.ReadJsonAsync(AppJson.Default.Person, bytesMax: 10_000);
            context.Response.StatusCode = 201;
            context.Response.SendJson(person! with { Age = person.Age + 1 }, AppJson.Default.Person);
        });

        await WithClient(server, async client =>
        {
            HttpResponseMessage created = await client.PostAsJsonAsync("/people", new Person("Ada", 36));
            Console.WriteLine(await created.Content.ReadAsStringAsync());

            using var wrong = new StringContent("{\"Name\":\"Ada\",\"Age\":old}", Encoding.UTF8, "application/json");
            HttpResponseMessage refused = await client.PostAsync("/people", wrong);
            Console.WriteLine($"{(int)refused.StatusCode} {await refused.Content.ReadAsStringAsync()}");
        });
        // </json>
    });

    [Fact]
    public void Forms() => Run("forms", async () =>
    {
        // <forms>
        var server = new HttpServer();
        server.Post("/login", async context =>
        {
            HttpForm form = await context.Request.ReadFormAsync(new FormOptions { BytesMax = 4096, FieldsMax = 2 });
            context.Response.Send($"hello {form["name"]}");
        });
        server.Post("/upload", async context =>
        {
            var options = new MultipartOptions { PartsMax = 10, PartBytesMax = 1 << 30, BytesMax = 1 << 30 };
            await foreach (MultipartPart part in context.Request.ReadMultipartAsync(options))
            {
                long bytes = 0;
                byte[] piece = new byte[16 * 1024];
                for (int count; (count = await part.Body.ReadAsync(piece)) > 0; bytes += count)
                {
                    // A hash, a file, another server: what comes is used up here, and nothing keeps the whole.
                }

                context.Response.Send($"{part.Name}: {part.SafeFileName}, {bytes} bytes");
            }
        });

        await WithClient(server, async client =>
        {
            using var login = new FormUrlEncodedContent([new("name", "Ada"), new("password", "?")]);
            HttpResponseMessage greeting = await client.PostAsync("/login", login);
            Console.WriteLine(await greeting.Content.ReadAsStringAsync());

            using var upload = new MultipartFormDataContent { { new ByteArrayContent(new byte[100_000]), "picture", "../../me.png" } };
            HttpResponseMessage stored = await client.PostAsync("/upload", upload);
            Console.WriteLine(await stored.Content.ReadAsStringAsync());
        });
        // </forms>
    });

    [Fact]
    public void Pieces() => Run("pieces", async () =>
    {
        // <pieces>
        var server = new HttpServer();
        server.Post("/upper", async context =>
        {
            using var reader = new StreamReader(context.Request.BodyStream);
            await using var writer = new StreamWriter(context.Response.BodyStream);
            while (await reader.ReadLineAsync() is { } line)
            {
                await writer.WriteLineAsync(line.ToUpperInvariant());
                await writer.FlushAsync();
            }
        });
        server.Get("/squares", context => context.Response.SendJsonAsync(Squares(), AppJson.Default.Int32));

        static async IAsyncEnumerable<int> Squares()
        {
            for (int i = 1; i <= 4; i++)
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                yield return i * i;
            }
        }

        await WithClient(server, async client =>
        {
            using var lines = new StringContent("one\ntwo\n");
            HttpResponseMessage upper = await client.PostAsync("/upper", lines);
            Console.WriteLine((await upper.Content.ReadAsStringAsync()).TrimEnd().ReplaceLineEndings(" "));
            Console.WriteLine(await client.GetStringAsync("/squares"));
        });
        // </pieces>
    });

    [Fact]
    public void Events() => Run("events", async () =>
    {
        // <events>
        var server = new HttpServer();
        server.Get("/clock", context => context.Response.SendEventsAsync(
            async writer =>
            {
                int next = int.TryParse(context.Request.LastEventId, out int last) ? last + 1 : 1;
                for (int i = next; i <= 3; i++)
                {
                    await writer.SendAsync(new ServerSentEvent($"tick {i}") { Id = $"{i}" });
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                }
            },
            new EventsOptions { HeartBeat = TimeSpan.FromSeconds(15) }));

        await WithClient(server, async client =>
        {
            client.DefaultRequestHeaders.Add("Last-Event-ID", "1");
            Console.WriteLine((await client.GetStringAsync("/clock")).TrimEnd());
        });
        // </events>
    });

    /// <summary>Serves while a client of the BCL asks.</summary>
    private static Task WithClient(HttpServer server, Func<HttpClient, Task> ask) => TaskGroup.RunAsync(async group =>
    {
        var ready = new TaskCompletionSource<IPEndPoint>();
        group.Spawn(() => server.ServeAsync("http://127.0.0.1:0", ready.SetResult), "server");
        using (var client = new HttpClient { BaseAddress = new Uri($"http://{await ready.Task}") })
        {
            await ask(client);
        }

        group.Cancel("the page is over");
    });
}

internal sealed record Person(string Name, int Age);

[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(int))]
internal sealed partial class AppJson : JsonSerializerContext;
