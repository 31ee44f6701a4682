using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace NexusGen.Server.Http;

/// <summary>
/// Compresses the texts of this server: pages, scripts and JSON. Images are compressed already, and events are sent one by one.
/// </summary>
/// <remarks>
/// The provider is created here and not registered, so that the application's own compression keeps its settings. Compression
/// over HTTPS is safe here (BREACH): no response contains a secret together with text that somebody else can choose, and other
/// pages can't send requests with a user's key, because keys are no cookies.
/// </remarks>
internal sealed class TextCompression(IServiceProvider services)
    : ResponseCompressionProvider(services, Options.Create(Settings()))
{
    // Below this length, compression costs more than it saves.
    private const int MinLength = 1024;

    /// <summary>Creates the middleware.</summary>
    /// <param name="services">The services.</param>
    public static Func<RequestDelegate, RequestDelegate> Middleware(IServiceProvider services) => next =>
        new ResponseCompressionMiddleware(next, ActivatorUtilities.CreateInstance<TextCompression>(services)).Invoke;

    /// <inheritdoc/>
    public override bool ShouldCompressResponse(HttpContext context) =>
        context.Response.ContentLength is not < MinLength && base.ShouldCompressResponse(context);

    private static ResponseCompressionOptions Settings()
    {
        var options = new ResponseCompressionOptions
        {
            EnableForHttps = true,
            MimeTypes =
            [
                "application/json", "text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml",
            ],
        };

        // Fast, because images are computed on the same processor.
        const CompressionLevel level = CompressionLevel.Fastest;
        var brotli = new BrotliCompressionProviderOptions { Level = level };
        var gzip = new GzipCompressionProviderOptions { Level = level };
        options.Providers.Add(new BrotliCompressionProvider(Options.Create(brotli)));
        options.Providers.Add(new GzipCompressionProvider(Options.Create(gzip)));
        return options;
    }
}
