using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using NexusGen.Server.Http;

namespace NexusGen.Server.Studio;

/// <summary>
/// The files of the studio's page. They are embedded in this library: nothing is built, and nothing is loaded from other servers.
/// </summary>
internal static class StudioPage
{
    private const string Prefix = "NexusGen.Server.Studio.Page.";

    // The page may use only its own scripts and styles, its own server, and images that it holds itself.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        + "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly FrozenDictionary<string, StudioFile> Files = typeof(StudioPage).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenDictionary(name => name[Prefix.Length..], Load);

    /// <summary>Gets the names of all files.</summary>
    public static IEnumerable<string> Names => Files.Keys;

    /// <summary>Sends a file.</summary>
    /// <exception cref="ApiException">The file doesn't exist.</exception>
    public static Task SendAsync(HttpContext context, string name)
    {
        StudioFile file = Files.GetValueOrDefault(name) ?? throw ApiException.NotFound("There is no such file.");
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-cache";
        headers.ETag = file.Tag;
        if (context.Request.Headers.IfNoneMatch == file.Tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        context.Response.ContentType = file.MediaType;
        context.Response.ContentLength = file.Data.Length;
        return context.Response.Body.WriteAsync(file.Data, context.RequestAborted).AsTask();
    }

    private static StudioFile Load(string resource)
    {
        using Stream stream = typeof(StudioPage).Assembly.GetManifestResourceStream(resource)!;
        using var data = new MemoryStream();
        stream.CopyTo(data);
        string type = Path.GetExtension(resource) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        byte[] content = data.ToArray();
        return new StudioFile(content, type, $"W/\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"");
    }

    private sealed record StudioFile(byte[] Data, string MediaType, string Tag);
}
