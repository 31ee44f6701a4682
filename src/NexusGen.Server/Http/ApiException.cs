using Microsoft.AspNetCore.Http;

namespace NexusGen.Server.Http;

/// <summary>An error of a request, as the client receives it.</summary>
internal sealed class ApiException(
    int status, string message, string type, string? parameter = null, string? code = null, TimeSpan? retryAfter = null)
    : Exception(message)
{
    /// <summary>Gets the HTTP status.</summary>
    public int Status => status;

    /// <summary>Gets the error in the API's form.</summary>
    public ErrorDetails Details => new(Message, type, parameter, code);

    /// <summary>Gets the time after which the client can try again, or null if unknown.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Creates the error of a request that is invalid or exceeds a limit.</summary>
    public static ApiException BadRequest(string message, string? parameter = null, string? code = null) =>
        new(StatusCodes.Status400BadRequest, message, "invalid_request_error", parameter, code);

    /// <summary>Creates the error of something that doesn't exist.</summary>
    public static ApiException NotFound(string message, string? parameter = null, string? code = null) =>
        new(StatusCodes.Status404NotFound, message, "invalid_request_error", parameter, code);
}
