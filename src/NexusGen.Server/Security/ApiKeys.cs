using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace NexusGen.Server.Security;

/// <summary>The keys that requests must bring. They are compared in constant time, whatever their length and however many there are.</summary>
internal sealed class ApiKeys(IOptions<NexusGenServerOptions> options)
{
    private const string Scheme = "Bearer ";

    // Hashes, so that all are of one length and none lies about in memory.
    private readonly byte[][] _hashes = [.. options.Value.ApiKeys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    /// <summary>Whether keys are asked for at all.</summary>
    public bool AreAsked => _hashes.Length > 0;

    /// <summary>Whose request it is.</summary>
    /// <param name="context">The request.</param>
    /// <returns>A name for the client that tells nothing of its key; null where the request brings no right key.</returns>
    public string? ClientOf(HttpContext context)
    {
        if (!AreAsked)
        {
            return $"address {context.Connection.RemoteIpAddress}";
        }

        string header = context.Request.Headers[HeaderNames.Authorization].ToString();
        byte[] given = SHA256.HashData(Encoding.UTF8.GetBytes(header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : ""));
        int found = -1;
        for (int i = 0; i < _hashes.Length; i++)
        {
            if (CryptographicOperations.FixedTimeEquals(given, _hashes[i]))
            {
                found = i;
            }
        }

        return found < 0 ? null : $"key {found}";
    }
}
