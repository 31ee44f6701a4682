using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using NexusGen.Server.Configuration;

namespace NexusGen.Server.Security;

/// <summary>The API keys. They are compared in constant time, independent of their lengths and number.</summary>
internal sealed class ApiKeys(IOptions<NexusGenServerOptions> options)
{
    private const string Scheme = "Bearer ";

    private static readonly byte[] Salt = Encoding.UTF8.GetBytes("nexusgen.gallery");

    // Hashes have one length, and the keys themselves are not kept in memory.
    private readonly byte[][] _hashes = [.. options.Value.ApiKeys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    private readonly Dictionary<string, Lazy<string>> _fingerprints = options.Value.ApiKeys.Index().ToDictionary(
        key => NameOf(key.Index),
        key => new Lazy<string>(() => Fingerprint(key.Item)));

    /// <summary>Gets whether the server has keys.</summary>
    public bool AreRequired => _hashes.Length > 0;

    /// <summary>
    /// Returns a name of a client for storage, which doesn't depend on the order of the keys. It is slow to compute, so that
    /// guessing keys from it is slow too. Empty if the server has no keys.
    /// </summary>
    /// <param name="client">The client, as <see cref="ClientOf"/> returned it.</param>
    public string FingerprintOf(string client) => AreRequired ? _fingerprints[client].Value : "";

    /// <summary>Returns the client of a request.</summary>
    /// <param name="context">The request.</param>
    /// <returns>A name of the client that reveals nothing of its key, or null if the request has no valid key.</returns>
    public string? ClientOf(HttpContext context)
    {
        if (!AreRequired)
        {
            return $"address {context.Connection.RemoteIpAddress}";
        }

        string header = context.Request.Headers[HeaderNames.Authorization].ToString();
        string key = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        byte[] given = SHA256.HashData(Encoding.UTF8.GetBytes(key));
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

    private static string Fingerprint(string key) => Convert.ToHexStringLower(
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(key), Salt, 200_000, HashAlgorithmName.SHA256, 16));

    private static string NameOf(int key) => $"key {key}";
}
