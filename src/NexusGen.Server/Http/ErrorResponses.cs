using Microsoft.AspNetCore.Http;

namespace NexusGen.Server.Http;

/// <summary>Describes errors in the OpenAPI document.</summary>
internal static class ErrorResponses
{
    /// <summary>
    /// Gets the metadata of all endpoints: errors of keys, web pages, host names, addresses, and of the server.
    /// </summary>
    public static object[] Metadata { get; } = Of(400, 401, 403, 404, 421, 500);

    /// <summary>Gets the additional metadata of endpoints that read a body.</summary>
    public static object[] OfBody { get; } = Of(408, 413, 415);

    /// <summary>Gets the additional metadata of endpoints whose requests wait for the model.</summary>
    public static object[] OfQueue { get; } = [.. OfBody, .. Of(429, 503, 504)];

    private static object[] Of(params int[] statuses) =>
    [
        .. statuses.Select(status => new ProducesResponseTypeMetadata(status, typeof(ErrorBody), ["application/json"])),
    ];
}
