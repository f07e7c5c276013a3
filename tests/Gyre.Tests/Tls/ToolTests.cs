using System.Diagnostics;
using System.Net;
using System.Security.Authentication;
using Gyre.Net;
using Gyre.Tls;

namespace Gyre.Tests;

/// <summary>What programs written elsewhere say of a server that echoes under TLS.</summary>
public sealed class ToolTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gyre-tls");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", true)]
    [InlineData("-tls1_2", false)]
    [InlineData("-tls1_3", false)]
    public void Openssl_resumes_a_session(string version, bool isAllowed) => Serve(
        TlsPair.Certificate.ToServerOptions() with { AllowResumption = isAllowed },
        async port =>
        {
            string session = Path.Combine(_folder.FullName, "session");
            string arguments = $"s_client -connect 127.0.0.1:{port} -servername localhost {version} -ign_eof";
            string first = await RunAsync("openssl", "openssl", $"{arguments} -sess_out {session}", "hello, Q\n");
            Says(first, "hello");
            Says(first, "New, ");
            if (!File.Exists(session))
            {
                Assert.False(isAllowed, first);
                return;
            }

            string second = await RunAsync("openssl", "openssl", $"{arguments} -sess_in {session}", "again\n");
            Says(second, isAllowed ? "Reused, " : "New, ");
            Says(second, "again");
        });

    [Fact]
    public void Openssl_may_not_renegotiate() => Serve(
        TlsPair.Certificate.ToServerOptions() with { EnabledProtocols = SslProtocols.Tls12 },
        static async port =>
        {
            string output = await RunAsync("openssl", "openssl", $"s_client -connect 127.0.0.1:{port} -tls1_2", "R\n");
            Says(output, "RENEGOTIATING");
            Assert.Contains(":error:", output[output.IndexOf("RENEGOTIATING", StringComparison.Ordinal)..], StringComparison.Ordinal);
        });

    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public void Openssl_gets_no_older_version(string version) => Serve(
        TlsPair.Certificate.ToServerOptions(),
        async port =>
        {
            string output = await RunAsync(
                "openssl", "openssl", $"s_client -connect 127.0.0.1:{port} {version} -cipher DEFAULT@SECLEVEL=0", "hello\n");
            Says(output, "alert");
            Says(output, "Cipher is (NONE)");
        });

    [Fact]
    public void Gnutls_trusts_the_certificate_and_sees_the_end() => Serve(
        TlsPair.Certificate.ToServerOptions(),
        async port =>
        {
            string certificate = Path.Combine(_folder.FullName, "cert.pem");
            TlsPair.Certificate.WritePem(certificate);
            string output = await RunAsync("gnutls-cli", "gnutls-bin", $"--x509cafile {certificate} --port {port} localhost", "hello\n");
            Says(output, "The certificate is trusted");
            Says(output, "hello");
            Assert.DoesNotContain("premature", output, StringComparison.OrdinalIgnoreCase);
        });

    [Fact]
    public void Sslscan_finds_nothing_old() => Serve(
        TlsPair.Certificate.ToServerOptions(),
        static async port =>
        {
            string output = await RunAsync("sslscan", "sslscan", $"--no-colour --no-failed 127.0.0.1:{port}", "");
            foreach (string line in (string[])
                ["SSLv2     disabled", "SSLv3     disabled", "TLSv1.0   disabled", "TLSv1.1   disabled", "TLSv1.2   enabled", "TLSv1.3   enabled"])
            {
                Says(output, line);
            }

            Says(output, "Session renegotiation not supported");
            Assert.DoesNotContain("vulnerable to heartbleed", output.Replace("not vulnerable", "", StringComparison.Ordinal), StringComparison.Ordinal);
        });

    /// <summary>As Assert.Contains, but shows all of the output.</summary>
    private static void Says(string output, string text) => Assert.True(output.Contains(text, StringComparison.Ordinal), $"'{text}' isn't in: {output}");

    private static void Serve(TlsServerOptions options, Func<int, Task> use) => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                while (true)
                {
                    TcpConnection connection = await listener.AcceptAsync();
                    group.Spawn(() => EchoAsync(connection, options));
                }
            });
            await use(listener.LocalEndPoint.Port);
            group.Cancel();
        });
    });

    /// <summary>Echoes one piece and ends, so that a client that waits for the end has it. What a tool provokes on purpose is no failure.</summary>
    private static async Task EchoAsync(TcpConnection connection, TlsServerOptions options)
    {
        try
        {
            await using TlsConnection tls = await TlsConnection.AuthenticateAsServerAsync(connection, options);
            Stream stream = tls.AsStream();
            byte[] buffer = new byte[1000];
            int count = await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false);
            await stream.WriteAsync(buffer.AsMemory(0, count));
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException or TimeoutException)
        {
            Assert.True(connection.IsClosing);
        }
    }

    private static async Task<string> RunAsync(string tool, string package, string arguments, string input)
    {
        string[] folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        Assert.SkipUnless(
            folders.Any(folder => File.Exists(Path.Combine(folder, tool))), $"{tool} isn't installed; get it with: apt-get install {package}");
        var start = new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        await process.StandardInput.FlushAsync();
        if (input.Length == 0)
        {
            process.StandardInput.Close();
        }

        try
        {
            return await output + await errors;
        }
        finally
        {
            // Cancelled, or over.
            process.Kill(entireProcessTree: true);
        }
    }
}
