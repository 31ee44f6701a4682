using Microsoft.AspNetCore.Http;

namespace NexusGen.Server.Http;

/// <summary>What the OpenAPI document says of errors.</summary>
internal static class ErrorResponses
{
    /// <summary>The statuses that any endpoint may answer with, for its metadata.</summary>
    public static object[] Metadata { get; } =
        [.. ((int[])[400, 401, 404, 413, 415, 429, 503, 504]).Select(status => new ProducesResponseTypeMetadata(status, typeof(ErrorBody), ["application/json"]))];
}
