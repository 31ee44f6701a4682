using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace NexusGen.Server.Http;

/// <summary>Reads requests.</summary>
internal static class JsonBody
{
    /// <summary>Reads a body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">What it is.</param>
    /// <exception cref="ApiException">It is of another type, empty, or not this JSON.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        // Also what keeps pages of other addresses out: a browser sends them such a body only after asking.
        if (!context.Request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "The request must have a body of the Content-Type application/json.", "invalid_request_error");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
                ?? throw ApiException.BadRequest("The body is null, but a JSON object is expected.");
        }
        catch (InvalidOperationException)
        {
            // What is no valid Unicode is only found where it becomes a string.
            throw ApiException.BadRequest("The body holds text that is not valid Unicode.");
        }
    }
}
