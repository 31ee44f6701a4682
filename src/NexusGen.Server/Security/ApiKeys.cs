using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using NexusGen.Server.Configuration;

namespace NexusGen.Server.Security;

/// <summary>The keys that requests must bring. They are compared in constant time, whatever their length and however many there are.</summary>
internal sealed class ApiKeys(IOptions<NexusGenServerOptions> options)
{
    private const string Scheme = "Bearer ";

    private static readonly byte[] Salt = Encoding.UTF8.GetBytes("nexusgen.gallery");

    // Hashes, so that all are of one length and none lies about in memory.
    private readonly byte[][] _hashes = [.. options.Value.ApiKeys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    private readonly Dictionary<string, Lazy<string>> _fingerprints = options.Value.ApiKeys.Index().ToDictionary(
        key => NameOf(key.Index),
        key => new Lazy<string>(() => Convert.ToHexStringLower(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(key.Item), Salt, 200_000, HashAlgorithmName.SHA256, 16))));

    /// <summary>Whether keys are asked for at all.</summary>
    public bool AreAsked => _hashes.Length > 0;

    /// <summary>
    /// A name for a client that stays the same whatever the order of the keys, to be stored: slow to make, so that trying keys
    /// against it is slow too. Empty where no keys are asked for.
    /// </summary>
    /// <param name="client">From <see cref="ClientOf"/>.</param>
    public string FingerprintOf(string client) => AreAsked ? _fingerprints[client].Value : "";

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

        return found < 0 ? null : NameOf(found);
    }

    private static string NameOf(int key) => $"key {key}";
}
