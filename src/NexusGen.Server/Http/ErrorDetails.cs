using System.Text.Json.Serialization;

namespace NexusGen.Server.Http;

/// <summary>An error as OpenAI's API tells it.</summary>
/// <param name="Message">What was wrong, and what to do.</param>
/// <param name="Type">Its kind: <c>invalid_request_error</c>, <c>authentication_error</c>, <c>rate_limit_error</c>, <c>server_error</c>.</param>
/// <param name="Param">Which field it is about; null where it is about none.</param>
/// <param name="Code">A name for programs; null where there is none.</param>
internal sealed record ErrorDetails(
    string Message, string Type, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);

/// <summary>The body of a response that tells of an error.</summary>
/// <param name="Error">The error.</param>
internal sealed record ErrorBody(ErrorDetails Error);
