using Microsoft.AspNetCore.Http;

namespace NexusGen.Server.Http;

/// <summary>Describes errors in the OpenAPI document.</summary>
internal static class ErrorResponses
{
    /// <summary>Gets the metadata of endpoints, with the statuses of their errors.</summary>
    public static object[] Metadata { get; } =
    [
        .. ((int[])[400, 401, 404, 413, 415, 429, 503, 504])
            .Select(status => new ProducesResponseTypeMetadata(status, typeof(ErrorBody), ["application/json"])),
    ];
}
