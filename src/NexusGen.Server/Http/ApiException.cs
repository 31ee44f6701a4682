using Microsoft.AspNetCore.Http;

namespace NexusGen.Server.Http;

/// <summary>A request that is refused, as the caller is told.</summary>
internal sealed class ApiException(int status, string message, string type, string? parameter = null, string? code = null, TimeSpan? retryAfter = null)
    : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>What is wrong, as HTTP header and body tell it.</summary>
    public ErrorDetails Details => new(Message, type, parameter, code);

    /// <summary>When to ask again; null where that says nothing.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>A request that can't be understood or is out of bounds.</summary>
    public static ApiException BadRequest(string message, string? parameter = null, string? code = null) =>
        new(StatusCodes.Status400BadRequest, message, "invalid_request_error", parameter, code);

    /// <summary>Something that isn't there.</summary>
    public static ApiException NotFound(string message, string? parameter = null, string? code = null) =>
        new(StatusCodes.Status404NotFound, message, "invalid_request_error", parameter, code);
}
