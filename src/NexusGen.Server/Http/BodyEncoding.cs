using System.Net.Mime;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace NexusGen.Server.Http;

/// <summary>
/// Refuses bodies in a form that is not read here, before anything of them is read: compressed ones, and texts in an encoding
/// other than UTF-8. They would otherwise be reported as malformed, or be misread.
/// </summary>
internal static class BodyEncoding
{
    /// <summary>Handles a request.</summary>
    /// <exception cref="ApiException">The body is in another form (415).</exception>
    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        foreach (string coding in request.Headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding))
        {
            if (!coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            {
                context.Response.Headers.AcceptEncoding = "identity";
                throw Refused($"The body's Content-Encoding {Quoted(coding)} is not read here: send it uncompressed.");
            }
        }

        if (Charset(request) is { Length: > 0 } charset
            && charset.ToLowerInvariant() is not ("utf-8" or "utf8" or "us-ascii" or "ascii"))
        {
            throw Refused($"The body's charset {Quoted(charset)} is not read here: send UTF-8.");
        }

        return next(context);
    }

    // Of texts only: the parameter has no meaning for images.
    private static string? Charset(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
        && (request.HasJsonContentType() || request.HasFormContentType || type.MediaType == MediaTypeNames.Text.Plain)
            ? HeaderUtilities.RemoveQuotes(type.Charset).Value
            : null;

    private static string Quoted(string name) => $"\"{(name.Length <= 40 ? name : name[..40] + "…")}\"";

    private static ApiException Refused(string sentence) =>
        new(StatusCodes.Status415UnsupportedMediaType, sentence, "invalid_request_error", code: "unsupported_encoding");
}
