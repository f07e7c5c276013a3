using System.Net;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.Middleware;

/// <summary>Finds out who the client is.</summary>
internal sealed class ForwardedHeadersMiddleware(ForwardedHeadersOptions options)
{
    private readonly TrustedProxies _trusted = new(options.TrustedProxies);

    private static readonly ulong s_known =
        FieldSection.Bit(KnownHeader.Forwarded) | FieldSection.Bit(KnownHeader.XForwardedFor) | FieldSection.Bit(KnownHeader.XForwardedProto);

    public ValueTask Invoke(HttpContext context, HttpHandler next)
    {
        HttpRequest request = context.Request;
        bool mayBeForwarded = request.Headers.ContainsAny(s_known) || request.Headers.MayHoldOthers;
        if (!mayBeForwarded || request.RemoteEndPoint is not { } peer || !_trusted.Contains(peer.Address))
        {
            return next(context);
        }

        ForwardedClient client = options.Source == ForwardedSource.Forwarded
            ? ForwardedReader.Read(request.Headers, peer, _trusted, options.Parts, options.HopsMax)
            : ForwardedReader.ReadX(request.Headers, peer, _trusted, options.Parts, options.HopsMax);
        if (client.Hops > 0)
        {
            Take(request, peer, client);
        }

        return next(context);
    }

    private static void Take(HttpRequest request, IPEndPoint peer, ForwardedClient client)
    {
        if (!client.Address.Equals(TrustedProxies.Plain(peer.Address)) || client.Port != peer.Port)
        {
            request.RemoteEndPoint = new IPEndPoint(client.Address, client.Port);
        }

        if (!client.Scheme.IsEmpty)
        {
            request.Scheme = client.Scheme.SequenceEqual("https"u8) ? "https" : "http";
        }

        if (!client.Host.IsEmpty)
        {
            request.Host = Encoding.ASCII.GetString(client.Host);
        }
    }
}
