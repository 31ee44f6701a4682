using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace NexusGen.Server.Http;

/// <summary>Reads JSON bodies.</summary>
internal static class JsonBody
{
    /// <summary>Reads a body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">How it is deserialized.</param>
    /// <exception cref="ApiException">The body has another content type, or is empty or invalid.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        // This also keeps other web pages out: a browser sends such a body for them only after a preflight request.
        if (!context.Request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                "The request must have a body of the Content-Type application/json.",
                "invalid_request_error");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
                ?? throw ApiException.BadRequest("The body is null, but a JSON object is expected.");
        }
        catch (InvalidOperationException)
        {
            // Invalid Unicode is only detected when the text is converted to a string.
            throw ApiException.BadRequest("The body holds text that is not valid Unicode.");
        }
    }
}
