using System.Text.Json.Serialization;

namespace NexusGen.Server.Http;

/// <summary>An error in the form of OpenAI's API.</summary>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Type">
/// The kind: <c>invalid_request_error</c>, <c>authentication_error</c>, <c>rate_limit_error</c> or <c>server_error</c>.
/// </param>
/// <param name="Param">The field of the request, or null.</param>
/// <param name="Code">A code for programs, or null.</param>
internal sealed record ErrorDetails(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);

/// <summary>The body of an error response.</summary>
/// <param name="Error">The error.</param>
internal sealed record ErrorBody(ErrorDetails Error);
